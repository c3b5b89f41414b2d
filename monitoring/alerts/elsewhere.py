"""Silences that were not made here: seen, written into the audit trail, and told of when they
hide everything or last long."""

import re
from datetime import timedelta

from django.db import transaction

from monitoring import policy
from monitoring.alerts import alertmanager, raising, silencing
from monitoring.alerts.alertmanager import Known, Matcher, Silence
from monitoring.alerts.models import KnownSilence, Origin, Raised
from monitoring.audit import trail
from monitoring.audit.models import Category, Severity

# Past Alertmanager: the silence of which it tells would hold it back.
KIND = raising.Kind("SilencedElsewhere", "critical", "monitoring", past_alertmanager=True)
WORDS_AT_MOST = 300
# Alertmanager keeps thousandths of a second, we keep more.
_THE_SAME = timedelta(seconds=1)
# A pattern that begins with a name: "Disk.*", "WebDown|BotDown". Nobody runs it: it comes from
# outside, and is written for another engine.
_BRANCH = r"[\w:/-]{3}(?:[\w:/ -]|\\?\.[*+]?)*+"
_NAMES = re.compile(rf"{_BRANCH}(?:\|{_BRANCH})*+", re.ASCII)


@transaction.atomic
def look(known: list[Known]) -> None:
    """One look at all silences, with the alerts that Alertmanager has; safe to run twice.

    Raises AlertmanagerUnavailable.
    """
    silencing.hold()
    found = alertmanager.silences()
    rows = KnownSilence.objects.in_bulk([one.id for one in found], field_name="silence_id")
    for one in found:
        rows[one.id] = _note(one, rows.get(one.id))
    watchdogs = {by for alert in known if alert.name == policy.WATCHDOG for by in alert.silenced_by}
    told = set()
    for one in found:
        if one.state == "expired" or rows[one.id].origin == Origin.HERE:
            continue
        if why := _too_much(one, hides_the_watchdog=one.id in watchdogs):
            told.add(one.id)
            _tell(one, why)
    _lower_all_but(told)


def covers_everything(silence: Silence) -> bool:
    """Whether nothing in it names an alert, or a thing that alerts are about."""
    return not any(_names_something(matcher) for matcher in silence.matchers)


def _names_something(matcher: Matcher) -> bool:
    """A severity names nothing: half of all alerts have it. What is only excluded, neither."""
    if not matcher.is_equal or not matcher.value or matcher.name == "severity":
        return False
    return not matcher.is_regex or _NAMES.fullmatch(matcher.value) is not None


def _note(one: Silence, row: KnownSilence | None) -> KnownSilence:
    """The row that stands for it, made or brought up to date, with an audit entry for either."""
    if row is None:
        row = KnownSilence(silence_id=one.id, origin=Origin.ELSEWHERE, ends_at=one.ends_at)
        row.save()
        _record("alert.silenced_elsewhere", one)
    elif one.ends_at > row.ends_at + _THE_SAME:
        row.ends_at = one.ends_at
        row.origin = Origin.CHANGED if row.made_by_id else Origin.ELSEWHERE
        row.save(update_fields=["ends_at", "origin"])
        _record("alert.silence_prolonged_elsewhere", one)
    return row


def _record(action: str, one: Silence) -> None:
    trail.record(
        action,
        category=Category.TECHNICAL,
        severity=Severity.WARNING,
        data={
            "silence": one.id,
            "matchers": _matchers(one),
            "from": one.starts_at.isoformat(),
            "until": one.ends_at.isoformat(),
            "says_by": one.created_by[:WORDS_AT_MOST],
        },
    )


def _too_much(one: Silence, *, hides_the_watchdog: bool) -> str:
    """Why somebody has to know of it; "" when nobody has to."""
    if covers_everything(one):
        return "It names no alert: it may cover all of them."
    if hides_the_watchdog:
        return f"It covers {policy.WATCHDOG}, which says that alerting works."
    if one.ends_at - one.starts_at > policy.SILENCE_ELSEWHERE_AT_MOST:
        return f"It lasts more than {policy.SILENCE_ELSEWHERE_AT_MOST.days} days."
    return ""


def _tell(one: Silence, why: str) -> None:
    by = one.created_by[:WORDS_AT_MOST] or "nobody"
    raising.raise_alert(
        KIND,
        summary="Alerts are silenced from elsewhere",
        description=f"{why} {_matchers(one)} until {alertmanager.rfc3339(one.ends_at)}."
        f" It was not made on the site; it says it is by {by}. End it at /alerts/silences/.",
        labels={"silence": one.id},
    )


def _lower_all_but(ids: set[str]) -> None:
    for row in Raised.objects.filter(ended_at=None, labels__alertname=KIND.name):
        if row.labels["silence"] not in ids:
            raising.lower(KIND, labels={"silence": row.labels["silence"]})


def _matchers(one: Silence) -> str:
    return ", ".join(str(matcher) for matcher in one.matchers)[:WORDS_AT_MOST]
