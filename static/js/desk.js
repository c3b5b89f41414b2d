// /queue/: looking through the list, claiming, denying with a digit, previews, keeping the claim alive, and the next
// request's facts made ready so that they stand there at once after a decision.
(() => {
  "use strict";
  const RENEW_EVERY_MS = 60_000, READY_AFTER_MS = 400, LOOK_AFTER_MS = 150;
  const { hide, post } = window.growmies.pictures;
  const byId = (id) => document.getElementById(id);
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const section = () => document.querySelector("#item [data-item]");
  const opened = () => section()?.dataset.item;
  const held = () => document.querySelector("#item [data-renew]:not([hidden])");
  const visible = (el) => el && el.getClientRects().length > 0;
  const focus = (el) => { if (el) el.focus({ preventScroll: true }); };
  let cursor = null, lookTimer = null, lastWork = Date.now();

  // The list.
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
    clearTimeout(lookTimer);
    lookTimer = setTimeout(() => look(next), LOOK_AFTER_MS);
  };
  // Looking claims nothing, and is no step back in the browser's history.
  const look = (row) => {
    window.htmx.ajax("GET", row.getAttribute("href"), { target: "#item", swap: "innerHTML" });
    history.replaceState({ htmx: true }, "", row.href);
  };
  // Enter claims: the focused row, or what is looked at.
  const open = () => {
    clearTimeout(lookTimer);
    const focused = document.activeElement?.closest("[data-row]");
    const row = focused || (opened() ? null : byId(`row-${cursor}`) || rows()[0]);
    if (!row || row.dataset.row === opened()) {
      const claim = document.querySelector("#item [data-claim]");
      if (claim) claim.click();
      else toTheWork();
    } else if (row.dataset.claimUrl) {
      window.htmx.ajax("POST", row.dataset.claimUrl, { target: "#item", swap: "innerHTML" });
    } else row.click();
  };

  // Back on the button that opened something: keys are the page's own again (keys.js), so that Space,
  // meant for the picture, does not open it a second time.
  const returnTo = (button) => {
    focus(button);
    button.dataset.returned = "";
    button.addEventListener("blur", () => { delete button.dataset.returned; }, { once: true });
  };
  // The forms of the decision column.
  const closeForms = (except) => {
    let closed = null;
    document.querySelectorAll("#item [data-opens]").forEach((button) => {
      const form = byId(button.dataset.opens);
      if (form && form !== except && !form.hidden) { form.hidden = true; closed = button; }
      if (form !== except) button.setAttribute("aria-expanded", "false");
    });
    return closed;
  };
  const toggle = (button) => {
    const form = byId(button.dataset.opens);
    closeForms(form);
    disarm();
    form.hidden = !form.hidden;
    button.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) { form.querySelector("textarea").focus(); preview(form); }
  };
  const arm = () => {
    const deny = byId("deny");
    closeForms(null);
    deny.classList.add("armed");
    deny.querySelector(".reason").focus();
    window.growmies.announce("Deny: press 1 to 6 for the reason, Escape to leave.");
  };
  const disarm = () => {
    const deny = byId("deny"), was = deny?.classList.contains("armed");
    deny?.classList.remove("armed");
    return was;
  };

  // What the member will read, for whatever is about to be decided.
  const preview = (el) => {
    const from = el?.closest("[data-preview]"), to = byId("preview");
    if (!from || !to) return;
    const words = from.querySelector("textarea")?.value.trim();
    const ended = /[.!?…]$/.test(words) ? "" : ".";
    to.textContent = words ? from.dataset.preview.replace("…", () => words + ended) : from.dataset.preview;
    byId("preview-when").textContent = from.dataset.previewWhen;
  };
  ["focusin", "pointerover", "input"].forEach((name) =>
    document.addEventListener(name, (event) => preview(event.target)));

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    let el;
    if ((el = at("[data-move]"))) move(Number(el.dataset.move));
    else if (at("[data-open]")) open();
    else if ((el = at("[data-opens]"))) toggle(el);
    else if (at("[data-arm-deny]")) arm();
  });
  document.addEventListener("keydown", (event) => {
    lastWork = Date.now();
    if (event.key === "Enter" && event.ctrlKey && !event.repeat && event.target.matches("#item textarea")) event.target.form.requestSubmit();
    // Escape leaves what was opened, also from within the words.
    if (event.key === "Escape") {
      const details = document.querySelector(".desk-filters[open]");
      if (details) { details.open = false; focus(details.querySelector("summary")); return; }
      const from = closeForms(null) || (disarm() ? byId("arm-deny") : null);
      if (from) returnTo(from);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.body.classList.contains("no-keys")) return;
    if ((/^(input|textarea|select)$/i.test(event.target.tagName) && event.target.type !== "checkbox") || document.querySelector("dialog[open]")) return;
    if (/^[1-6]$/.test(event.key) && byId("deny")?.classList.contains("armed")) {
      event.preventDefault();
      if (event.repeat) return;
      disarm();
      document.querySelector(`#deny [data-digit="${event.key}"]`).click();
    }
  });
  document.addEventListener("pointermove", () => { lastWork = Date.now(); }, { passive: true });

  // The next request's facts, made ready while this one is looked at. Not claimed, no picture.
  let readyTimer = null;
  const makeReady = () => {
    const ready = byId("upcoming");
    clearTimeout(readyTimer);
    if (ready) ready.replaceChildren();
    const url = section()?.dataset.upcomingUrl;
    if (!url || !ready || !held()) return;
    readyTimer = setTimeout(async () => {
      const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
      const answer = await fetch(url, { headers, cache: "no-store" }).catch(() => null);
      if (!answer || answer.status !== 200 || section()?.dataset.upcomingUrl !== url) return;
      ready.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
    }, READY_AFTER_MS);
  };
  const readyId = () => byId("upcoming")?.querySelector("[data-upcoming]")?.dataset.upcoming;
  const showReady = (yes) => {
    const ready = byId("upcoming");
    if (!ready) return;
    ready.hidden = !yes;
    byId("item").classList.toggle("behind", yes);
  };
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.id === "next-form") event.detail.parameters.after = opened() || "";
    else if (!event.target.closest("#item")) return;
    if (readyId()) event.detail.parameters.expected = readyId();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const decides = event.target.dataset?.decides;
    if (decides === undefined || !readyId()) return;
    // Deciding what one has not seen is refused: then this request stays.
    if (decides !== "escalate" && section().dataset.revealed === undefined && byId("reveal")) return;
    hide();
    showReady(true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.dataset?.decides !== undefined || !event.target.closest?.("#watch")) showReady(false);
  });
  document.addEventListener("picture:shown", () => {
    section()?.setAttribute("data-revealed", "");
    // What asked for the look is answered by it.
    document.querySelectorAll("#item > section > .notice").forEach((notice) => notice.remove());
  });

  document.addEventListener("claim:began", makeReady);

  // Swaps: focus stays, or goes to what is to be done next.
  let rowAt = -1;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "item") hide();
    rowAt = rows().indexOf(document.activeElement);
  });
  const toTheWork = () => {
    const refused = document.querySelector("#item > section > .notice");
    const first = [byId("reveal"), byId("claim"), byId("attested"), byId("approve"), byId("first-next"), byId("item-title")].find(visible);
    if (!refused || document.activeElement === document.body) focus(first);
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    mark();
    if (event.detail.target?.id === "item" || event.target.id === "item") {
      cursor = opened() || cursor;
      // Who looks at one after the other stays in the list.
      if (held() || !visible(document.activeElement?.closest("[data-row]"))) toTheWork();
      makeReady();
    } else if (document.activeElement === document.body) {
      const all = rows();
      if (rowAt >= 0) focus(all[Math.min(rowAt, all.length - 1)] || byId("tab-open"));
      else toTheWork();
    }
  });
  document.addEventListener("undo:over", toTheWork);
  document.addEventListener("DOMContentLoaded", () => { mark(); makeReady(); });

  setInterval(async () => {
    const lease = document.querySelector("[data-renew]:not([hidden])");
    if (!lease || document.hidden || Date.now() - lastWork > RENEW_EVERY_MS * 2) return;
    const answer = await post(lease.dataset.renew).catch(() => null);
    if (answer && answer.status === 409) {
      if (byId("watch")) window.htmx.trigger("#watch", "watchnow");
      else location.reload(); // a second review has no such part: the page says what became of it
    }
    if (!answer || !answer.ok) return;
    const left = lease.querySelector("[data-left]");
    left.dataset.countdown = await answer.text();
    delete left.dataset.over;
  }, RENEW_EVERY_MS);
})();
