// Every page of staff: words that were typed and not accepted yet come back after a reload, a session
// that ended, or a form that was too old. Kept in this tab, by person, form and field.
(() => {
  "use strict";
  const reader = document.body.dataset.reader;
  if (!reader) return;
  const MINE = `words:${reader}:`, SENT = "words-sent";
  const FIELDS = "textarea[name], input[name=comment], input[name=reason]:not([type=hidden])";
  const key = (field) => {
    const action = field.form?.method === "post" && field.form.getAttribute("action");
    return action ? `${MINE}${new URL(action, location.href).pathname}#${field.id || field.name}` : null;
  };
  const fieldsIn = (root) => [...root.querySelectorAll(FIELDS)].filter(key);
  const forget = (keys) => keys.forEach((one) => sessionStorage.removeItem(one));
  const all = () => Object.keys(sessionStorage).filter((one) => one.startsWith("words:"));

  const bringBack = (root) => {
    const back = fieldsIn(root).filter((field) => !field.value && sessionStorage.getItem(key(field)));
    back.forEach((field) => { field.value = sessionStorage.getItem(key(field)); });
    if (!back.length) return;
    // A form that opens by a button is shown with its words.
    const form = back.at(-1).form, focused = document.activeElement;
    if (form.hidden) document.querySelector(`[data-opens="${CSS.escape(form.id)}"]`)?.click();
    // The keys stay the page's: nobody has asked to write.
    if (focused === document.body) document.activeElement.blur();
    else focused.focus();
    window.growmies.announce("The words that you typed are still here.");
  };

  document.addEventListener("input", (event) => {
    const at = event.target.matches(FIELDS) && key(event.target);
    if (!at) return;
    if (event.target.value.trim()) sessionStorage.setItem(at, event.target.value);
    else sessionStorage.removeItem(at);
  });
  // A form that htmx sends: its answer says whether it was accepted.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig?.elt?.closest?.("form"); // swapped out of the page by now
    if (form && event.detail.xhr.status < 400) forget(fieldsIn(form).map(key));
  });
  document.addEventListener("htmx:afterSettle", (event) => bringBack(event.target));
  // One that the browser sends: the page that comes next says it, where it comes from this page.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-signs-out]")) { forget(all()); return; }
    if (form.hasAttribute("hx-post")) return;
    sessionStorage.setItem(SENT, JSON.stringify({ from: location.href, keys: fieldsIn(form).map(key) }));
  });
  const sent = JSON.parse(sessionStorage.getItem(SENT) || "null");
  sessionStorage.removeItem(SENT);
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus || 200;
  if (sent && document.referrer === sent.from && status < 400) forget(sent.keys);
  bringBack(document);
})();
