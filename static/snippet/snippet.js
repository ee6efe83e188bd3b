/* Regulars: remembers the link a visitor came by and reports the pages they look at.
   <script src="https://your-regulars/snippet.js" async></script>
   On a product's page: <main data-product="coat-01">. With an order, send
   window.regulars.reference() along. Nothing here may ever break the page. */
(function () {
  "use strict";
  try {
    var script = document.currentScript;
    var home = script ? new URL(script.src).origin : "";
    var DAY = 86400;

    var read = function (name) {
      try {
        var found = document.cookie.match("(?:^|; )" + name + "=([^;]*)");
        return found ? decodeURIComponent(found[1]) : "";
      } catch (error) {
        return "";
      }
    };
    var write = function (name, value, days) {
      try {
        document.cookie = name + "=" + encodeURIComponent(value) + "; path=/; max-age=" +
          days * DAY + "; SameSite=Lax" + (location.protocol === "https:" ? "; Secure" : "");
      } catch (error) { /* a page without cookies */ }
    };
    // A random UUID; crypto.randomUUID is missing on plain http.
    var uuid = function () {
      var bytes = crypto.getRandomValues(new Uint8Array(16));
      bytes[6] = (bytes[6] & 15) | 64;
      bytes[8] = (bytes[8] & 63) | 128;
      var hex = Array.prototype.map.call(bytes, function (byte) {
        return (byte + 256).toString(16).slice(1);
      }).join("");
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    };

    var reference = function () {
      return read("rg");
    };
    var visitor = function () {
      var known = read("rg_visitor");
      if (!known) {
        known = uuid();
      }
      write("rg_visitor", known, 400);
      return known;
    };
    // Report a look at a page; `product` is the code, if it is a product's page.
    var view = function (product) {
      try {
        var body = JSON.stringify({
          id: uuid(),
          visitor: visitor(),
          path: location.pathname.slice(0, 300),
          product: product || "",
          reference: reference()
        });
        if (!(navigator.sendBeacon && navigator.sendBeacon(home + "/collect", body))) {
          fetch(home + "/collect", {
            method: "POST", body: body, mode: "no-cors", keepalive: true, credentials: "omit"
          }).catch(function () {});
        }
      } catch (error) { /* the page goes on */ }
    };
    var start = function () {
      try {
        var shown = document.querySelector("[data-product]");
        view(shown ? shown.getAttribute("data-product") : "");
      } catch (error) { /* the page goes on */ }
    };

    var came = new URLSearchParams(location.search).get("rg");
    if (came && /^[0-9A-Za-z_-]{1,40}$/.test(came)) {
      write("rg", came, 30);
    }
    window.regulars = { reference: reference, visitor: visitor, view: view };
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", start);
    } else {
      start();
    }
  } catch (error) { /* the page goes on */ }
})();
