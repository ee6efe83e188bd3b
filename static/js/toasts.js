/* toasts.js: passing messages, and refusals beside their cause.
   HX-Trigger: {"toast": {"message": "已結案", "undo": "/url/"}} shows a toast for 6 s; its 復原 posts to `undo`.
   A 422 whose body is a refusal (data-refused) is not swapped: the sentence goes to the nearest [data-refusals], to the open
   sheet, or to the top of the card that asked. Other failures become a toast, and the page keeps what was typed. */
(() => {
  const box = () => document.getElementById("toasts");
  function leave(toast, after) { setTimeout(() => toast.remove(), after); }
  function show({ message, undo }) {
    if (!message) return;
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.append(message);
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = box().dataset.undo;
      button.addEventListener("click", () => { toast.remove(); htmx.ajax("POST", undo, { swap: "none" }); });
      toast.append(button);
    }
    box().append(toast);
    leave(toast, 6000);
  }
  function placeFor(elt) {
    const sheet = elt.closest("dialog[open]"), own = elt.closest("[data-refusals]");
    if (own) return (banner) => own.prepend(banner);
    if (sheet) return (banner) => sheet.querySelector(".sheet__head").after(banner);
    const head = elt.closest(".card")?.querySelector(":scope > .card__head");
    if (head) return (banner) => head.after(banner);
    const page = document.getElementById("refusals") || document.querySelector("main");
    return (banner) => page.prepend(banner);
  }
  document.addEventListener("htmx:beforeSwap", (e) => {
    const { xhr, requestConfig } = e.detail;
    if (xhr.status !== 422) return;
    const banner = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("body > [data-refused]");
    if (!banner) return;
    e.detail.shouldSwap = false;
    document.querySelectorAll("[data-refused]").forEach((old) => old.remove());
    const mine = document.importNode(banner, true);
    placeFor(requestConfig.elt)(mine);
    mine.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:beforeRequest", (e) => e.detail.requestConfig.verb !== "get" && document.querySelectorAll("[data-refused]").forEach((old) => old.remove()));
  document.addEventListener("toast", (e) => show(e.detail));
  document.addEventListener("htmx:responseError", (e) => e.detail.xhr.status !== 422 && show({ message: box().dataset.failed }));
  document.addEventListener("htmx:sendError", () => show({ message: navigator.onLine ? box().dataset.failed : box().dataset.offline }));
  addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-toast]").forEach((toast) => leave(toast, 6000)));
})();
