// The practice guild's page: who is chosen, what is shown, and news from the server.
import { avatar, byId, call, el } from "./api.js";
import { Composer } from "./composer.js";
import { drawFacts, drawFaults, wireFaults } from "./details.js";
import { drawMessage } from "./messages.js";
import { showModal } from "./modal.js";

const state = { member: location.hash.slice(1) || null, channel: null, people: [], drawn: "" };

function complain(text) {
  byId("hint").replaceChildren(text ? el("span", { class: "error", role: "alert" }, text) : "");
}

async function act(path, body, method = "POST") {
  try {
    complain("");
    const result = await call(method, `/members/${state.member}${path ? `/${path}` : ""}`, body);
    const silent = (result.responses || []).find((answer) => !answer.id && answer.content);
    if (silent) complain(silent.content);
  } catch (error) {
    complain(error.message);
  }
  await refresh();
}

const acts = {
  click: (messageId, customId, values) => act("clicks", { message_id: messageId, custom_id: customId, values }),
  react: (messageId, emoji, mine) => act("reactions", { message_id: messageId, emoji, remove: mine }),
};

const composer = new Composer((wanted) => {
  byId("hint").replaceChildren(wanted.name ? `Waiting for the bot to answer /${wanted.name}…` : "");
  return act(wanted.name ? "commands" : "messages", { ...wanted, channel: state.channel });
});

function drawPeople() {
  const groups = [["In the guild", []], ["Bots", []], ["Left or banned", []]];
  for (const person of state.people) {
    groups[person.bot ? 1 : person.in_guild ? 0 : 2][1].push(person);
  }
  byId("people").replaceChildren(...groups.filter(([, list]) => list.length).flatMap(([title, list]) => [
    el("h2", {}, `${title} · ${list.length}`),
    ...list.map((person) => el("button", { type: "button", class: "person", "aria-current": String(person.id === state.member), onclick: () => choose(person.id) },
      avatar(person.display_name, person.status),
      el("span", { class: "lines" }, el("b", {}, person.display_name),
        el("small", {}, person.banned ? "banned" : person.roles.join(", ") || (person.bot ? "bot" : "no role"))))),
  ]));
}

function drawChannels(view) {
  const mark = { 0: "#", 1: "@", 2: "♪", 11: "↳" };
  const open = (channel) => el("button", { type: "button", class: "channel", "aria-current": String(channel.id === view.channel), onclick: () => enter(channel.id) },
    el("span", { "aria-hidden": "true" }, mark[channel.type] || "#"), el("span", {}, channel.name));
  const groups = Map.groupBy ? Map.groupBy(view.channels, (c) => c.category || "Threads")
    : view.channels.reduce((map, c) => map.set(c.category || "Threads", [...(map.get(c.category || "Threads") || []), c]), new Map());
  byId("channels").replaceChildren(...[...groups].flatMap(([title, list]) => [el("h3", {}, title), ...list.map(open)]));
  byId("channel-select").replaceChildren(...view.channels.map((channel) =>
    el("option", { value: channel.id, selected: channel.id === view.channel }, `${mark[channel.type] || "#"} ${channel.name}`)));
}

function drawView(view) {
  const { member } = view;
  byId("empty").hidden = true;
  byId("chat").hidden = false;
  byId("who").textContent = member.display_name;
  const chips = member.roles.map((role) => el("span", { class: role === "Verified 21+" ? "chip ok" : "chip" }, role === "Verified 21+" ? `✓ ${role}` : role));
  if (!member.in_guild) chips.push(el("span", { class: "chip critical" }, member.banned ? "✕ banned" : "✕ left the guild"));
  if (member.timed_out_until) chips.push(el("span", { class: "chip warn" }, "▲ timed out"));
  byId("roles").replaceChildren(...(chips.length ? chips : [el("span", { class: "chip muted" }, "no role")]));
  drawChannels(view);
  const room = view.channels.find((channel) => channel.id === view.channel);
  byId("topic").textContent = room?.topic || "";
  composer.offer(view.commands, room?.can_write, member.in_guild);
  const list = byId("messages");
  const drawn = JSON.stringify([state.member, view.channel, view.messages]);
  if (drawn !== state.drawn) {
    state.drawn = drawn;
    list.replaceChildren(...(view.messages.length
      ? view.messages.map((message) => drawMessage(message, view.names, acts))
      : [el("li", { class: "none" }, "Nothing here yet. Write something, or type / for the bot’s commands.")]));
    byId("log").scrollTop = byId("log").scrollHeight;
  }
  drawFacts(member, view.channels.filter((c) => c.type === 2).map((c) => c.name), act);
  showModal(view.modal, (customId, values) => act("modals", { custom_id: customId, values }),
    () => act("modals", undefined, "DELETE"));
}

function drawBot(sessions) {
  byId("bot").className = sessions ? "chip ok" : "chip critical";
  byId("bot").replaceChildren(sessions ? "✓ Bot" : "✕ No bot", el("span", { class: "wide" }, " connected"));
}

async function refresh() {
  const wanted = encodeURIComponent(byId("search").value);
  const { members } = await call("GET", `/members?limit=200&search=${wanted}`);
  state.people = members;
  drawPeople();
  if (state.member) {
    const asked = `${state.member} ${state.channel}`;
    const view = await call("GET", `/members/${state.member}/view?channel=${state.channel || ""}`);
    if (asked !== `${state.member} ${state.channel}`) return;
    state.channel = view.channel;
    drawView(view);
    drawFaults(view.faults);
    drawBot(view.sessions);
  } else {
    drawBot((await call("GET", "/stats")).sessions);
    drawFaults((await call("GET", "/faults")).faults);
  }
}

async function choose(id) {
  if (id !== state.member) state.channel = null;
  state.member = id;
  history.replaceState(null, "", `#${id}`);
  byId("panes").classList.add("in-view");
  complain("");
  composer.clear();
  await refresh();
}

async function enter(id) {
  state.channel = id;
  complain("");
  await refresh();
}

async function create(event) {
  event.preventDefault();
  try {
    const made = await call("POST", "/members", {
      username: byId("create-name").value,
      account_age_days: Number(byId("create-age").value),
      joined_at: new Date(Date.now() - Number(byId("create-joined").value) * 86_400_000).toISOString(),
      dms_open: byId("create-dms").checked,
    });
    byId("create").close();
    byId("create-form").reset();
    byId("create-error").textContent = "";
    await choose(made.id);
  } catch (error) {
    byId("create-error").textContent = error.message;
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
}

function listen() {
  const news = new EventSource("/practice/changes");
  news.onmessage = () => refresh().catch((error) => complain(error.message));
  news.onerror = () => {
    byId("bot").className = "chip critical";
    byId("bot").textContent = "✕ Practice guild stopped; trying again";
  };
}

const preferred = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
setTheme(localStorage.getItem("practice-theme") || preferred);
byId("theme").addEventListener("click", () => {
  setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  localStorage.setItem("practice-theme", document.documentElement.dataset.theme);
});
byId("search").addEventListener("input", () => refresh().catch((error) => complain(error.message)));
byId("new-member").addEventListener("click", () => byId("create").showModal());
byId("create-cancel").addEventListener("click", () => byId("create").close());
byId("create-form").addEventListener("submit", create);
byId("back").addEventListener("click", () => byId("panes").classList.remove("in-view"));
byId("channel-select").addEventListener("change", (event) => enter(event.target.value));
function toggleAbout() {
  const isOpen = byId("about").classList.toggle("open");
  byId("about-toggle").setAttribute("aria-expanded", String(isOpen));
  byId(isOpen ? "about-close" : "about-toggle").focus();
}
byId("about-toggle").addEventListener("click", toggleAbout);
byId("about-close").addEventListener("click", toggleAbout);
wireFaults(complain);
listen();
