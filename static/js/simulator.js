/* simulator.js: the phone's small behaviours.
   data-css='{"color":"#…"}'   styles of a Flex component, set here because the policy allows no style attribute
   data-scroll-end             keeps the chat at its end unless the reader scrolled up
   data-clears                 empties a form after it was sent; data-enter-sends sends on Enter, not while composing
   data-top-url                leaves the in-app browser for the phone; data-browser-close is where its × leads */
(() => {
  const END = 80;
  let atEnd = true;
  function paint(root) {
    root.querySelectorAll("[data-css]").forEach((el) => {
      const press = el.classList.contains("fx-button");
      for (const [name, value] of Object.entries(JSON.parse(el.dataset.css))) {
        if (press && name === "color") el.style.setProperty(el.matches(".fx-style-primary, .fx-style-secondary") ? "--fx-press" : "color", value);
        else if (name === "line-clamp") Object.assign(el.style, { display: "-webkit-box", webkitBoxOrient: "vertical", webkitLineClamp: value });
        else el.style.setProperty(name, value);
      }
      el.removeAttribute("data-css");
    });
  }
  const end = (box) => { box.scrollTop = box.scrollHeight; };
  const thread = () => document.querySelector("[data-scroll-end]");
  function settle() {
    paint(document);
    const box = thread();
    if (!box) return;
    if (atEnd) end(box);
    box.querySelectorAll("img").forEach((img) => img.complete || img.addEventListener("load", () => atEnd && end(box), { once: true }));
  }
  document.addEventListener("htmx:beforeSwap", () => {
    const box = thread();
    if (box) atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END;
  });
  document.addEventListener("htmx:afterSwap", settle);
  document.addEventListener("htmx:afterRequest", (e) => {
    const form = e.detail.elt;
    if (!e.detail.successful || form.tagName !== "FORM") return;
    form.closest("details[open]")?.removeAttribute("open");
    if (!("clears" in form.dataset)) return;
    form.querySelectorAll("textarea, input[type=file]").forEach((field) => { field.value = ""; });
    const box = thread();
    if (box) { atEnd = true; end(box); }
  });
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || !e.target.matches("[data-enter-sends]")) return;
    e.preventDefault();
    e.target.form.requestSubmit();
  });
  addEventListener("message", (e) => {
    const close = document.querySelector("[data-browser-close]");
    if (e.data === "simulator-close" && close) location.assign(close.href);
  });
  addEventListener("DOMContentLoaded", () => {
    const leave = document.querySelector("[data-top-url]");
    if (leave) { top.location.href = leave.dataset.topUrl; return; }
    settle();
  });
})();
