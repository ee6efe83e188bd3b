/* simulator-liff.js: stands in for LINE's LIFF SDK; served at /liff/sdk.js. Tokens come in the fragment when a phone opens
   the app and are kept for this tab; what followed the app's id comes in liff.state and makes the second redirect. */
(() => {
  const home = new URL(".", document.currentScript.src).href;           // …/liff/
  let app = "", tokens = {};
  const key = () => `simulator-liff:${app}`;
  const read = () => { try { return JSON.parse(sessionStorage.getItem(key())) || {}; } catch { return {}; } };
  const payload = (jwt) => {
    const base64 = jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))));
  };
  function takeFragment() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (given.get("liff_id") !== app || !given.get("id_token")) return;
    tokens = { id: given.get("id_token"), access: given.get("access_token") };
    try { sessionStorage.setItem(key(), JSON.stringify(tokens)); } catch { /* private window: the tokens live with the page */ }
    history.replaceState(null, "", location.pathname + location.search);
  }
  function secondRedirect() {
    const url = new URL(location.href), state = url.searchParams.get("liff.state");
    if (!state) return false;
    url.searchParams.delete("liff.state");
    const base = url.origin + (state.startsWith("/") ? url.pathname.replace(/\/$/, "") : url.pathname);
    const more = new URL(base + state);
    url.searchParams.forEach((value, name) => more.searchParams.has(name) || more.searchParams.append(name, value));
    location.replace(more.href);
    return true;
  }
  const closed = () => {
    if (window.parent !== window) window.parent.postMessage("simulator-close", "*");
    else window.close();
  };
  window.liff = {
    id: null,
    ready: Promise.resolve(),
    async init({ liffId }, done, failed) {
      if (!liffId) { const error = Object.assign(new Error("liffId is necessary for liff.init()"), { code: "INVALID_CONFIG" }); failed?.(error); throw error; }
      app = this.id = liffId;
      tokens = read();
      takeFragment();
      if (secondRedirect()) return new Promise(() => {});
      done?.();
    },
    isLoggedIn: () => Boolean(tokens.id),
    isInClient: () => window.parent !== window,
    getOS: () => "web",
    getLanguage: () => navigator.language,
    getVersion: () => "2.27.0",
    getIDToken: () => tokens.id ?? null,
    getDecodedIDToken: () => (tokens.id ? payload(tokens.id) : null),
    getAccessToken: () => tokens.access ?? null,
    async getProfile() {
      const answer = await fetch(new URL("../v2/profile", home), { headers: { Authorization: `Bearer ${tokens.access}` } });
      if (!answer.ok) throw Object.assign(new Error("unauthorized"), { code: "UNAUTHORIZED" });
      return answer.json();
    },
    async getFriendship() {
      const answer = await fetch(new URL("../friendship/v1/status", home), { headers: { Authorization: `Bearer ${tokens.access}` } });
      return answer.json();
    },
    login({ redirectUri } = {}) { location.assign(`${home}${app}/sign-in?redirect_uri=${encodeURIComponent(redirectUri || location.href)}`); },
    logout() { tokens = {}; try { sessionStorage.removeItem(key()); } catch { /* nothing was kept */ } },
    openWindow: ({ url }) => location.assign(url),
    closeWindow: closed,
  };
})();
