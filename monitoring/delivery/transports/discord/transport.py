"""Discord through webhooks: works while the bot's gateway is down. One message a subject, edited.

The bot makes the webhooks, one a channel, so that its buttons work on them; without one, the
webhook of DISCORD_ALERT_WEBHOOK_URL takes its place, with a link and no buttons.
"""

from dataclasses import replace
from typing import Any

import httpx
from django.conf import settings as site

from monitoring import discord_answers
from monitoring.delivery import answers, outside
from monitoring.delivery.content import About, Before, Button, Content, Sent, To, Undelivered, Way
from monitoring.delivery.transports.discord import webhooks
from monitoring.delivery.transports.discord.channels import (
    CRITICAL,
    DEFAULT,
    DISCORD_CHANNELS,
    channel_of,
)
from monitoring.delivery.transports.discord.settings import DISCORD_ALERT_WEBHOOK_URL
from monitoring.discord_answers import Meaning
from monitoring.discord_words import quiet
from monitoring.people import Person
from monitoring.tones import DISCORD_COLOURS, Tone

# The place of DISCORD_ALERT_WEBHOOK_URL: which channel that is, only Discord knows.
OTHER = DISCORD_ALERT_WEBHOOK_URL.name
_UNKNOWN_MESSAGE = 10008
_MENTION_TEXT = 1800  # characters beside the address
# Discord's front refuses clients that do not say who they are in this form.
_client = outside.client(
    headers={"User-Agent": f"DiscordBot ({site.PUBLIC_URL}, {site.VERSION or '0'})"}
)


class Discord(Way):
    name, label, words = "discord", "Discord", "Discord"
    who_sends = "we, for every alert"
    set_up = "the bot makes its webhooks when it is connected"
    settings = (DISCORD_ALERT_WEBHOOK_URL,)
    follows = True

    def targets(self) -> list[str]:
        made = webhooks.channels()
        found = [name for name in DISCORD_CHANNELS if name in made]
        return found if found or not DISCORD_ALERT_WEBHOOK_URL.is_set else [OTHER]

    def missing(self) -> dict[str, str]:
        made = webhooks.channels()
        instead = DEFAULT if DEFAULT in made else OTHER if DISCORD_ALERT_WEBHOOK_URL.is_set else ""
        return {name: instead for name in DISCORD_CHANNELS if name not in made}

    def takes(self, about: About) -> list[str]:
        written = about.alertmanager_writes and DISCORD_ALERT_WEBHOOK_URL.is_set
        return [] if written and not about.past_alertmanager else [channel_of(about)]

    def reaches(self, person: Person) -> bool:
        return bool(person.discord_id and _critical_webhook())

    def place(self, to: To) -> str:
        return CRITICAL if to.person is not None else to.target

    def send(self, to: To, content: Content, before: Before) -> Sent:
        if to.person is not None:
            return _call("POST", _critical_webhook(), _mention(to.person, content), is_ours=True)
        # What is out is changed where it is, wherever it was meant to be.
        known = before.reached if before.receipt else ""
        url, is_ours, place = _webhook(known or to.target)
        sent = self._send(url, is_ours, content, before.receipt)
        return replace(sent, reached="" if place == to.target else place)

    def _send(self, url: str, is_ours: bool, content: Content, receipt: str) -> Sent:
        body = {
            "embeds": [content.embed or _embed(content)],
            "components": _buttons(content, interactive=is_ours),
            # Quoted text can't ping anybody.
            "allowed_mentions": {"parse": []},
        }
        if receipt:
            try:
                return _call("PATCH", f"{url}/messages/{receipt}", body, is_ours=is_ours)
            except Undelivered as why:
                if why.code != _UNKNOWN_MESSAGE:
                    raise
                # Somebody removed it in Discord: it is sent anew.
        return _call("POST", url, body, is_ours=is_ours)


def _webhook(target: str) -> tuple[str, bool, str]:
    """Its address, whether the bot made it, and the place that it writes to."""
    for place in () if target == OTHER else (target, DEFAULT):
        if url := webhooks.url_of(place):
            return url, True, place
    if DISCORD_ALERT_WEBHOOK_URL.is_set:
        return DISCORD_ALERT_WEBHOOK_URL.value, False, OTHER
    raise Undelivered("There is no webhook yet: the bot makes them when it is connected.")


def _critical_webhook() -> str:
    """Where a person is mentioned; "" without any webhook."""
    made = webhooks.url_of(CRITICAL) or webhooks.url_of(DEFAULT)
    return made or DISCORD_ALERT_WEBHOOK_URL.value


def _mention(person: Person, content: Content) -> dict[str, Any]:
    said = f"<@{person.discord_id}> **{quiet(content.title)}**\n{quiet(content.text)}"
    return {
        "content": f"{said[:_MENTION_TEXT]}\n{content.url}".strip(),
        # Only this person is pinged, whatever the text says.
        "allowed_mentions": {"parse": [], "users": [str(person.discord_id)]},
    }


def _embed(content: Content) -> dict[str, Any]:
    return {
        "title": quiet(content.title)[:256],
        "description": quiet(content.text)[:2000],
        "color": DISCORD_COLOURS[Tone(content.tone)],
    }


def _buttons(content: Content, *, interactive: bool) -> list[dict[str, Any]]:
    buttons: list[dict[str, Any]] = []
    if content.url:
        buttons.append({"type": 2, "style": 5, "label": "Open", "url": content.url})
    if interactive:
        buttons += [_button(button) for button in content.buttons]
    return [{"type": 1, "components": buttons}] if buttons else []


def _button(button: Button) -> dict[str, Any]:
    style = 1 if button.is_main else 2
    return {"type": 2, "style": style, "label": button.label, "custom_id": button.act}


def _call(method: str, url: str, body: dict[str, Any], *, is_ours: bool) -> Sent:
    # Only webhooks of applications take components without being asked to.
    query = {"wait": "true"} | ({} if is_ours else {"with_components": "true"})
    try:
        answer = _client.request(method, url, params=query, json=body)
    except httpx.HTTPError as error:
        raise answers.silence("Discord", error) from error
    if answer.is_success:
        pause = None
        if answer.headers.get("X-RateLimit-Remaining") == "0":
            pause = answers.number(answer.headers.get("X-RateLimit-Reset-After"))
        return Sent(str(answers.body(answer).get("id", "")), answer.status_code, pause)
    raise _refusal(answer, url)


def _refusal(answer: httpx.Response, url: str) -> Undelivered:
    found = answers.body(answer)
    if answer.status_code == 429:
        asked = answers.number(found.get("retry_after"))
        after = asked or answers.seconds(answer.headers.get("Retry-After")) or 5
        return Undelivered("Discord asks for patience.", code=429, retry_after_seconds=after)
    code = found.get("code")
    code = code if isinstance(code, int) else None
    meaning = discord_answers.read(answer.status_code, code, str(found.get("message", "")))
    if meaning.meaning is Meaning.GONE and code != _UNKNOWN_MESSAGE:
        webhooks.forget(url)
    permanent = meaning.meaning is Meaning.FINAL
    return Undelivered(meaning.words, permanent=permanent, code=code or answer.status_code)


TRANSPORT = Discord()
