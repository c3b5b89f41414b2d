// /inbox/: looking through the list by keys, keeping the place while rows come and go, and how old the list is.
(() => {
  "use strict";
  const LOOK_AFTER_MS = 150;
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const looked = () => document.querySelector("[data-look]")?.dataset.look;
  let cursor = looked(), listed = false, tapped = false, place = 0, lookTimer = null, updated = Date.now();

  // What is not looked at yet is not claimed by its key.
  const disarm = () => document.querySelectorAll("#look [data-key]").forEach((act) => act.removeAttribute("data-key"));
  const mark = () => {
    const all = rows();
    all.forEach((row, at) => {
      if (row.dataset.row === cursor) { row.setAttribute("aria-current", "true"); place = at; } else row.removeAttribute("aria-current");
    });
    return all;
  };
  const look = (row) => window.htmx.ajax("GET", row.getAttribute("href"), { target: "#look", swap: "innerHTML" });
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.dataset.row === cursor);
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? place : at + step))];
    cursor = next.dataset.row;
    mark();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    if (cursor !== looked()) disarm();
    clearTimeout(lookTimer);
    lookTimer = setTimeout(() => look(next), LOOK_AFTER_MS);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(Number(button.dataset.move));
    const row = event.target.closest("[data-row]");
    if (row) tapped = matchMedia("(max-width: 860px)").matches;  // there it stands above the list
    if (row) { cursor = row.dataset.row; if (cursor !== looked()) disarm(); mark(); }
  });
  // Enter is the look's own button, also while a row has the focus.
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.key !== "Enter" || event.repeat || !event.target.matches?.("[data-row]") || document.body.classList.contains("no-keys")) return;
    if (event.target.dataset.row !== looked()) return;
    const act = document.querySelector("#look [data-key]");
    if (act) { event.preventDefault(); act.click(); }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "look" && tapped) { tapped = false; event.target.scrollIntoView({ block: "start" }); }
    if (event.target.id !== "inbox-rows") return;
    const all = mark();
    if (all.some((row) => row.dataset.row === cursor)) listed = true;
    else if (!listed) return;  // opened by its address, and folded away
    // What was looked at was decided, or went to somebody else: the one in its place follows.
    if (all.length && !all.some((row) => row.dataset.row === cursor)) {
      const next = all[Math.min(place, all.length - 1)];
      cursor = next.dataset.row;
      mark();
      look(next);
    } else if (!all.length && looked()) document.getElementById("look").replaceChildren();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.elt?.id === "inbox-rows") updated = Date.now();
  });
  setInterval(() => {
    const line = document.querySelector("[data-updated]"), seconds = Math.round((Date.now() - updated) / 1000);
    const words = seconds < 3 ? "Updated just now" : `Updated ${seconds} s ago`;
    if (line && !document.hidden && line.textContent !== words) line.textContent = words;
  }, 1000);
  listed = mark().some((row) => row.dataset.row === cursor);
})();
