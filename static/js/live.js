/* live.js: turns the server's notices into DOM events that htmx elements wait for.
   <meta name="live-url" content="…/live/"> names the stream. A notice is JSON {"topic", "event", …ids}; on <body> it fires
     live:<event>                 hx-trigger="live:message from:body"
     live:<event>:<topic>         hx-trigger="live:message:conversation:42 from:body"
   with the notice as detail. live:poll fires at once after a resync, and every 15 s while the stream has been down for 10 s:
   an element that lists both stays fresh either way. */
(() => {
  const url = document.querySelector('meta[name="live-url"]')?.content;
  if (!url) return;
  const GRACE = 10_000, EVERY = 15_000, RETRY = 5_000;
  let stream, grace, polling, retry;
  const fire = (name, detail = {}) => document.body.dispatchEvent(new CustomEvent(name, { detail }));
  const poll = () => document.visibilityState === "visible" && fire("live:poll");

  function hear(text) {
    let notice;
    try { notice = JSON.parse(text); } catch { return; }
    if (!notice.event) return;
    if (notice.event === "resync") return poll();
    fire(`live:${notice.event}`, notice);
    if (notice.topic) fire(`live:${notice.event}:${notice.topic}`, notice);
  }
  function up() {
    clearTimeout(grace); clearInterval(polling);
    const wasDown = polling !== undefined;
    grace = polling = undefined;
    document.body.dataset.live = "on";
    if (wasDown) poll();
  }
  function down() {
    if (grace || polling) return;
    grace = setTimeout(() => {
      grace = undefined;
      document.body.dataset.live = "poll";
      poll();
      polling = setInterval(poll, EVERY);
    }, GRACE);
  }
  function open() {
    clearTimeout(retry);
    stream?.close();
    stream = new EventSource(url, { withCredentials: true });
    stream.onopen = up;
    stream.onmessage = (e) => hear(e.data);
    stream.addEventListener("resync", poll);
    stream.onerror = () => {
      down();
      if (stream.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY);   // an answer other than a stream: the browser gives up, we do not
    };
  }
  addEventListener("DOMContentLoaded", () => { down(); open(); });
  addEventListener("online", open);
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (e) => e.persisted && open());
  document.addEventListener("visibilitychange", () => polling && poll());
})();
