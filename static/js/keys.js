/* keys.js: keyboard shortcuts. data-key="r" on a link, button or field: pressing R activates it; "mod+k" is ⌘K or Ctrl+K.
   data-go="i" on a link: G then I. Single keys rest inside fields, while Zhuyin composes, and where localStorage.keys is "off". */
(() => {
  let going = 0;
  const find = (name, key) => [...document.querySelectorAll(`[${name}]`)].find((el) => el.getAttribute(name) === key && el.checkVisibility());
  const act = (el) => (el.matches("input, textarea, select") ? el.focus() : el.click());
  const off = () => { try { return localStorage.getItem("keys") === "off"; } catch { return false; } };
  document.addEventListener("keydown", (e) => {
    if (e.isComposing || e.defaultPrevented || e.altKey) return;
    const mod = e.metaKey || e.ctrlKey, key = e.key.toLowerCase();
    const single = !mod && !off() && !e.target.closest("input, textarea, select, [contenteditable]") && !document.querySelector("dialog[open]");
    let target;
    if (mod) target = find("data-key", `mod+${key}`);
    else if (single && key === "g") { going = Date.now(); return; }
    else if (single && Date.now() - going < 1500) target = find("data-go", key);
    else if (single) target = find("data-key", key);
    going = 0;
    if (target) { e.preventDefault(); act(target); }
  });
})();
