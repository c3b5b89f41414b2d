// Pages with decisions: what decides ([data-decides] button) is deaf to the pointer for a moment after a swap
// or a load, and after a swap until the pointer has moved: a second click decides nothing about the next one.
(() => {
  "use strict";
  const DEAF_MS = 700, MOVED_PX = 4;
  let at = null, from = null, timer = null, byPointer = false;
  // Gray as long as it is deaf; after a key, which it hears, only faint for the moment.
  const look = () => document.body.classList.toggle("unmoved", Boolean(from) && byPointer);
  const disarm = () => {
    from = at;
    look();
    document.body.classList.add("disarmed");
    clearTimeout(timer);
    timer = setTimeout(() => document.body.classList.remove("disarmed"), DEAF_MS);
  };
  const moved = (event) => {
    at = { x: event.clientX, y: event.clientY };
    if (from && Math.hypot(at.x - from.x, at.y - from.y) > MOVED_PX) { from = null; look(); }
  };
  document.addEventListener("pointerdown", () => { byPointer = true; }, { capture: true, passive: true });
  document.addEventListener("keydown", () => { byPointer = false; look(); }, { capture: true, passive: true });
  ["pointermove", "pointerdown"].forEach((name) =>
    document.addEventListener(name, moved, { capture: true, passive: true }));
  document.addEventListener("click", (event) => {
    const byKey = event.detail === 0;
    const deaf = from || document.body.classList.contains("disarmed");
    if (byKey || !deaf || !event.target.closest("[data-decides] button")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    window.growmies.announce("Nothing was decided: this is the next one. Move the pointer first.");
  }, true);
  document.addEventListener("DOMContentLoaded", disarm);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.querySelector?.("[data-decides]")) disarm();
  });
})();
