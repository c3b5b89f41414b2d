// The line to write on: messages, and the bot's slash commands with their options.
import { byId, el } from "./api.js";

const BOOLEAN = 5;
const NUMBERS = [4, 10];

export class Composer {
  constructor(send) {
    this.send = send;
    this.commands = [];
    this.command = null;
    this.line = byId("line");
    this.line.addEventListener("input", () => this.suggest());
    this.line.addEventListener("keydown", (event) => this.key(event));
    byId("composer").addEventListener("submit", (event) => this.submit(event));
  }

  offer(commands, canWrite, inGuild) {
    this.commands = inGuild ? commands : [];
    for (const control of byId("composer").elements) control.disabled = !inGuild;
    this.line.placeholder = !inGuild ? "Not in the guild: nothing to write on" : canWrite ? "Message, or / for the bot’s commands" : "Only / commands here";
  }

  matching() {
    const typed = this.line.value.slice(1).toLowerCase().trim();
    return this.commands.filter((command) => command.name.startsWith(typed) || !typed);
  }

  suggest() {
    const list = byId("suggestions");
    const wanted = this.line.value.startsWith("/") && !this.command;
    const found = wanted ? this.matching() : [];
    list.hidden = !wanted;
    const none = el("li", { class: "hint" }, "The bot has registered no such command.");
    list.replaceChildren(...(found.length ? found : wanted ? [null] : []).map((command) =>
      command === null ? none : el("li", {},
        el("button", { type: "button", onclick: () => this.choose(command) },
          el("span", {}, `/${command.name}`), el("small", {}, command.description)))));
  }

  key(event) {
    if (event.key === "Escape") this.clear();
    if (event.key === "ArrowDown" && !byId("suggestions").hidden) {
      byId("suggestions").querySelector("button")?.focus();
      event.preventDefault();
    }
    if (event.key === "Tab" && !event.shiftKey && !byId("suggestions").hidden && this.matching().length) {
      event.preventDefault();
      this.choose(this.matching()[0]);
    }
  }

  choose(command) {
    this.command = command;
    this.line.value = `/${command.name}`;
    byId("suggestions").hidden = true;
    const box = byId("options");
    box.replaceChildren(...command.options.map((option) => this.field(option)));
    box.hidden = command.options.length === 0;
    (box.querySelector("input, select") || this.line).focus();
  }

  field(option) {
    const choices = option.type === BOOLEAN
      ? [{ name: "true", value: "true" }, { name: "false", value: "false" }]
      : option.choices;
    const input = choices?.length
      ? el("select", {}, el("option", { value: "" }, "—"), ...choices.map((choice) => el("option", { value: String(choice.value) }, choice.name)))
      : el("input", { type: NUMBERS.includes(option.type) ? "number" : "text", placeholder: option.description });
    input.name = option.name;
    input.required = option.required === true;
    return el("label", {}, `${option.name}${option.required ? "" : " (optional)"}`, input);
  }

  clear() {
    this.command = null;
    this.line.value = "";
    byId("options").hidden = true;
    byId("options").replaceChildren();
    byId("suggestions").hidden = true;
  }

  async submit(event) {
    event.preventDefault();
    const words = this.line.value.trim();
    if (!words) return;
    const name = this.command?.name || words.slice(1);
    const known = this.commands.find((command) => command.name === name);
    if (words.startsWith("/") && !this.command && known?.options.length) {
      this.choose(known);
      return;
    }
    const options = {};
    for (const input of byId("options").querySelectorAll("input, select")) {
      if (input.value !== "") options[input.name] = input.value;
    }
    this.clear();
    await this.send(words.startsWith("/") ? { name, options } : { content: words });
    this.line.focus();
  }
}
