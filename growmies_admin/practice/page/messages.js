// Draws messages with embeds, buttons, selects and reactions. Used by view.js.
import { avatar, el } from "./api.js";
import { richText } from "./text.js";

const TONES = [["critical", 0xe0, 0x50, 0x40], ["warn", 0xf0, 0xb0, 0x40], ["ok", 0x46, 0xc2, 0x8a], ["info", 0x60, 0xa0, 0xf0]];

function tone(color) {
  if (!color) return null;
  const [r, g, b] = [color >> 16, (color >> 8) & 255, color & 255];
  const far = ([, x, y, z]) => (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
  return TONES.reduce((best, next) => (far(next) < far(best) ? next : best))[0];
}

function embed(data, names) {
  const fields = (data.fields || []).map((field) =>
    el("div", {}, el("b", {}, field.name), el("span", { class: "text" }, ...richText(field.value, names))));
  return el("div", { class: "embed", "data-tone": tone(data.color) },
    data.author ? el("span", { class: "small" }, data.author.name) : null,
    data.title ? el("strong", {}, ...richText(data.title, names)) : null,
    data.description ? el("span", { class: "text" }, ...richText(data.description, names)) : null,
    fields.length ? el("div", { class: "fields" }, ...fields) : null,
    data.footer ? el("span", { class: "small" }, data.footer.text) : null);
}

function button(data, message, act) {
  const label = `${data.emoji?.name || ""} ${data.label || ""}`.trim();
  if (data.style === 5) {
    return el("a", { class: "button-link", href: data.url, target: "_blank", rel: "noopener noreferrer" },
      label, el("span", { "aria-hidden": "true" }, "↗"));
  }
  return el("button", { type: "button", "data-style": String(data.style), disabled: data.disabled === true,
    onclick: () => act.click(message.id, data.custom_id) }, label);
}

function select(data, message, act) {
  const choose = (event) => event.target.value && act.click(message.id, data.custom_id, [event.target.value]);
  const options = (data.options || []).map((option) => el("option", { value: option.value }, option.label));
  return el("select", { "aria-label": data.placeholder || "Choose", disabled: data.disabled === true, onchange: choose },
    el("option", { value: "" }, data.placeholder || "Choose…"), ...options);
}

function component(data, message, act, names) {
  if (data.type === 2) return button(data, message, act);
  if (data.type === 3) return select(data, message, act);
  if (data.type === 10) return el("div", { class: "text" }, ...richText(data.content, names));
  const inner = [...(data.components || []), ...(data.accessory ? [data.accessory] : [])];
  return el("div", { class: data.type === 17 ? "embed" : "parts" },
    ...inner.map((child) => component(child, message, act, names)));
}

function reactions(message, act) {
  if (!message.reactions.length) return null;
  return el("div", { class: "parts" }, ...message.reactions.map((entry) =>
    el("button", { type: "button", class: "reaction", "aria-pressed": String(entry.mine),
      onclick: () => act.react(message.id, entry.emoji, entry.mine) }, `${entry.emoji} ${entry.count}`)));
}

export function drawMessage(message, names, act) {
  const moment = new Date(message.timestamp);
  const clock = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const files = message.attachments.map((file) => el("a", { href: file.url }, file.filename));
  const words = message.loading ? "The bot is thinking…" : message.content;
  return el("li", { class: message.ephemeral ? "message private" : "message" },
    avatar(message.author.name),
    el("div", { class: "head" },
      el("b", {}, message.author.name),
      message.author.bot ? el("span", { class: "chip info" }, "APP") : null,
      el("time", { datetime: message.timestamp, title: moment.toLocaleString() }, clock),
      message.edited ? el("span", { class: "small" }, "edited") : null),
    el("div", { class: "body" },
      message.used ? el("span", { class: "reply" }, `${message.used_by} used ${message.used}`) : null,
      message.reply_to ? el("span", { class: "reply" }, message.reply_to) : null,
      words ? el("div", { class: "text" }, ...richText(words, names)) : null,
      ...message.embeds.map((data) => embed(data, names)),
      ...message.components.map((data) => component(data, message, act, names)),
      ...files,
      reactions(message, act),
      message.ephemeral ? el("span", { class: "small" }, "Only this member can see this.") : null));
}
