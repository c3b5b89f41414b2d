"""Looks at our own addresses as a visitor would: does it answer, with the word, on a good
certificate."""

import socket
import ssl
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from monitoring import policy
from monitoring.health.answers import UP
from monitoring.uptime.models import Probe

PUBLIC = "public"


@dataclass(frozen=True)
class Seen:
    """One look: `error` is "" when all is well."""

    took_seconds: float
    error: str
    certificate_expires_at: datetime | None


def addresses() -> dict[str, str]:
    """Probes by name: the keyword page under PUBLIC_URL, and PROBE_URLS."""
    return {PUBLIC: f"{settings.PUBLIC_URL}/up", **settings.PROBE_URLS}


def probe_all() -> None:
    """Look at every address and keep what was seen; forget those that are configured no more."""
    wanted = addresses()
    for name, url in wanted.items():
        keep(name, url, look(url, word=UP if name == PUBLIC else ""))
    Probe.objects.exclude(name__in=wanted).delete()


def look(url: str, *, word: str = "") -> Seen:
    """Ask once. A redirect is an answer; `word` must be on the page."""
    began = time.monotonic()
    timeout = policy.PROBE_TIMEOUT.total_seconds()
    try:
        answer = httpx.get(url, timeout=timeout, trust_env=False)
        error = "" if answer.status_code < 400 else f"answers {answer.status_code}"
        if not error and word and word not in answer.text:
            error = f"the page does not say {word}"
    except (httpx.HTTPError, httpx.InvalidURL) as failed:
        error = f"no answer ({type(failed).__name__})"
    return Seen(time.monotonic() - began, error, certificate_expiry(url))


def certificate_expiry(url: str) -> datetime | None:
    """When the certificate ends, also of one that nobody trusts; None without https or answer."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    context = ssl.create_default_context()
    # Only its date is read here; whether it is trusted is found by the request itself.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    address = (parts.hostname, parts.port or 443)
    try:
        with (
            socket.create_connection(address, policy.PROBE_TIMEOUT.total_seconds()) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            der = secure.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(der).not_valid_after_utc if der else None
    except (OSError, ValueError):
        return None


@transaction.atomic
def keep(name: str, url: str, seen: Seen) -> Probe:
    """Write one look down; `since` moves only when up and down change."""
    now = timezone.now()
    before = Probe.objects.select_for_update().filter(name=name).first()
    up = not seen.error
    same = before is not None and before.up == up and before.url == url
    facts = {
        "url": url,
        "up": up,
        "since": before.since if before is not None and same else now,
        "checked_at": now,
        "took_seconds": seen.took_seconds,
        "error": seen.error[:200],
        "certificate_expires_at": seen.certificate_expires_at,
    }
    kept, _ = Probe.objects.update_or_create(name=name, defaults=facts)
    return kept
