// Before pictures.js: how a picture lies in its frame. Steps around the pointer, moved on both axes by
// drag, wheel, arrow keys and pinch, turned by quarters; a double click fits it again.
(() => {
  "use strict";
  const STEPS = [1, 1.5, 2, 3, 4, 6], MOST = STEPS.at(-1);
  const KEY_MOVES = 0.25, CLICK_MOVES_PX = 4, LINE_PX = 16;
  let frame = null, img = null;
  let scale = 1, x = 0, y = 0, turn = 0;
  let pointer = null; // where over the frame, from its middle

  const between = (value, least, most) => Math.max(least, Math.min(most, value));
  const size = () => {
    const [wide, high] = turn % 2 ? [img.naturalHeight, img.naturalWidth] : [img.naturalWidth, img.naturalHeight];
    const fit = Math.min(frame.clientWidth / wide, frame.clientHeight / high);
    return { fit, wide: wide * fit * scale, high: high * fit * scale };
  };
  const draw = () => {
    const { fit, wide, high } = size();
    const [overX, overY] = [(wide - frame.clientWidth) / 2, (high - frame.clientHeight) / 2];
    x = overX > 0 ? between(x, -overX, overX) : 0;
    y = overY > 0 ? between(y, -overY, overY) : 0;
    img.style.width = `${img.naturalWidth * fit}px`;
    img.style.height = `${img.naturalHeight * fit}px`;
    img.style.transform = `translate(-50%, -50%) translate(${x}px, ${y}px) rotate(${turn * 90}deg) scale(${scale})`;
    frame.classList.toggle("zoomed", scale > 1);
  };
  const move = (right, down) => { x += right; y += down; draw(); };
  const zoomTo = (wanted, at = { x: 0, y: 0 }) => {
    const next = between(wanted, 1, MOST), grows = next / scale;
    x = at.x - (at.x - x) * grows;
    y = at.y - (at.y - y) * grows;
    scale = next;
    draw();
  };
  const step = (direction, at) => {
    const next = direction > 0 ? STEPS.find((one) => one > scale + 0.01) : STEPS.findLast((one) => one < scale - 0.01);
    if (next) zoomTo(next, at);
  };
  const fit = () => zoomTo(1);
  const from = (event) => {
    const box = frame.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  };

  // Fingers and the mouse: one moves the picture, two move and zoom it.
  const held = new Map();
  let moved = 0;
  const middle = () => {
    const all = [...held.values()];
    const at = { x: all.reduce((sum, p) => sum + p.x, 0) / all.length, y: all.reduce((sum, p) => sum + p.y, 0) / all.length };
    return { at, apart: all.length > 1 ? Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y) : 0 };
  };
  const down = (event) => {
    if (event.button) return;
    if (!held.size) moved = 0;
    held.set(event.pointerId, from(event));
    frame.setPointerCapture(event.pointerId);
  };
  const drag = (event) => {
    pointer = from(event);
    if (!held.has(event.pointerId)) return;
    const before = middle();
    held.set(event.pointerId, pointer);
    const after = middle();
    moved += Math.hypot(after.at.x - before.at.x, after.at.y - before.at.y) + Math.abs(after.apart - before.apart);
    if (before.apart) zoomTo(scale * after.apart / before.apart, before.at);
    move(after.at.x - before.at.x, after.at.y - before.at.y);
  };
  const up = (event) => held.delete(event.pointerId);
  const wheel = (event) => {
    if (event.ctrlKey) {
      event.preventDefault();
      step(event.deltaY < 0 ? 1 : -1, from(event));
    } else if (scale > 1) {
      event.preventDefault();
      const unit = event.deltaMode ? LINE_PX : 1;
      move(-event.deltaX * unit, -event.deltaY * unit);
    }
  };
  const click = (event) => { if (event.detail === 1 && moved < CLICK_MOVES_PX) step(1, from(event)); };

  const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  document.addEventListener("keydown", (event) => {
    if (!img || scale === 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (!arrow || event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    move(arrow[0] * frame.clientWidth * KEY_MOVES, arrow[1] * frame.clientHeight * KEY_MOVES);
  });
  const resized = new ResizeObserver(() => { if (img) draw(); });

  // A frame around the decoded picture, which fits as soon as the frame lies in the page.
  const place = (picture) => {
    frame = document.createElement("div");
    frame.className = "frame-of-picture";
    frame.append(picture);
    picture.draggable = false;
    [img, scale, x, y, turn, pointer] = [picture, 1, 0, 0, 0, null];
    held.clear();
    frame.addEventListener("pointerdown", down);
    frame.addEventListener("pointermove", drag);
    frame.addEventListener("pointerleave", () => { pointer = null; });
    ["pointerup", "pointercancel"].forEach((name) => frame.addEventListener(name, up));
    frame.addEventListener("wheel", wheel, { passive: false });
    frame.addEventListener("click", click);
    frame.addEventListener("dblclick", fit);
    resized.observe(frame);
    return frame;
  };
  const take = () => {
    resized.disconnect();
    frame?.remove();
    frame = img = null;
  };
  const rotate = () => {
    turn = (turn + 1) % 4;
    [x, y] = [-y, x];
    draw();
    return turn * 90;
  };
  // By a button or its key: 1 in, -1 out, 0 fits. Returns percent of what fits.
  const press = (direction) => {
    if (direction) step(direction, pointer || undefined);
    else fit();
    return Math.round(scale * 100);
  };
  window.growmies.zoom = { place, take, rotate, step: press };
})();
