{% load static %}// The tablet's copy of the scan page for when there is no net: that page and its files, nothing else.
const SHELL = "{% url 'helper:scan_shell' %}";
const FILES = [
  "{% static 'js/theme.js' %}", "{% static 'js/net.js' %}", "{% static 'js/scan.js' %}", "{% static 'js/camera.js' %}",
  "{% static 'js/sheets.js' %}", "{% static 'js/toasts.js' %}", "{% static 'vendor/htmx-2.0.11.min.js' %}",
  "{% static 'css/tokens.css' %}", "{% static 'css/components.css' %}", "{% static 'css/hues.css' %}",
  "{% static 'css/helper.css' %}", "{% static 'css/scan.css' %}", "{% static 'icons.svg' %}", "{% static 'vendor/jsqr-1.4.0.js' %}",
];
const CACHE = "scan:" + FILES.join();
addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([SHELL, ...FILES])));
});
addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)))));
});
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(SHELL)));
  else if (FILES.includes(new URL(request.url).pathname)) event.respondWith(caches.match(request, { ignoreSearch: true }).then((kept) => kept || fetch(request)));
});
