/* liff.js: on the page that LIFF opens, ask LINE's script who it is and hand the id token in; outside LINE it signs in first. */
(() => {
  const form = document.querySelector("form[data-liff]");
  if (!form) return;
  const fail = () => {
    form.querySelector("[data-liff-waiting]").hidden = true;
    form.querySelector("[data-liff-failed]").hidden = false;
  };
  if (!window.liff) return fail();
  window.liff.init({ liffId: form.dataset.liff }).then(() => {
    if (!window.liff.isLoggedIn()) return window.liff.login({ redirectUri: location.href });
    const token = window.liff.getIDToken();
    if (!token) return fail();
    form.elements.id_token.value = token;
    form.submit();
  }).catch(fail);
})();
