"""PagerDuty's Events API v2: trigger, acknowledge, resolve. Its dedup_key makes repeats one."""

from typing import Any

import httpx
from django.conf import settings

from monitoring import policy
from monitoring.alerts.channels.base import Message, Sent, Undelivered
from monitoring.alerts.models import Status

_client = httpx.Client(timeout=policy.ALERT_DELIVERY_TIMEOUT.total_seconds(), trust_env=False)


class PagerDuty:
    def targets(self) -> list[str]:
        return ["on-call"] if settings.PAGERDUTY_KEY else []

    def send(self, target: str, message: Message, message_id: int | None) -> Sent:
        try:
            answer = _client.post(settings.PAGERDUTY_EVENTS_URL, json=_event(message))
        except httpx.HTTPError as error:
            raise Undelivered(f"PagerDuty does not answer ({type(error).__name__}).") from error
        if answer.is_success:
            return Sent(code=answer.status_code)
        retry = answer.headers.get("Retry-After", "")
        raise Undelivered(
            f"PagerDuty answers {answer.status_code}.",
            permanent=answer.status_code < 500 and answer.status_code != 429,
            code=answer.status_code,
            retry_after_seconds=float(retry) if retry.isdecimal() else None,
        )


def _event(message: Message) -> dict[str, Any]:
    alert = message.alert
    action = "trigger"
    if alert is not None and alert.status == Status.RESOLVED:
        action = "resolve"
    elif message.is_acknowledged:
        action = "acknowledge"
    return {
        "routing_key": settings.PAGERDUTY_KEY,
        "event_action": action,
        "dedup_key": message.key,
        "client": "Growmies Admin",
        "client_url": message.url,
        "payload": {
            "summary": message.title[:1024],
            "source": settings.PUBLIC_URL,
            "severity": alert.severity if alert is not None else "info",
            "component": alert.service if alert is not None else "alerts",
            "custom_details": {"text": message.text},
        },
    }
