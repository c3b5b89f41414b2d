// /queue/: a claim lasts while its page is there. The page says so every 20 s, when it goes behind another,
// and when it is left; the first act on a request that is only looked at claims it.
(() => {
  "use strict";
  const SIGN_EVERY_MS = 20_000, FIRST_SIGN_MS = 1_000, HIDING_MS = 1_000;
  const lease = () => document.querySelector("#item [data-sign]");
  const held = () => { const el = lease(); return el && !el.hidden ? el : null; };
  let timer = null, hiding = null, before = null;

  const show = (el, until) => {
    const watch = document.getElementById("watch"), left = el.querySelector("[data-left]");
    el.hidden = false;
    document.getElementById("claim-form")?.remove();
    left.dataset.countdown = until;
    delete left.dataset.over;
    const known = JSON.parse(watch.getAttribute("hx-vals"));
    watch.setAttribute("hx-vals", JSON.stringify({ ...known, holder: document.body.dataset.reader }));
    window.htmx.trigger(document.body, "queuechanged");
    document.dispatchEvent(new CustomEvent("claim:began"));
  };
  const sign = async (state) => {
    const el = lease();
    if (!el) return;
    const answer = await window.growmies.pictures.post(el.dataset.sign, new URLSearchParams({ state })).catch(() => null);
    if (el !== lease()) return;
    if (answer?.ok && el.hidden) show(el, await answer.text());
    if (answer?.status === 409 && !el.hidden) window.htmx.trigger("#watch", "watchnow");
  };
  // Also from a page that ends: nobody waits for the answer.
  const beacon = (url, state) => {
    const form = new FormData();
    form.append("state", state);
    form.append("csrfmiddlewaretoken", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
    navigator.sendBeacon(url, form);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (held() && !document.hidden) sign("visible"); }, FIRST_SIGN_MS);
  };
  // A request that one tab leaves may be open in another of the same browser, which signs for itself then:
  // a moment later, so that the server hears it after the leaving.
  const tabs = new BroadcastChannel(`growmies-left:${document.body.dataset.reader}`);
  const leave = (url) => {
    beacon(url, "left");
    tabs.postMessage(url);
  };
  tabs.addEventListener("message", (event) => setTimeout(async () => {
    if (held()?.dataset.sign !== event.data) return;
    await sign("visible");
    if (document.hidden && held()) beacon(held().dataset.sign, "hidden");
  }, FIRST_SIGN_MS));

  // Asked for a picture of one that was left meanwhile, it is claimed without a page.
  document.addEventListener("picture:asked", (event) => {
    const asked = event.detail.sign;
    if (asked && asked !== lease()?.dataset.sign) leave(asked);
    else if (!held()) sign("visible");
  });
  document.addEventListener("DOMContentLoaded", () => { if (held()) sign("visible"); });
  window.addEventListener("pageshow", (event) => { if (event.persisted && held()) sign("visible"); });
  // A page that ends is hidden too: that it was left must be what arrives.
  window.addEventListener("pagehide", () => {
    clearTimeout(hiding);
    if (held()) leave(held().dataset.sign);
  });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (!held()) return;
    if (document.hidden) hiding = setTimeout(() => { if (held()) beacon(held().dataset.sign, "hidden"); }, HIDING_MS);
    else sign("visible");
  });
  // Looking at another one leaves this one, and so does claiming it; other acts have given it back themselves.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "item") return;
    const { verb, path } = event.detail.requestConfig ?? {};
    before = verb === "get" || /\/claim\/(\?|$)/.test(path) ? held()?.dataset.sign : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "item") return;
    if (before && before !== lease()?.dataset.sign) leave(before);
    before = null;
    soon();
  });
  setInterval(() => { if (held() && !document.hidden) sign("visible"); }, SIGN_EVERY_MS);
})();
