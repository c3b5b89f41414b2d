"""Judges a call of the provider: is it really theirs, is it new, does it say what it must.

docs/provider.md is what the provider reads.
"""

import hashlib
import hmac
import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from compliance import policy
from compliance.providers.models import ProviderSession
from compliance.refusals import Refusal

TIMESTAMP_HEADER = "X-Provider-Timestamp"
SIGNATURE_HEADER = "X-Provider-Signature"
_DELIVERY_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIELDS = {"delivery_id", "reference", "result", "birth_date"}


@dataclass(frozen=True)
class Answer:
    """What the provider says about one reference. The birth date is for one comparison."""

    delivery_id: str
    reference: uuid.UUID
    result: ProviderSession.Result
    birth_date: date | None = field(default=None, repr=False)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over `timestamp + "." + body`, in hexadecimal."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def authenticate(timestamp: str, signature: str, body: bytes) -> None:
    """That the provider sent these very bytes just now. Refusals signature_wrong, timestamp_skewed.

    Nothing of the body is looked at before.
    """
    expected = sign(settings.PROVIDER_SECRET, timestamp, body).encode()
    given = signature.removeprefix("sha256=").lower().encode()
    if not settings.PROVIDER_SECRET or not hmac.compare_digest(expected, given):
        raise Refusal("signature_wrong")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Refusal("timestamp_skewed")
    skew = abs(timezone.now().timestamp() - int(timestamp))
    if skew > policy.PROVIDER_CLOCK_SKEW.total_seconds():
        raise Refusal("timestamp_skewed")


def read(body: bytes) -> Answer:
    """The answer in a body. Refusal body_invalid, with a sentence that says which field."""
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError):
        raise _invalid("it is not JSON") from None
    if not isinstance(facts, dict):
        raise _invalid("it is not a JSON object")
    if unknown := facts.keys() - _FIELDS:
        # Its name only: who knows what else would come to rest in a log.
        raise _invalid(f"{len(unknown)} of its fields are not known")
    delivery_id = facts.get("delivery_id")
    if not isinstance(delivery_id, str) or not _DELIVERY_ID.fullmatch(delivery_id):
        raise _invalid("delivery_id must be 8 to 64 letters, digits, - or _")
    result = facts.get("result")
    if not isinstance(result, str) or result not in ProviderSession.Result.values:
        raise _invalid(f"result must be one of {', '.join(ProviderSession.Result.values)}")
    return Answer(
        delivery_id,
        _reference(facts.get("reference")),
        ProviderSession.Result(result),
        _birth_date(facts.get("birth_date")),
    )


def _reference(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value) if isinstance(value, str) else uuid.UUID("")
    except ValueError:
        raise _invalid("reference must be the UUID of the link") from None


def _birth_date(value: Any) -> date | None:
    if value is None:
        return None
    wrong = _invalid("birth_date must be a day as in 1990-12-31")
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise wrong
    try:
        born = date.fromisoformat(value)
    except ValueError:
        raise wrong from None
    today = timezone.now().astimezone(policy.AGE_ZONE).date()
    if born.year < policy.PROVIDER_EARLIEST_BIRTH_YEAR or born > today:
        raise wrong
    return born


def _invalid(why: str) -> Refusal:
    return Refusal("body_invalid", f"The body can't be used: {why}.")
