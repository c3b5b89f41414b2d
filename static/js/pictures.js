// /queue/ and /queue/<id>/look/: a picture is fetched when asked for, held in memory, hidden after a
// minute without activity. Tells others by the events picture:shown and picture:work on document.
(() => {
  "use strict";
  const HIDE_AFTER_MS = 60_000;
  let hideTimer = null, picture = null, turn = 0;
  const stage = () => document.getElementById("stage");

  // What htmx says of itself, so that an ended session leads to the sign-in page.
  const post = async (url, body) => {
    const csrf = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const headers = { "X-CSRFToken": csrf, "HX-Request": "true", "HX-Current-URL": location.href };
    const answer = await fetch(url, { method: "POST", headers, body, cache: "no-store" });
    const elsewhere = answer.headers.get("HX-Redirect");
    if (elsewhere) location.href = elsewhere;
    else if (answer.headers.get("HX-Refresh")) location.reload();
    return answer;
  };

  const hide = () => {
    if (picture) { URL.revokeObjectURL(picture.src); picture.remove(); picture = null; }
    const here = stage();
    if (!here) return;
    here.className = `stage${here.dataset.grey === undefined ? "" : " grey"}`;
    turn = 0;
    here.querySelectorAll(".stand-in, #stage-ask").forEach((el) => { el.hidden = false; });
    here.querySelectorAll("[data-zoom]").forEach((el) => el.setAttribute("aria-pressed", "false"));
    const colour = here.querySelector("[data-colour]");
    if (colour) colour.hidden = true;
  };
  const note = (text) => {
    const el = document.querySelector("[data-stage-note]");
    if (el) el.textContent = text;
    window.growmies.announce(text);
  };
  const show = async (blob, position) => {
    const here = stage();
    const img = new Image();
    img.alt = `Picture ${position} that the member sent`;
    img.src = URL.createObjectURL(blob);
    await img.decode().catch(() => {});
    hide();
    const asked = document.activeElement?.closest("#stage-ask");
    here.querySelectorAll(".stand-in, #stage-ask").forEach((el) => { el.hidden = true; });
    here.prepend(img);
    here.dataset.position = position;
    picture = img;
    const grey = here.classList.contains("grey");
    const colour = here.querySelector("[data-colour]");
    if (colour) { colour.hidden = false; colour.textContent = grey ? "Colour" : "Grey"; }
    if (asked) (here.querySelector("[data-zoom]") || colour).focus({ preventScroll: true });
    window.growmies.announce(grey ? "Picture revealed, in grey." : "Picture revealed.");
    document.dispatchEvent(new CustomEvent("picture:shown"));
    worked();
  };
  const reveal = async (url, position, body) => {
    const here = stage();
    const slow = setTimeout(() => note("Decrypting …"), 300);
    let answer;
    try { answer = await post(url, body); } catch { note("The server does not answer. Try again."); return; } finally { clearTimeout(slow); }
    if (!answer.ok) { if (!answer.headers.get("HX-Redirect")) note(await answer.text()); return; }
    const blob = await answer.blob();
    if (stage() === here) await show(blob, position);
  };
  const worked = () => {
    clearTimeout(hideTimer);
    if (picture) hideTimer = setTimeout(() => {
      const inside = stage()?.contains(document.activeElement);
      hide();
      note("Hidden after a minute without activity. Each look is recorded.");
      if (inside) document.getElementById("reveal")?.focus({ preventScroll: true });
    }, HIDE_AFTER_MS);
  };
  ["pointermove", "keydown", "wheel", "touchstart"].forEach((name) =>
    document.addEventListener(name, worked, { passive: true }));

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    let el;
    if ((el = at("[data-reveal]"))) reveal(el.dataset.reveal, 1);
    else if ((el = at("[data-thumb]"))) {
      document.querySelectorAll("[data-thumb]").forEach((t) => t.setAttribute("aria-pressed", String(t === el)));
      reveal(el.dataset.thumb, el.dataset.position);
    } else if ((el = at("[data-zoom]"))) {
      el.setAttribute("aria-pressed", String(stage().classList.toggle("zoom")));
    } else if (at("[data-turn]")) {
      stage().classList.remove(`turn-${turn}`);
      turn = (turn + 1) % 4;
      if (turn) stage().classList.add(`turn-${turn}`);
      window.growmies.announce(`Turned by ${turn * 90} degrees.`);
    } else if ((el = at("[data-colour]"))) {
      el.textContent = stage().classList.toggle("grey") ? "Colour" : "Grey";
    }
  });
  document.addEventListener("submit", (event) => {
    const button = event.submitter?.closest("[data-look]");
    if (!button) return;
    event.preventDefault();
    reveal(button.dataset.look, button.dataset.position, new FormData(event.target));
  });
  window.growmies.pictures = { hide, post };
})();
