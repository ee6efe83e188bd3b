// scan.js: a code that was scanned is looked up; without a net it waits on the tablet until it can be sent.
// What waits is only the code, the amount if typed, the time, the tablet's number and the scan's own; one list for each person.
(() => {
  const form = document.querySelector("[data-scan]");
  if (!form) return;
  const field = form.elements.code;
  const amount = form.elements.amount;
  const { sync, worker } = form.dataset;
  const owner = form.dataset.owner || localStorage.getItem("scan-owner") || "";
  if (form.dataset.owner) localStorage.setItem("scan-owner", owner);
  const mine = `scan:${owner}:`;
  const PERSONAL = /^(\d{16}|(\+?886|0)9\d{8})$/; // a member's number or telephone is not kept here
  let sending = false;

  const all = () => Object.keys(localStorage).filter((key) => key.startsWith("scan:"));
  const waiting = () => all().filter((key) => key.startsWith(mine)).map((key) => JSON.parse(localStorage.getItem(key))).sort((a, b) => a.at.localeCompare(b.at));
  const show = (name, is) => document.querySelectorAll(`[data-scan-${name}]`).forEach((part) => { part.hidden = !is; });
  function device() {
    if (!localStorage.getItem("scan-device")) localStorage.setItem("scan-device", crypto.randomUUID());
    return localStorage.getItem("scan-device");
  }
  function draw() {
    const scans = waiting();
    const others = all().length - scans.length;
    show("waiting", scans.length);
    show("others", others);
    document.querySelectorAll("[data-scan-count]").forEach((place) => { place.textContent = scans.length; });
    document.querySelectorAll("[data-scan-foreign]").forEach((place) => { place.textContent = others; });
    const list = document.querySelector("[data-scan-list]");
    list.replaceChildren(...scans.map((scan) => {
      const row = document.querySelector("[data-scan-row]").content.firstElementChild.cloneNode(true);
      row.querySelector("[data-code]").textContent = scan.code;
      row.querySelector("time").textContent = new Date(scan.at).toLocaleString(document.documentElement.lang, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Taipei" });
      row.querySelector("button").addEventListener("click", () => { localStorage.removeItem(mine + scan.id); draw(); });
      return row;
    }));
  }
  function keep(code) {
    const personal = PERSONAL.test(code.replace(/[\s-]/g, ""));
    show("personal", personal);
    if (personal || code.length < 4) return;
    const id = crypto.randomUUID();
    const scan = { id, device: device(), code: code.slice(0, 60), amount: Number(amount?.value) || 0, at: new Date().toISOString() };
    localStorage.setItem(mine + id, JSON.stringify(scan));
    draw();
  }
  async function send() {
    const scans = waiting();
    if (!sync || sending || !scans.length || !navigator.onLine) return;
    sending = true;
    try {
      const answer = await fetch(sync, {
        method: "POST", redirect: "manual", body: JSON.stringify({ owner, scans }),
        headers: { "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) },
      });
      show("signin", answer.type === "opaqueredirect" || answer.status === 403);
      if (!answer.ok) return;
      const { answers } = await answer.json();
      answers.forEach((each) => localStorage.removeItem(mine + each.id));
      show("refused", answers.some((each) => each.state !== "accepted"));
      show("confirmed", answers.every((each) => each.state === "accepted"));
      htmx.trigger("#rows", "scans-sent");
    } catch { /* no net after all: they go on waiting */ } finally {
      sending = false;
      draw();
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = field.value.trim();
    if (!code) return;
    const url = `${form.action}?${new URLSearchParams({ code })}`;
    try {
      if (!sync || !navigator.onLine) throw new Error("offline");
      await fetch(url, { signal: AbortSignal.timeout(4000) });
      location.assign(url);
    } catch {
      keep(code);
      field.value = "";
      if (amount) amount.value = "";
      field.focus();
    }
  });
  // A scanner that types like a keyboard is heard wherever the focus lies.
  addEventListener("keydown", (event) => {
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select, dialog")) field.focus();
  });
  addEventListener("online", () => (sync ? send() : location.replace(form.action)));
  if (sync) setInterval(send, 20000);
  if (worker && navigator.serviceWorker) navigator.serviceWorker.register(worker, { scope: form.getAttribute("action") });
  draw();
  send();
})();
