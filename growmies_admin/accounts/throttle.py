"""How often a password, or a code of a second factor, may be tried.

Counted for an account from one place (an address, or a device that its owner signed in on
before), and for the account from all unknown devices together. The first makes whoever guesses
wait. The second makes everybody wait who comes from a place that is new, but each in a time of
their own: others can make the owner slower, not lock them out. A known device waits for its own
failures only.

A try is counted before it is checked and given back when it was right, so that many at once are
no more than that. All of it is in PostgreSQL: what is lost with Valkey is the limit of one
address over all accounts, nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.core.internal.ratelimit import get_ip
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from growmies_admin import policy
from growmies_admin.accounts import known_devices
from growmies_admin.accounts.models import SignInTries, Staff
from monitoring.ui.words import span

_ALL = ""  # the source of the row that stands for all unknown devices
_ELSEWHERE = "elsewhere"
_BUCKETS = 4096


@dataclass(frozen=True)
class Try:
    """One try: whose, of what, from where; `alone` counts for that place and nowhere else."""

    account: str
    kind: str
    source: str
    alone: bool


def of_password(request: HttpRequest, person: Staff | None, typed: str) -> Try:
    """A password for an account. For a name that nobody has it is limited just the same.

    Of such a name a bucket is kept, not the name: people type passwords into its field.
    """
    device = known_devices.of(request, person) if person else ""
    account = f"staff {person.pk}" if person else f"unknown {_bucket(typed)}"
    source = device or salted_hmac("accounts.throttle", get_ip(request)).hexdigest()
    return Try(account, SignInTries.Kind.PASSWORD, source, bool(device))


def of_code(request: HttpRequest, person: Staff) -> Try:
    """A code: whoever asks knows the password, so all unknown devices share one limit."""
    source = known_devices.of(request, person) or _ELSEWHERE
    return Try(f"staff {person.pk}", SignInTries.Kind.CODE, source, True)


@transaction.atomic
def take(one: Try) -> timedelta | None:
    """Count a try; or how long to wait first, and then it is not counted."""
    now = timezone.now()
    wait = timedelta(0)
    rows = []
    if not one.alone:
        everywhere = _locked(one, _ALL, now)
        rows.append(everywhere)
        wait = _wait_of_all(everywhere.failures)
    here = _locked(one, one.source, now)
    rows.append(here)
    left = here.last_at + max(wait, _wait_here(here.failures)) - now
    if left > timedelta(0):
        return left
    for row in rows:
        row.failures, row.last_at = row.failures + 1, now
        row.save(update_fields=["failures", "last_at"])
    return None


@transaction.atomic
def give_back(one: Try) -> None:
    """The try was right: this place begins anew, what others did from elsewhere stays."""
    of_account = SignInTries.objects.filter(account=one.account, kind=one.kind)
    if not one.alone:
        of_account.filter(source=_ALL).update(failures=Greatest(F("failures") - 1, 0))
    of_account.filter(source=one.source).delete()


def forget_codes(person: Staff) -> None:
    """Wrong codes of a second factor that is gone hold up nobody who has another one."""
    SignInTries.objects.filter(account=f"staff {person.pk}", kind=SignInTries.Kind.CODE).delete()


def forget_old() -> int:
    """Remove what no longer counts."""
    before = timezone.now() - policy.SIGN_IN_TRIES_FORGOTTEN
    return SignInTries.objects.filter(last_at__lt=before).delete()[0]


def in_words(wait: timedelta) -> str:
    """How long to wait, rounded up: `12 seconds`, `1 minute`."""
    seconds = max(1, -int(-wait.total_seconds() // 1))
    return span(timedelta(seconds=seconds if seconds < 60 else -(-seconds // 60) * 60))


def _locked(one: Try, source: str, now: datetime) -> SignInTries:
    """The row of a source, locked. A new one is kept: whoever waits then waits from now on."""
    place = {"account": one.account, "kind": one.kind, "source": source}
    of_source = SignInTries.objects.select_for_update().filter(**place)
    # Beside this try another one may make the row; one that was right removes it.
    while (row := of_source.first()) is None:
        SignInTries.objects.bulk_create([SignInTries(**place, last_at=now)], ignore_conflicts=True)
    if row.last_at < now - policy.SIGN_IN_TRIES_FORGOTTEN:
        row.failures = 0
    return row


def _wait_here(failures: int) -> timedelta:
    further = failures - policy.SIGN_IN_TRIES
    return _doubled(policy.SIGN_IN_WAIT, further, policy.SIGN_IN_WAIT_MOST)


def _wait_of_all(failures: int) -> timedelta:
    tens = failures // policy.SIGN_IN_TRIES_FROM_ALL
    return _doubled(policy.SIGN_IN_WAIT_FROM_ALL, tens - 1, policy.SIGN_IN_WAIT_FROM_ALL_MOST)


def _doubled(first: timedelta, times: int, most: timedelta) -> timedelta:
    """None below zero times; the power is bounded, a count of failures is not."""
    return min(first * (1 << min(times, 16)), most) if times >= 0 else timedelta(0)


def _bucket(typed: str) -> int:
    digest = salted_hmac("accounts.throttle.unknown", typed.lower()).digest()
    return int.from_bytes(digest[:4]) % _BUCKETS
