"""One-time upload links: `PUBLIC_URL/verify/<token>/`.

The token is random and signed; the database holds its SHA-256 only. Reading a link never
uses it up: previews fetch links. An accepted upload does, and so do ten that are refused.
Whoever changes something by a link holds its request first, then the link: as issue() does.
"""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from compliance import policy
from compliance.refusals import Refusal
from compliance.uploads.models import UploadLink
from compliance.verification.models import VerificationRequest

_SIGNER = Signer(salt="verification.upload-link", sep=".")


def issue(request: VerificationRequest) -> str:
    """A fresh link for the request; an earlier unused one stops working. Returns the URL.

    Refusal tried_out where the member's links took too many attempts within a day (details:
    until). Call it inside a transaction.
    """
    now = timezone.now()
    _refuse_tried_out(request.member_id, now)
    request.links.filter(used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now)
    token = secrets.token_urlsafe(24)
    UploadLink.objects.create(
        request=request,
        token_hash=_hash(token),
        issued_at=now,
        expires_at=now + policy.UPLOAD_LINK_LIFE,
    )
    return f"{settings.PUBLIC_URL}/verify/{_SIGNER.sign(token)}/"


def _refuse_tried_out(member_id: int, now: datetime) -> None:
    counted = UploadLink.objects.filter(
        request__member_id=member_id,
        issued_at__gt=now - policy.UPLOAD_MEMBER_ATTEMPTS_IN,
        attempts__gt=0,
    )
    rows = list(counted.order_by("issued_at").values_list("issued_at", "attempts"))
    left = sum(attempts for _, attempts in rows)
    until = None
    for issued_at, attempts in rows:
        if left < policy.UPLOAD_MEMBER_ATTEMPTS:
            break
        left -= attempts
        until = issued_at + policy.UPLOAD_MEMBER_ATTEMPTS_IN
    if until is not None:
        at = int(until.timestamp()) + 1
        raise Refusal(
            "tried_out",
            f"You tried to send a picture too many times. Type /verify again after <t:{at}:f>.",
            until=until.isoformat(),
        )


def key_of(signed: str) -> bytes:
    """What a link is known by, without asking the database. Refusal link_unknown when forged."""
    try:
        return _hash(_SIGNER.unsign(signed))
    except BadSignature:
        raise Refusal("link_unknown") from None


def find(signed: str) -> UploadLink:
    """The link, used or not. Refusal link_unknown; a forged token never asks the database."""
    found = UploadLink.objects.select_related("request__member")
    link = found.filter(token_hash=key_of(signed)).first()
    if link is None:
        raise Refusal("link_unknown")
    return link


def read(signed: str) -> UploadLink:
    """A link that a picture may still be sent through.

    Refusals link_unknown, link_used, link_expired (or revoked), link_tries.
    """
    link = find(signed)
    refusal = _why_not(link)
    if refusal:
        raise refusal
    return link


def hold(signed: str) -> UploadLink:
    """The link, used, revoked or neither, with its request held until the transaction ends.

    For what else a link lets its member do; ask is_alive() then. Refusal link_unknown.
    """
    link = find(signed)
    try:
        link.request = VerificationRequest.objects.select_for_update().get(pk=link.request_id)
        link.refresh_from_db(fields=["revoked_at", "expires_at", "used_at", "round"])
    except ObjectDoesNotExist:
        raise Refusal("link_unknown") from None  # the member was erased meanwhile
    return link


@transaction.atomic
def give_up(signed: str) -> UploadLink:
    """What is being sent through the link, or is still on its way, will not be accepted.

    Afterwards nothing was kept and nothing will be, unless `used_at` says that an upload was
    accepted before. A link that is over stays as it is. Refusal link_unknown.
    """
    link = hold(signed)
    if link.used_at is None and is_alive(link):
        link.round += 1
        link.save(update_fields=["round"])
    return link


def sent_at(signed: str) -> datetime | None:
    """When an upload was accepted through the link; None when none was. Refusal link_unknown."""
    found = UploadLink.objects.filter(token_hash=key_of(signed))
    return found.values_list("used_at", flat=True).first()


def is_alive(link: UploadLink) -> bool:
    """Neither revoked nor expired; it may be used."""
    return link.revoked_at is None and link.expires_at > timezone.now()


def count_attempt(link: UploadLink) -> None:
    """Count one before a picture is opened, so that what breaks us is counted too.

    Refusals as read(), for what became of the link since, and sent_again where it was given up.
    Afterwards `link.attempts` is right.
    """
    counted = UploadLink.objects.filter(
        pk=link.pk,
        round=link.round,
        used_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=timezone.now(),
        attempts__lt=policy.UPLOAD_LINK_ATTEMPTS,
    ).update(attempts=F("attempts") + 1)
    link.refresh_from_db()
    if not counted:
        raise _why_not(link) or Refusal("sent_again")


def use_up(link: UploadLink) -> None:
    """Use a link up; of two uploads at once one wins. Holds the request; in a transaction.

    Refusals link_used, link_expired, sent_again (it was given up since `link` was read).
    """
    now = timezone.now()
    used = UploadLink.objects.filter(
        pk=link.pk,
        round=link.round,
        used_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=now,
    ).update(used_at=now)
    if not used:
        link.refresh_from_db()
        raise _why_not(link) or Refusal("sent_again")


def _why_not(link: UploadLink) -> Refusal | None:
    """Why no picture can be sent through it."""
    if link.used_at is not None:
        return Refusal("link_used")
    if not is_alive(link):
        return Refusal("link_expired")
    if link.attempts >= policy.UPLOAD_LINK_ATTEMPTS:
        return Refusal("link_tries")
    return None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
