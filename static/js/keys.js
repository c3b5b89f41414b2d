// Every desk page: single keys press the control that carries them (data-key), "?" lists them.
// Switched off by the user's preference (body.no-keys); never while typing.
(() => {
  "use strict";
  const typing = (el) => el && (el.isContentEditable || (/^(input|textarea|select)$/i.test(el.tagName) && !/^(checkbox|radio)$/.test(el.type)));
  const visible = (el) => !el.disabled && el.getClientRects().length > 0;
  const controls = () => [...document.querySelectorAll("[data-key]")].filter((el) => el.dataset.key && visible(el));
  const CAPS = { space: "Space", enter: "↵" };
  const helpKey = () => document.body.dataset.helpKey || "?";
  const normal = (key) => (key === " " ? "space" : key.toLowerCase());
  const nameOf = (el) => el.dataset.keyName || el.getAttribute("aria-label") ||
    [...el.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join(" ").trim();

  const help = () => {
    const dialog = document.getElementById("keys");
    const list = dialog && dialog.querySelector("[data-key-list]");
    if (!list || dialog.open) return;
    list.replaceChildren();
    const seen = new Set();
    const add = (key, name) => {
      if (seen.has(key + name)) return;
      seen.add(key + name);
      const dt = document.createElement("dt"), cap = document.createElement("kbd"), dd = document.createElement("dd");
      cap.className = "key"; cap.textContent = key; dt.append(cap); dd.textContent = name;
      list.append(dt, dd);
    };
    controls().forEach((el) => add(CAPS[el.dataset.key] || el.dataset.key.toUpperCase(), nameOf(el)));
    document.querySelectorAll("[data-more-keys]").forEach((el) => el.dataset.moreKeys.split("; ").forEach((pair) => {
      const [key, name] = pair.split(": ");
      add(key, name);
    }));
    add(helpKey().toUpperCase(), "This list");
    dialog.showModal();
  };

  // Letters that go astray choose nothing.
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("[data-no-letters]") && event.key.length === 1 && event.key !== " " && !event.ctrlKey) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(document.activeElement)) { document.activeElement.blur(); return; }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (document.body.classList.contains("no-keys")) return;
    if (normal(event.key) === helpKey()) { event.preventDefault(); help(); return; }
    // Enter and Space belong to the focused link or button, if there is one that is not a row.
    const own = event.target.closest && event.target.closest("a, button, summary, input");
    // A key that is held down acts once.
    if (event.repeat && own && event.key === "Enter") event.preventDefault();
    if (own && (event.key === "Enter" || event.key === " ") && !own.matches("[data-row], [data-returned]")) return;
    const wanted = controls().find((el) => normal(el.dataset.key) === normal(event.key));
    if (!wanted) return;
    event.preventDefault();
    if (event.repeat && !wanted.matches("[data-move]")) return;
    if (typing(wanted)) wanted.focus();
    else wanted.click();
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-key-help]")) help(); });
})();
