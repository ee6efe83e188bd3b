/* Regulars: remembers the link a visitor came by; reports views, searches, carts.
   <script src="https://your-regulars/snippet.js" async></script>
   On a page: data-product="coat-01", data-search="words searched", data-cart='{"SKU":1}',
   data-member="token". data-consent="wait" on the script: nothing before consent(true).
   With an order, send regulars.reference() along. Nothing here may break the page. */
(function () {
  "use strict";
  var safe = function (work) {
    return function (a, b, c) {
      try { return work(a, b, c); } catch (error) { return ""; }
    };
  };
  safe(function () {
    var script = document.currentScript;
    var home = script ? new URL(script.src).origin : "";
    var waiting = [];
    var timer = 0;

    var read = safe(function (name) {
      var found = document.cookie.match("(?:^|; )" + name + "=([^;]*)");
      return found ? decodeURIComponent(found[1]) : "";
    });
    var write = safe(function (name, value, days) {
      document.cookie = name + "=" + encodeURIComponent(value) + "; path=/; max-age=" +
        days * 86400 + "; SameSite=Lax" + (location.protocol === "https:" ? "; Secure" : "");
    });
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

    var waits = script && script.getAttribute("data-consent") === "wait";
    var said = "";
    var allowed = function () {
      var answer = said || read("rg_consent");
      return waits ? answer === "1" : answer !== "0";
    };
    var reference = function () {
      return allowed() ? read("rg") : "";
    };
    var visitor = function () {
      if (!allowed()) {
        return "";
      }
      var known = read("rg_visitor") || uuid();
      write("rg_visitor", known, 400);
      return known;
    };
    var flush = safe(function () {
      timer = 0;
      if (!waiting.length) {
        return;
      }
      var body = JSON.stringify({
        visitor: visitor(), reference: reference(), events: waiting.splice(0, 20)
      });
      if (!(navigator.sendBeacon && navigator.sendBeacon(home + "/collect", body))) {
        fetch(home + "/collect", {
          method: "POST", body: body, mode: "no-cors", keepalive: true, credentials: "omit"
        }).catch(function () {});
      }
      flush();
    });
    var report = function (kind, facts) {
      if (allowed()) {
        facts.id = uuid();
        facts.kind = kind;
        waiting.push(facts);
        timer = timer || setTimeout(flush, 250);
      }
    };
    var pieces = function (kind) {
      return safe(function (sku, quantity) {
        var each = {};
        each[sku] = quantity || 1;
        report(kind, { pieces: each });
      });
    };
    var view = safe(function (product) {
      report("view", { path: location.pathname.slice(0, 300), product: product || "" });
    });
    var search = safe(function (term) {
      report("search", { term: String(term).slice(0, 200) });
    });
    var cart = safe(function (skus) {
      report("cart", { pieces: typeof skus === "string" ? JSON.parse(skus) : skus });
    });
    var identify = safe(function (token) {
      report("login", { token: token });
    });
    var start = safe(function () {
      var told = function (name, then) {
        var shown = document.querySelector("[data-" + name + "]");
        var value = shown && shown.getAttribute("data-" + name);
        return value && then ? then(value) : value;
      };
      var came = new URLSearchParams(location.search).get("rg");
      if (came && /^[0-9A-Za-z_-]{1,40}$/.test(came)) {
        write("rg", came, 30);
      }
      view(told("product"));
      told("search", search);
      told("cart", cart);
      told("member", identify);
    });
    // Yes begins what the page waits with; no forgets all, on later pages too.
    var consent = safe(function (given) {
      var begins = given && !allowed();
      said = given ? "1" : "0";
      if (!given) {
        waiting = [];
        write("rg", "", 0);
        write("rg_visitor", "", 0);
      }
      write("rg_consent", said, 400);
      if (begins) {
        start();
      }
    });
    window.regulars = {
      reference: reference, visitor: visitor, view: view, search: search, cart: cart,
      added: pieces("cart_added"), removed: pieces("cart_removed"),
      identify: identify, consent: consent
    };
    addEventListener("pagehide", flush);
    var ready = function () {
      if (allowed()) {
        start();
      }
    };
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", ready);
    } else {
      ready();
    }
  })();
})();
