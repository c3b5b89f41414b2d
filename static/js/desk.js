// /queue/: moving in the list, revealing pictures, denying with a digit, keeping the claim alive.
(() => {
  "use strict";
  const HIDE_AFTER_MS = 60_000, RENEW_EVERY_MS = 60_000;
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const post = (url) => fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf() }, cache: "no-store" });
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const opened = () => document.querySelector("[data-item]")?.dataset.item;
  let cursor = null, lastWork = Date.now(), hideTimer = null, picture = null, turn = 0;

  const mark = () => {
    const id = opened();
    rows().forEach((row) => {
      if (row.dataset.row === id) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
    document.querySelector("main.desk")?.classList.toggle("has-item", Boolean(id));
  };
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const active = document.activeElement?.dataset?.row;
    const at = all.findIndex((row) => row.dataset.row === (active || cursor || opened()));
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
    cursor = next.dataset.row;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  // Pictures: asked for one by one, held in memory, hidden again after a minute without work.
  const hide = () => {
    const stage = document.getElementById("stage");
    if (picture) { URL.revokeObjectURL(picture.src); picture.remove(); picture = null; }
    if (!stage) return;
    stage.className = "stage grey";
    turn = 0;
    stage.querySelectorAll(".stand-in, #stage-ask").forEach((el) => { el.hidden = false; });
    const colour = stage.querySelector("[data-colour]");
    if (colour) colour.hidden = true;
  };
  const note = (text) => {
    const el = document.querySelector("[data-stage-note]");
    if (el) el.textContent = text;
    window.growmies.announce(text);
  };
  const reveal = async (url, position) => {
    const id = opened();
    const slow = setTimeout(() => note("Decrypting …"), 300);
    let answer;
    try { answer = await post(url); } catch { note("The server does not answer. Try again."); return; } finally { clearTimeout(slow); }
    if (!answer.ok) { note(await answer.text()); return; }
    const blob = await answer.blob();
    if (opened() !== id) return;
    hide();
    // What asked for the look is answered by it.
    document.querySelectorAll("#item .notice").forEach((notice) => notice.remove());
    const stage = document.getElementById("stage");
    const img = new Image();
    img.alt = `Picture ${position} that the member sent`;
    img.src = URL.createObjectURL(blob);
    await img.decode().catch(() => {});
    stage.querySelectorAll(".stand-in, #stage-ask").forEach((el) => { el.hidden = true; });
    stage.prepend(img);
    stage.dataset.position = position;
    picture = img;
    const colour = stage.querySelector("[data-colour]");
    if (colour) { colour.hidden = false; colour.textContent = "Colour"; }
    window.growmies.announce("Picture revealed, in grey.");
    worked();
  };
  const worked = () => {
    lastWork = Date.now();
    clearTimeout(hideTimer);
    if (picture) hideTimer = setTimeout(() => { hide(); note("Hidden after a minute without activity. Each look is recorded."); }, HIDE_AFTER_MS);
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
    } else if (at("[data-zoom]")) document.getElementById("stage").classList.toggle("zoom");
    else if (at("[data-turn]")) {
      const stage = document.getElementById("stage");
      stage.classList.remove(`turn-${turn}`);
      turn = (turn + 1) % 4;
      if (turn) stage.classList.add(`turn-${turn}`);
    } else if ((el = at("[data-colour]"))) {
      const grey = document.getElementById("stage").classList.toggle("grey");
      el.textContent = grey ? "Colour" : "Grey";
    } else if ((el = at("[data-opens]"))) {
      const form = document.getElementById(el.dataset.opens);
      closeForms(form);
      form.hidden = !form.hidden;
      if (!form.hidden) form.querySelector("textarea").focus();
    } else if (at("[data-arm-deny]")) arm();
  });
  const closeForms = (except) => {
    let closed = false;
    document.querySelectorAll("[data-opens]").forEach((button) => {
      const form = document.getElementById(button.dataset.opens);
      if (form && form !== except && !form.hidden) { form.hidden = true; closed = true; }
    });
    return closed;
  };
  // Escape leaves the words that were opened, also from within them.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && closeForms(null)) document.getElementById("approve")?.focus();
  });
  const arm = () => {
    const deny = document.getElementById("deny");
    if (!deny) return;
    deny.classList.add("armed");
    deny.querySelector(".reason").focus();
    window.growmies.announce("Deny: press 1 to 6 for the reason, Escape to leave.");
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.body.classList.contains("no-keys")) return;
    if ((/^(input|textarea|select)$/i.test(event.target.tagName) && event.target.type !== "checkbox") || document.querySelector("dialog[open]")) return;
    const deny = document.getElementById("deny");
    const armed = deny && deny.classList.contains("armed");
    if (armed && /^[1-6]$/.test(event.key)) {
      event.preventDefault();
      deny.classList.remove("armed");
      deny.querySelector(`[data-digit="${event.key}"]`).click();
    } else if (armed && event.key === "Escape") { deny.classList.remove("armed"); document.getElementById("approve")?.focus(); }
    else if (event.key === "j") { event.preventDefault(); move(1); }
    else if (event.key === "k") { event.preventDefault(); move(-1); }
    else if (event.key === "Enter" && event.target === document.body && cursor) {
      document.getElementById(`row-${cursor}`)?.click();
    }
  });

  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target.id === "item") hide(); });
  document.addEventListener("htmx:afterSettle", (event) => {
    mark();
    document.querySelectorAll("[data-run-seconds]").forEach((ring) => { ring.style.animationDuration = `${ring.dataset.runSeconds}s`; });
    if (event.detail.target?.id === "item" || event.target.id === "item") {
      // After a decision the next thing to do is at hand, for keys and for screen readers.
      const next = document.getElementById("reveal") || document.getElementById("attested") || document.querySelector("#item [data-key='n'], #item h1");
      if (next && !document.querySelector("#item .notice")) next.focus({ preventScroll: true });
    }
  });
  document.addEventListener("countdown:over", (event) => {
    const toast = event.target.closest("[data-toast]");
    if (toast) toast.remove();
  });
  document.addEventListener("DOMContentLoaded", mark);
  setInterval(async () => {
    const lease = document.querySelector("[data-renew]");
    if (!lease || document.hidden || Date.now() - lastWork > RENEW_EVERY_MS * 2) return;
    const answer = await post(lease.dataset.renew).catch(() => null);
    if (answer && answer.ok) {
      const left = lease.querySelector("[data-countdown]");
      left.dataset.countdown = await answer.text();
      delete left.dataset.over;
    }
  }, RENEW_EVERY_MS);
})();
