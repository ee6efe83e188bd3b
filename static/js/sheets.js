/* sheets.js: dialogs, menus and steppers.
   data-open="id" opens the dialog (after htmx filled it, if the opener also loads), data-close closes it; focus returns to
   the opener. data-step="±1" moves the number input (or output) beside it. data-view-to="list|conversation" switches panes. */
(() => {
  const openers = new WeakMap();
  function open(dialog, opener) {
    if (!dialog || dialog.open) return;
    openers.set(dialog, opener);
    dialog.showModal();
    dialog.addEventListener("close", () => openers.get(dialog)?.focus?.(), { once: true });
  }
  function step(button) {
    const box = button.parentElement.querySelector("input, output");
    const low = +(box.min || button.parentElement.dataset.min || 1), high = +(box.max || button.parentElement.dataset.max || 99);
    box.value = Math.min(high, Math.max(low, +box.value + +button.dataset.step));
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
  document.addEventListener("click", (e) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => menu.contains(e.target) || menu.removeAttribute("open"));
    if (e.target.matches("dialog.sheet")) return e.target.close();      // the scrim belongs to the dialog itself
    const t = e.target.closest("[data-open], [data-close], [data-step], [data-view-to]");
    if (!t) return;
    if ("close" in t.dataset) t.closest("dialog")?.close();
    if (t.dataset.step) step(t);
    if (t.dataset.viewTo) { if (t.hash !== undefined && t.getAttribute("href")?.startsWith("#")) e.preventDefault(); document.body.dataset.view = t.dataset.viewTo; }
    if (t.dataset.open && !t.hasAttribute("hx-get")) { e.preventDefault(); open(document.getElementById(t.dataset.open), t); }
  });
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { menu.removeAttribute("open"); menu.querySelector("summary").focus(); });
  });
  document.addEventListener("htmx:afterSwap", (e) => {
    const opener = e.detail.requestConfig?.elt;
    if (opener?.dataset.open) open(document.getElementById(opener.dataset.open), opener);
  });
  document.addEventListener("sheet-close", () => document.querySelectorAll("dialog[open]").forEach((d) => d.close()));   // HX-Trigger: sheet-close
})();
