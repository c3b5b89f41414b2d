"""Brings the lines of the file of heads to a second place: an HTTPS webhook of one's own.

At least once and in order, whatever fails in between: how far it has come is a row. It reads
the file, so that neither the sealer nor the writer of heads ever waits for it.
"""

import hashlib
import hmac
import time

import httpx
import structlog
from django.conf import settings

from monitoring import policy
from monitoring.audit.models import HeadPlace
from monitoring.audit_chain import heading, heads
from monitoring.audit_chain.heads import HeadsUnreadable, Place

log = structlog.get_logger(__name__)
TIMESTAMP_HEADER, SIGNATURE_HEADER = "X-Audit-Timestamp", "X-Audit-Signature"
WEBHOOK = HeadPlace.Name.WEBHOOK


class NotDelivered(Exception):
    """The second place did not take heads; the message says why, without its address."""


def deliver() -> int:
    """Send what was written and not delivered, oldest first; returns how many lines.

    Ends after AUDIT_HEADS_POSTING; the next run goes on. What was not taken is sent again, and
    the place's trouble says why.
    """
    if not settings.AUDIT_HEADS_WEBHOOK_URL:
        return 0
    sent, began = 0, time.monotonic()
    place = heading.place_of(WEBHOOK)
    try:
        while time.monotonic() - began < policy.AUDIT_HEADS_POSTING.total_seconds():
            lines, after = _next_lines(place)
            if not lines:
                break
            _post(b"".join(lines))
            heading.keep(WEBHOOK, after, came=True)
            sent, place = sent + len(lines), after
    except (NotDelivered, HeadsUnreadable, OSError) as why:
        heading.keep(WEBHOOK, place, trouble=str(why))
        log.warning("audit_heads_not_delivered", why=str(why))
    return sent


def signature(timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over `timestamp + "." + body`, as a provider's callback is signed."""
    key = settings.AUDIT_HEADS_WEBHOOK_SECRET.encode()
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _next_lines(place: Place) -> tuple[list[bytes], Place]:
    if not settings.AUDIT_HEADS.exists():
        return [], place
    if why := heads.why_changed(settings.AUDIT_HEADS, place):
        raise NotDelivered(why)
    return heads.lines_from(settings.AUDIT_HEADS, place, policy.AUDIT_HEADS_A_POST)


def _post(body: bytes) -> None:
    timestamp = str(int(time.time()))
    try:
        answer = httpx.post(
            settings.AUDIT_HEADS_WEBHOOK_URL,
            content=body,
            headers={
                "Content-Type": "application/x-ndjson",
                TIMESTAMP_HEADER: timestamp,
                SIGNATURE_HEADER: signature(timestamp, body),
            },
            timeout=policy.AUDIT_HEADS_TIMEOUT.total_seconds(),
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise NotDelivered(f"The webhook does not answer: {type(error).__name__}.") from error
    if not answer.is_success:
        raise NotDelivered(f"The webhook answers with {answer.status_code}.")
