"""Discord through webhooks: works while the bot's gateway is down. One message an alert, edited.

The bot makes the webhooks, one a channel, so that its buttons work on them; without one, the
webhook of DISCORD_ALERT_WEBHOOK_URL takes its place, with a link and no buttons.
"""

from typing import Any

import httpx
from django.conf import settings

from monitoring import policy
from monitoring.alerts import webhooks
from monitoring.alerts.channels.base import Message, Sent, Undelivered
from monitoring.alerts.models import Status
from monitoring.alerts.routing import DEFAULT, DISCORD_CHANNELS

ACKNOWLEDGE, SILENCE = "alert:acknowledge:", "alert:silence:"  # custom ids of the buttons
_UNKNOWN_MESSAGE, _UNKNOWN_WEBHOOK, _BAD_TOKEN = 10008, 10015, 50027
_client = httpx.Client(timeout=policy.ALERT_DELIVERY_TIMEOUT.total_seconds(), trust_env=False)


class Discord:
    def targets(self) -> list[str]:
        made = webhooks.channels()
        if settings.DISCORD_ALERT_WEBHOOK_URL:
            return list(DISCORD_CHANNELS)
        return [name for name in DISCORD_CHANNELS if name in made]

    def send(self, target: str, message: Message, message_id: int | None) -> Sent:
        url, is_ours = _webhook(target)
        body = {
            "embeds": [message.embed],
            "components": _buttons(message, interactive=is_ours),
            # Quoted text can't ping anybody.
            "allowed_mentions": {"parse": []},
        }
        if message_id is not None:
            try:
                return _call("PATCH", f"{url}/messages/{message_id}", body, is_ours)
            except Undelivered as why:
                if why.code != _UNKNOWN_MESSAGE:
                    raise
                # Somebody removed it in Discord: it is sent anew.
        return _call("POST", url, body, is_ours)


def _webhook(target: str) -> tuple[str, bool]:
    url = webhooks.url_of(target) or webhooks.url_of(DEFAULT)
    if url:
        return url, True
    if settings.DISCORD_ALERT_WEBHOOK_URL:
        return settings.DISCORD_ALERT_WEBHOOK_URL, False
    raise Undelivered("There is no webhook yet: the bot makes them when it is connected.")


def _buttons(message: Message, *, interactive: bool) -> list[dict[str, Any]]:
    buttons: list[dict[str, Any]] = [{"type": 2, "style": 5, "label": "Open", "url": message.url}]
    alert = message.alert
    if interactive and alert is not None and alert.status == Status.FIRING:
        if not message.is_acknowledged:
            buttons.append(_button("Acknowledge", f"{ACKNOWLEDGE}{alert.pk}", style=1))
        if not alert.is_silenced:
            buttons.append(_button("Silence 1 h", f"{SILENCE}{alert.pk}", style=2))
    return [{"type": 1, "components": buttons}]


def _button(label: str, custom_id: str, *, style: int) -> dict[str, Any]:
    return {"type": 2, "style": style, "label": label, "custom_id": custom_id}


def _call(method: str, url: str, body: dict[str, Any], is_ours: bool) -> Sent:
    # Only webhooks of applications take components without being asked to.
    query = {"wait": "true"} | ({} if is_ours else {"with_components": "true"})
    try:
        answer = _client.request(method, url, params=query, json=body)
    except httpx.HTTPError as error:
        raise Undelivered(f"Discord does not answer ({type(error).__name__}).") from error
    if answer.is_success:
        pause = None
        if answer.headers.get("X-RateLimit-Remaining") == "0":
            pause = _number(answer.headers.get("X-RateLimit-Reset-After"))
        return Sent(_message_id(answer), answer.status_code, pause)
    raise _refusal(answer, url)


def _refusal(answer: httpx.Response, url: str) -> Undelivered:
    found = _json(answer)
    if answer.status_code == 429:
        after = _number(found.get("retry_after")) or _number(answer.headers.get("Retry-After")) or 5
        return Undelivered("Discord asks for patience.", code=429, retry_after_seconds=after)
    code = found.get("code")
    if code in (_UNKNOWN_WEBHOOK, _BAD_TOKEN):
        webhooks.forget(url)
        return Undelivered("The webhook is gone; the bot makes another one.", code=code)
    if code == _UNKNOWN_MESSAGE:
        return Undelivered("The message is gone.", code=code)
    words = f"Discord answers {answer.status_code}: {str(found.get('message', ''))[:200]}"
    permanent = answer.status_code in (400, 401, 403, 404)
    return Undelivered(words, permanent=permanent, code=code or answer.status_code)


def _message_id(answer: httpx.Response) -> int | None:
    found = str(_json(answer).get("id", ""))
    return int(found) if found.isdecimal() else None


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
