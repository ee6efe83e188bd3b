/* desk.js: the conversation page. Gives each message an id before it leaves and draws its bubble at once; keeps the thread
   at its end and unsent text on this device; counts waiting minutes on. Without it the forms still work, a page at a time. */
(() => {
  const thread = () => document.getElementById("thread");
  const toEnd = () => { const t = thread(); if (t) t.scrollTop = t.scrollHeight; };
  let follow = true;

  const uuid = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (+c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> +c / 4).toString(16));

  function draw(form, id) {
    const text = form.querySelector("textarea[name=text]")?.value.trim();
    const shape = document.getElementById("bubble");
    if (!text || !shape || !thread()) return;
    const bubble = shape.content.firstElementChild.cloneNode(true);
    bubble.id = `m-${id}`;
    bubble.querySelector(".bubble").textContent = text;
    thread().append(bubble);
    toEnd();
  }

  document.addEventListener("htmx:configRequest", (e) => {
    const form = e.detail.elt;
    if (!form.matches?.("[data-composer]")) return;
    const id = form.querySelector("[name=client_id]").value || uuid();
    form.querySelector("[name=client_id]").value = id;
    e.detail.parameters.set?.("client_id", id) ?? (e.detail.parameters.client_id = id);
    if (!document.getElementById(`m-${id}`)) draw(form, id);
  });

  document.addEventListener("htmx:afterRequest", (e) => {
    const form = e.detail.elt;
    if (!form.matches?.("[data-composer], [data-closes]")) return;
    const id = form.querySelector("[name=client_id]")?.value;
    if (e.detail.successful) {
      form.reset();
      if (id) form.querySelector("[name=client_id]").value = "";
      const area = form.querySelector("textarea[data-draft]");
      if (area) localStorage.removeItem(`draft-${area.dataset.draft}`);
      if ("closes" in form.dataset) form.closest("dialog")?.close();
      document.body.dispatchEvent(new CustomEvent("live:delivery"));
    } else if (id && e.detail.xhr?.status >= 400) {
      document.getElementById(`m-${id}`)?.remove();                 // refused: the text is still in the field
    } else if (id) {
      const bubble = document.getElementById(`m-${id}`);
      if (!bubble) return;
      bubble.dataset.state = "failed";                              // no network: the same id goes again
      const words = bubble.querySelector(".state[data-failed]");
      if (words) words.textContent = words.dataset.failed;
    }
  });

  document.addEventListener("htmx:beforeSwap", (e) => {
    const t = thread();
    if (t && e.detail.target === t) follow = t.scrollHeight - t.scrollTop - t.clientHeight < 80;
  });
  document.addEventListener("htmx:afterSettle", (e) => { if (e.detail.target === thread() && follow) toEnd(); });

  document.addEventListener("input", (e) => {
    const key = e.target.dataset?.draft;
    if (key) localStorage.setItem(`draft-${key}`, e.target.value);
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.metaKey || e.ctrlKey) && !e.isComposing && e.target.matches?.(".composer textarea")) {
      e.preventDefault();
      e.target.form.requestSubmit();
    }
  });
  addEventListener("DOMContentLoaded", () => {
    toEnd();
    document.querySelectorAll("textarea[data-draft]").forEach((area) => {
      const saved = localStorage.getItem(`draft-${area.dataset.draft}`);
      const given = new URLSearchParams(location.search).get("draft");
      if (!area.value) area.value = given || saved || "";
    });
    document.querySelectorAll(".row[aria-current]").forEach((row) => row.scrollIntoView({ block: "nearest" }));
  });
})();
