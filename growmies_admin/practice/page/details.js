// Facts about the member, what they can do besides writing, and faults. Used by page.js.
import { byId, call, el } from "./api.js";

const day = (text) => (text ? new Date(text).toLocaleDateString([], { dateStyle: "medium" }) : "–");

export function drawFacts(member, voices, act) {
  const fact = (name, value, kind) => el("div", {}, el("dt", {}, name), el("dd", { class: kind }, value));
  const state = member.banned ? "banned" : member.in_guild ? "in the guild" : "left";
  const status = el("select", { "aria-label": "Status", onchange: (e) => act("presence", { status: e.target.value }) },
    ...["online", "idle", "dnd", "offline"].map((name) => el("option", { value: name, selected: name === member.status }, name)));
  const voice = el("select", { "aria-label": "Voice channel", onchange: (e) => act("voice", { channel: e.target.value || null }) },
    el("option", { value: "" }, "no voice"),
    ...voices.map((name) => el("option", { value: name, selected: name === member.voice_channel }, name)));
  byId("facts").replaceChildren(
    el("h2", {}, member.username),
    el("dl", {},
      fact("Id", member.id, "id"), fact("Membership", state), fact("Joined", day(member.joined_at)),
      fact("Account made", day(member.account_created)),
      fact("Direct messages", member.dms_open ? `open, ${member.dms.length} received` : `closed, ${member.dms.length} received`),
      fact("Timed out until", member.timed_out_until ? new Date(member.timed_out_until).toLocaleString() : "–")),
    el("div", { class: "acts" },
      member.in_guild ? status : null, member.in_guild ? voice : null,
      el("button", { type: "button", onclick: () => act("", { dms_open: !member.dms_open }, "PATCH") },
        member.dms_open ? "Close DMs" : "Open DMs"),
      member.in_guild
        ? el("button", { type: "button", onclick: () => act("leave", {}) }, "Leave")
        : el("button", { type: "button", disabled: member.banned, onclick: () => act("join", {}) }, "Join again")));
}

export function drawFaults(faults) {
  byId("faults").replaceChildren(...(faults.length
    ? [...faults.map((fault) => el("p", { class: "broken" },
        el("span", { class: "chip critical" }, `✕ ${fault.kind.replace("_", " ")}`),
        el("span", {}, `${Math.ceil(fault.left_seconds)} s left`))),
      el("button", { type: "button", onclick: () => call("DELETE", "/faults") }, "Mend everything")]
    : []));
}

export function wireFaults(complain) {
  byId("fault").addEventListener("submit", async (event) => {
    event.preventDefault();
    const seconds = Number(byId("fault-seconds").value);
    try {
      await call("POST", "/faults", { kind: byId("fault-kind").value, seconds });
    } catch (error) {
      complain(error.message);
    }
  });
}
