// Discord's message text as DOM nodes: bold, italic, code, links, mentions, times. Never HTML.
import { el } from "./api.js";

const PATTERN = new RegExp(
  [
    "`([^`\\n]+)`",
    "\\*\\*([^*]+)\\*\\*",
    "(?<![\\w*])[*_]([^*_\\n]+)[*_](?![\\w*])",
    "\\[([^\\]\\n]+)\\]\\(<?(https?://[^)\\s>]+)>?\\)",
    "<?(https?://[^\\s<>)]+)>?",
    "<@!?(\\d+)>",
    "<@&(\\d+)>",
    "<#(\\d+)>",
    "<t:(\\d+)(?::[A-Za-z])?>",
  ].join("|"),
  "g",
);

function link(text, href) {
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);
}

function when(seconds) {
  const moment = new Date(Number(seconds) * 1000);
  return el("time", { datetime: moment.toISOString() }, moment.toLocaleString());
}

export function richText(text, names) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(PATTERN)) {
    nodes.push(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [, code, bold, italic, label, href, bare, user, role, channel, time] = match;
    if (code) nodes.push(el("code", {}, code));
    else if (bold) nodes.push(el("strong", {}, ...richText(bold, names)));
    else if (italic) nodes.push(el("em", {}, ...richText(italic, names)));
    else if (label) nodes.push(link(label, href));
    else if (bare) nodes.push(link(bare, bare));
    else if (user) nodes.push(el("span", { class: "mention" }, `@${names.users[user] || user}`));
    else if (role) nodes.push(el("span", { class: "mention" }, `@${names.roles[role] || role}`));
    else if (channel) nodes.push(el("span", { class: "mention" }, `#${names.channels[channel] || channel}`));
    else if (time) nodes.push(when(time));
  }
  nodes.push(text.slice(at));
  return nodes.filter((node) => node !== "");
}
