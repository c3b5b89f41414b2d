"""Panels of alerts: what fires, and what did."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import attended
from monitoring.alerts import firing as firing_now
from monitoring.alerts.models import Alert, AlertQuerySet, Status
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, register
from monitoring.panels.shown import Item, Shown
from monitoring.tones import Tone
from monitoring.ui.words import duration

_MINUTE = timedelta(minutes=1)
_RECENT, _HISTORY, _CRITICAL = 5, 9, 20
_LOOKED_AT = 100


def _recent(panel: Panel, shown: Shown) -> None:
    now = timezone.now()
    shown.as_of = firing_now.unconfirmed_since(now)
    count, firing, held = _firing()
    for alert in firing[:_RECENT]:
        words = _told_apart(alert, firing)
        shown.items.append(_line(alert, words, _minutes(now, alert.starts_at), held))
    shown.more = count - len(shown.items)
    shown.cut(_RECENT)
    for alert in _over()[: _RECENT - len(shown.items)] if not shown.more else ():
        note = f"{_minutes(now, alert.ends_at)}, over"
        shown.items.append(Item(alert.name, note, Tone.MUTED, sign="circle-check"))
    shown.say(*_state(count, firing, held))
    if not shown.items:
        shown.nothing = panel.empty


def _history(panel: Panel, shown: Shown) -> None:
    now = timezone.now()
    shown.as_of = firing_now.unconfirmed_since(now)
    count, firing, held = _firing()
    for alert in firing[:_HISTORY]:
        note = f"firing for {_minutes(now, alert.starts_at)}"
        shown.items.append(_line(alert, _told_apart(alert, firing), note, held))
    shown.more = count - len(shown.items)
    shown.cut(_HISTORY)
    for alert in _over()[: _HISTORY - len(shown.items)] if not shown.more else ():
        lasted = _minutes(alert.ends_at, alert.starts_at)
        note = f"{_minutes(now, alert.ends_at)} ago, for {lasted}"
        shown.items.append(Item(alert.name, note, Tone.MUTED, sign="circle-check"))
    if not shown.items:
        shown.nothing = panel.empty


def _critical(panel: Panel, shown: Shown) -> None:
    now = timezone.now()
    shown.as_of = firing_now.unconfirmed_since(now)
    critical = _alerts().firing().critical()
    firing = list(critical.by_urgency()[: _CRITICAL + 1])
    held = attended.of_rows(firing)
    for alert in sorted(firing[:_CRITICAL], key=lambda one: one.pk in held):
        lasts = _minutes(now, alert.starts_at)
        item = _line(alert, alert.summary, "", held)
        item.below = ", ".join(filter(None, (alert.name, lasts, held.get(alert.pk))))
        item.url, item.alert, item.lasts = reverse("alert", args=[alert.pk]), alert.name, lasts
        if alert.pk not in held:
            item.ack = reverse("alert_acknowledge", args=[alert.pk])
        shown.items.append(item)
    count = len(firing) if len(firing) <= _CRITICAL else critical.count()
    shown.more = max(count - _CRITICAL, 0)
    if firing:
        shown.say(*_state(count, firing, held))
    elif shown.as_of:
        shown.nothing = "Critical alerts are not known at the moment."
    else:
        shown.nothing = panel.empty


def _alerts() -> AlertQuerySet:
    return Alert.objects.exclude(name=policy.WATCHDOG).defer("group_key")


def _firing() -> tuple[int, list[Alert], dict[int, str]]:
    """How many fire, the most urgent of them, and which of these need nobody now."""
    firing = list(_alerts().firing().by_urgency()[:_LOOKED_AT])
    count = len(firing) if len(firing) < _LOOKED_AT else _alerts().firing().count()
    held = attended.of_rows(firing)
    return count, sorted(firing, key=lambda one: one.pk in held), held


def _line(alert: Alert, words: str, note: str, held: dict[int, str]) -> Item:
    """What needs somebody in the tone of its severity, what is attended with a sign of its own."""
    if alert.pk in held:
        return Item(words, note, Tone.INFO, sign="user-check")
    return Item(words, note, alert.tone)


def _state(count: int, firing: list[Alert], held: dict[int, str]) -> tuple[str, str]:
    """The panel's state: how many fire, and in the tone of the worst that needs somebody."""
    if not count:
        return "None firing", Tone.OK
    worst = attended.worst_tone(count, firing, held)
    if not held:
        return f"{count} firing", worst
    if len(held) == count:
        return f"{count} firing, handled", worst
    return f"{count} firing, {len(held)} handled", worst


def _over() -> list[Alert]:
    """Those that were over last."""
    return list(_alerts().filter(status=Status.RESOLVED).order_by("-ends_at", "-id")[:_HISTORY])


def _told_apart(alert: Alert, among: list[Alert]) -> str:
    """Its name; with the first label in which it differs from another one of that name."""
    same = [one.labels for one in among if one.name == alert.name]
    differs = (n for n in sorted(alert.labels) if any(o.get(n) != alert.labels[n] for o in same))
    label = next(differs, None)
    return f"{alert.name}, {alert.labels[label]}" if label else alert.name


def _minutes(later: datetime | None, earlier: datetime | None) -> str:
    """In whole minutes, so that a board changes once a minute only."""
    if later is None or earlier is None:
        return "–"
    whole = (later - earlier) // _MINUTE * _MINUTE
    return duration(whole).split(", ")[0] if whole > timedelta(0) else "under 1 min"


register(
    Panel(
        slug="recent-alerts",
        title="Recent Alerts",
        short="Recent alerts",
        kind=Kind.LIST,
        board=Board.MAIN,
        position=7,
        about="What fires, most urgent first, then what was over last.",
        look=_recent,
        empty="No alert has fired yet.",
        runbook="docs/alerts.md",
    )
)
register(
    Panel(
        slug="alert-history",
        title="Alert History",
        short="Alert history",
        kind=Kind.LIST,
        board=Board.SECONDARY,
        position=4,
        about="The newest alerts, those that fire and those that are over.",
        look=_history,
        empty="No alert has fired yet.",
        runbook="docs/alerts.md",
    )
)
register(
    Panel(
        slug="critical-alerts",
        title="Critical Alerts",
        short="Critical alerts",
        kind=Kind.LIST,
        board=Board.MOBILE,
        position=2,
        about="Critical alerts that fire, and who looks after them.",
        look=_critical,
        empty="No critical alerts.",
        runbook="docs/alerts.md",
    )
)
