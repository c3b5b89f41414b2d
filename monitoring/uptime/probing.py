"""Looks at our own addresses as a visitor would: does it answer, with the word, on a good
certificate."""

import socket
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from django.conf import settings
from django.utils import timezone

from monitoring import policy
from monitoring.health.answers import UP
from monitoring.uptime.models import Probe

PUBLIC = "public"
_FACTS = (
    "url", "up", "since", "checked_at", "took_seconds", "error", "certificate_expires_at"
)  # fmt: skip


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

    def look_at(name: str) -> Seen:
        return look(wanted[name], word=UP if name == PUBLIC else "")

    # Whoever does not answer holds up a few of the others, not all of them.
    with ThreadPoolExecutor(min(len(wanted), policy.PROBES_AT_A_TIME)) as pool:
        seen = zip(wanted.items(), pool.map(look_at, wanted), strict=True)
        keep({name: (url, what) for (name, url), what in seen})
    Probe.objects.exclude(name__in=wanted).delete()


def look(url: str, *, word: str = "") -> Seen:
    """Ask once. A redirect is an answer; `word` must be on the page."""
    began = time.monotonic()
    timeout = policy.PROBE_TIMEOUT.total_seconds()
    try:
        answer = httpx.get(url, timeout=timeout, trust_env=False, verify=_trusted())
        error = "" if answer.status_code < 400 else f"answers {answer.status_code}"
        if not error and word and word not in answer.text:
            error = f"the page does not say {word}"
    except (httpx.HTTPError, httpx.InvalidURL) as failed:
        error = f"no answer ({type(failed).__name__})"
    return Seen(time.monotonic() - began, error, certificate_expiry(url))


@cache
def _trusted() -> ssl.SSLContext:
    """Whom a request trusts; made once, for it takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


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


def keep(seen: Mapping[str, tuple[str, Seen]]) -> list[Probe]:
    """Write looks down by name, each with its address; `since` moves only when up changes."""
    now = timezone.now()
    before = Probe.objects.in_bulk(list(seen), field_name="name")
    rows = []
    for name, (url, look_) in seen.items():
        up, old = not look_.error, before.get(name)
        same = old is not None and old.up == up and old.url == url
        rows.append(
            Probe(
                name=name,
                url=url,
                up=up,
                since=old.since if old is not None and same else now,
                checked_at=now,
                took_seconds=look_.took_seconds,
                error=look_.error[:200],
                certificate_expires_at=look_.certificate_expires_at,
            )
        )
    return Probe.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["name"], update_fields=_FACTS, batch_size=500
    )
