// net.js: shows the offline strip with the time of the data; elements with data-needs-net are disabled meanwhile.
(() => {
  const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  let fresh = clock();
  function tell() {
    const off = !navigator.onLine;
    document.body.dataset.net = off ? "off" : "on";
    document.querySelectorAll("[data-net-time]").forEach((time) => { time.textContent = fresh; });
    document.querySelectorAll("[data-needs-net]").forEach((control) => { control.disabled = off; });
  }
  addEventListener("DOMContentLoaded", tell);
  addEventListener("online", tell);
  addEventListener("offline", tell);
  document.addEventListener("htmx:afterSettle", () => { fresh = clock(); tell(); });
})();
