"""Signed JSON to any address, in the form of Standard Webhooks: what changes is sent anew."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
from django.conf import settings as site

from monitoring import policy
from monitoring.delivery import answers, outside
from monitoring.delivery.content import About, Before, Content, Sent, To, Undelivered, Way
from monitoring.delivery.transports.webhook.settings import WEBHOOK_SECRETS, WEBHOOK_URLS, key

_client = outside.client()
_SAME_AGAIN = (307, 308)
_ANOTHER_WAY = (301, 302, 303)  # the message would be lost: they are followed by a GET


class Webhook(Way):
    name, label, words = "webhook", "Webhook", "webhook"
    who_sends = "we, for every alert"
    set_up = "WEBHOOK_URLS, and a secret for each in WEBHOOK_SECRETS"
    settings = (WEBHOOK_URLS, WEBHOOK_SECRETS)
    follows = True

    def targets(self) -> list[str]:
        """Those that have a secret; what nobody can check is not sent."""
        return [name for name in WEBHOOK_URLS.value if name in WEBHOOK_SECRETS.value]

    def takes(self, about: About) -> list[str]:
        return self.targets()

    def send(self, to: To, content: Content, before: Before) -> Sent:
        if to.target not in self.targets():
            raise Undelivered(
                f"Address or secret of {to.target} is not set (WEBHOOK_URLS, WEBHOOK_SECRETS).",
                permanent=True,
            )
        body = json.dumps(_event(content), ensure_ascii=False).encode()
        headers = signed(before.once, body, secret=WEBHOOK_SECRETS.value[to.target])
        try:
            answer = _post(WEBHOOK_URLS.value[to.target], body, headers)
        except httpx.HTTPError as error:
            raise answers.silence(to.target, error) from error
        if answer.status_code in _ANOTHER_WAY:
            words = f"{to.target} has moved ({answer.status_code}): set the address it has now."
            raise Undelivered(words, permanent=True, code=answer.status_code)
        if not answer.is_success:
            raise answers.refusal(to.target, answer)
        return Sent(code=answer.status_code)


def _post(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """Post it, and again where it is sent on to; each address is looked at as the first one."""
    for _ in range(policy.DELIVERY_REDIRECTS + 1):
        answer = _client.post(url, content=body, headers=headers)
        if answer.status_code not in _SAME_AGAIN or answer.next_request is None:
            return answer
        url = str(answer.next_request.url)
    raise Undelivered("It leads from one address to the next.", permanent=True)


def signed(once: str, body: bytes, *, secret: str) -> dict[str, str]:
    """The headers with which the other side knows that it is ours, and that it is not old."""
    at = str(int(time.time()))
    message = b".".join((once.encode(), at.encode(), body))
    digest = hmac.new(key(secret), message, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": f"GrowmiesAdmin/{site.VERSION or '0'}",
        "webhook-id": once,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _event(content: Content) -> dict[str, Any]:
    return {
        "key": content.key,
        "status": str(content.status),
        "severity": content.severity,
        "component": content.component,
        "title": content.title,
        "text": content.text,
        "url": content.url,
    }


TRANSPORT = Webhook()
