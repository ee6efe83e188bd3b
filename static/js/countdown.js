// countdown.js: tells how long is left until the time of a <time data-countdown>, in the words that it carries.
(() => {
  const [MINUTE, HOUR, DAY] = [60, 3600, 86400];
  const clocks = document.querySelectorAll("[data-countdown]");
  function words(clock, left) {
    if (left <= 0) return clock.dataset.over;
    const parts = { d: Math.floor(left / DAY), h: Math.floor((left % DAY) / HOUR), m: Math.floor((left % HOUR) / MINUTE), s: left % MINUTE };
    const shape = left >= DAY ? "days" : left >= HOUR ? "hours" : "minutes";
    return clock.dataset[shape].replace(/\{(\w)\}/g, (_whole, name) => parts[name]);
  }
  function tell() {
    clocks.forEach((clock) => { clock.textContent = words(clock, Math.ceil((new Date(clock.dateTime) - Date.now()) / 1000)); });
  }
  tell();
  setInterval(tell, 1000);
})();
