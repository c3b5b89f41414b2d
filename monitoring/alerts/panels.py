"""Panels of alerts: what fires, and what did."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Acknowledgement, Alert, AlertQuerySet, Comparison, Status
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, register
from monitoring.panels.shown import Item, Shown
from monitoring.tones import Tone
from monitoring.ui.words import duration

_MINUTE = timedelta(minutes=1)
_RECENT, _HISTORY, _CRITICAL = 5, 9, 20


def _recent(panel: Panel, shown: Shown) -> None:
    now = timezone.now()
    shown.as_of = _unconfirmed_since(now)
    firing = list(_alerts().firing().by_urgency()[:100])
    for alert in firing[:_RECENT]:
        words = _told_apart(alert, firing)
        shown.items.append(Item(words, _minutes(now, alert.starts_at), alert.tone))
    for alert in _over()[: _RECENT - len(shown.items)]:
        note = f"{_minutes(now, alert.ends_at)}, over"
        shown.items.append(Item(alert.name, note, Tone.MUTED, sign="circle-check"))
    if firing:
        worst = firing[0].tone
        shown.say(f"{len(firing)} firing", worst)
    else:
        shown.say("None fires", Tone.OK)
    if not shown.items:
        shown.nothing = panel.empty


def _history(panel: Panel, shown: Shown) -> None:
    now = timezone.now()
    shown.as_of = _unconfirmed_since(now)
    firing = list(_alerts().firing().by_urgency()[:_HISTORY])
    for alert in firing:
        note = f"firing for {_minutes(now, alert.starts_at)}"
        shown.items.append(Item(_told_apart(alert, firing), note, alert.tone))
    for alert in _over()[: _HISTORY - len(firing)]:
        lasted = _minutes(alert.ends_at, alert.starts_at)
        note = f"{_minutes(now, alert.ends_at)} ago, for {lasted}"
        shown.items.append(Item(alert.name, note, Tone.MUTED, sign="circle-check"))
    if not shown.items:
        shown.nothing = panel.empty


def _critical(panel: Panel, shown: Shown) -> None:
    now = timezone.now()
    shown.as_of = _unconfirmed_since(now)
    firing = list(_alerts().firing().critical().by_urgency()[:_CRITICAL])
    held = Acknowledgement.objects.open().filter(alert__in=firing).select_related("by")
    by = {one.alert_id: str(one.by) for one in held}
    for alert in firing:
        words = alert.annotations.get("summary", "") or alert.name
        lasts = _minutes(now, alert.starts_at)
        below = f"{alert.name}, {lasts}"
        if alert.pk in by:
            below += f", {by[alert.pk]} looks after it"
        url = reverse("alert", args=[alert.pk])
        ack = "" if alert.pk in by else reverse("alert_acknowledge", args=[alert.pk])
        item = Item(words, "", alert.tone, below=below, url=url, alert=alert.name)
        item.lasts, item.ack = lasts, ack
        shown.items.append(item)
    if firing:
        shown.say(f"{len(firing)} firing", Tone.CRITICAL)
    else:
        shown.nothing = panel.empty


def _alerts() -> AlertQuerySet:
    return Alert.objects.exclude(name=policy.WATCHDOG).defer("group_key")


def _unconfirmed_since(now: datetime) -> datetime | None:
    """When Alertmanager last confirmed our rows, if that is too long ago to call them fresh."""
    at = Comparison.objects.values_list("at", flat=True).first()
    return at if at and now - at > policy.ALERT_UNCONFIRMED_AFTER else None


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
        empty="None fires.",
        runbook="docs/alerts.md",
    )
)
