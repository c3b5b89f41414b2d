// Every page with a stage, after zoom.js: a picture is fetched when asked for, held in memory, hidden
// after a minute without activity. Tells others by the event picture:shown on document.
(() => {
  "use strict";
  const HIDE_AFTER_MS = 60_000;
  const { zoom } = window.growmies;
  let hideTimer = null, picture = null;
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
    if (picture) { URL.revokeObjectURL(picture.src); zoom.take(); picture = null; }
    const here = stage();
    if (!here) return;
    here.classList.toggle("grey", here.dataset.grey !== undefined);
    here.querySelectorAll(".stand-in, #stage-ask").forEach((el) => { el.hidden = false; });
    tools(here, false);
  };
  const tools = (here, work) => {
    here.querySelectorAll(".stage-tools button").forEach((el) => { el.disabled = !work; });
    const colour = here.querySelector("[data-colour]");
    if (colour) colour.textContent = here.classList.contains("grey") ? "Color" : "Gray";
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
    const shown = await img.decode().then(() => true, () => false);
    hide();
    if (!shown) { URL.revokeObjectURL(img.src); note("The picture can't be shown here."); return; }
    const asked = document.activeElement?.closest("#stage-ask");
    here.querySelectorAll(".stand-in, #stage-ask").forEach((el) => { el.hidden = true; });
    here.prepend(zoom.place(img));
    here.dataset.position = position;
    picture = img;
    tools(here, true);
    if (asked) here.querySelector("[data-zoom]").focus({ preventScroll: true });
    window.growmies.announce(here.classList.contains("grey") ? "Picture revealed, in gray." : "Picture revealed.");
    document.dispatchEvent(new CustomEvent("picture:shown"));
    worked();
  };
  const reveal = async (url, position, body) => {
    const here = stage();
    const sign = document.querySelector("#item [data-sign]")?.dataset.sign; // another one may be open when the answer comes
    const slow = setTimeout(() => note("Decrypting …"), 300);
    let answer;
    try { answer = await post(url, body); } catch { note("The server does not answer. Try again."); return; } finally { clearTimeout(slow); }
    document.dispatchEvent(new CustomEvent("picture:asked", { detail: { sign } }));
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
    } else if ((el = at("[data-zoom]"))) window.growmies.announce(`Zoom ${zoom.step(Number(el.dataset.zoom))} percent.`);
    else if (at("[data-turn]")) window.growmies.announce(`Turned by ${zoom.rotate()} degrees.`);
    else if ((el = at("[data-colour]"))) el.textContent = stage().classList.toggle("grey") ? "Color" : "Gray";
  });
  document.addEventListener("submit", (event) => {
    const button = event.submitter?.closest("[data-look]");
    if (!button) return;
    event.preventDefault();
    reveal(button.dataset.look, button.dataset.position, new FormData(event.target));
  });
  window.growmies.pictures = { hide, post };
})();
