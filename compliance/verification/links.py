"""One-time upload links: `PUBLIC_URL/verify/<token>/`.

The token is random and signed; the database holds its SHA-256 only. Reading a link never
uses it up: previews fetch links. An accepted upload does.
"""

import hashlib
import secrets

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils import timezone

from compliance import policy
from compliance.verification.errors import Refusal
from compliance.verification.models import UploadLink, VerificationRequest

_SIGNER = Signer(salt="verification.upload-link", sep=".")


def issue(request: VerificationRequest) -> str:
    """A fresh link for the request; an earlier unused one stops to work. Returns the URL."""
    now = timezone.now()
    request.links.filter(used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now)
    token = secrets.token_urlsafe(24)
    UploadLink.objects.create(
        request=request,
        token_hash=_hash(token),
        issued_at=now,
        expires_at=now + policy.UPLOAD_LINK_LIFE,
    )
    return f"{settings.PUBLIC_URL}/verify/{_SIGNER.sign(token)}/"


def find(signed: str) -> UploadLink:
    """The link, used or not. Refusal link_unknown; a forged token never asks the database."""
    try:
        token = _SIGNER.unsign(signed)
    except BadSignature:
        raise Refusal("link_unknown") from None
    link = (
        UploadLink.objects.select_related("request__member").filter(token_hash=_hash(token)).first()
    )
    if link is None:
        raise Refusal("link_unknown")
    return link


def read(signed: str) -> UploadLink:
    """A link that may still be used. Refusals link_unknown, link_used, link_expired."""
    link = find(signed)
    if link.used_at is not None:
        raise Refusal("link_used")
    if link.revoked_at is not None or link.expires_at <= timezone.now():
        raise Refusal("link_expired")
    return link


def use_up(link: UploadLink) -> None:
    """Use a link up; of two uploads at once one wins. Refusal link_used or link_expired."""
    now = timezone.now()
    used = UploadLink.objects.filter(
        pk=link.pk, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    ).update(used_at=now)
    if not used:
        link.refresh_from_db()
        raise Refusal("link_used" if link.used_at else "link_expired")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
