"""PagerDuty's Events API v2: trigger, acknowledge, resolve. Its dedup_key makes repeats one."""

from typing import Any

import httpx
from django.conf import settings as site

from monitoring.delivery import answers, outside
from monitoring.delivery.content import About, Before, Content, Sent, Status, To, Way
from monitoring.delivery.transports.pagerduty.settings import PAGERDUTY_EVENTS_URL, PAGERDUTY_KEY

_client = outside.client()
_ACTIONS = {Status.OPEN: "trigger", Status.ACKNOWLEDGED: "acknowledge", Status.OVER: "resolve"}


class PagerDuty(Way):
    name, label, words = "pagerduty", "PagerDuty", "PagerDuty"
    who_sends = "Alertmanager; we, when it does not answer"
    set_up = "PAGERDUTY_KEY"
    settings = (PAGERDUTY_KEY, PAGERDUTY_EVENTS_URL)
    follows = True

    def targets(self) -> list[str]:
        return ["on-call"] if PAGERDUTY_KEY.is_set else []

    def takes(self, about: About) -> list[str]:
        return self.targets() if about.past_alertmanager and about.is_critical else []

    def send(self, to: To, content: Content, before: Before) -> Sent:
        try:
            answer = _client.post(PAGERDUTY_EVENTS_URL.value, json=_event(content))
        except httpx.HTTPError as error:
            raise answers.silence("PagerDuty", error) from error
        if answer.is_success:
            return Sent(code=answer.status_code)
        raise answers.refusal("PagerDuty", answer)


def _event(content: Content) -> dict[str, Any]:
    return {
        "routing_key": PAGERDUTY_KEY.value,
        "event_action": _ACTIONS[content.status],
        "dedup_key": content.key,
        "client": "Growmies Admin",
        "client_url": content.url,
        "payload": {
            "summary": content.title[:1024],
            "source": site.PUBLIC_URL,
            "severity": content.severity,
            "component": content.component or "alerts",
            "custom_details": {"text": content.text},
        },
    }


TRANSPORT = PagerDuty()
