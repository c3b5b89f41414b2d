"""Panels of alerts: what fires, and what did."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Acknowledgement, Alert, AlertQuerySet, Status
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, register
from monitoring.panels.shown import Item, Shown
from monitoring.tones import Tone
from monitoring.ui.words import duration

_MINUTE = timedelta(minutes=1)
_RECENT, _HISTORY, _CRITICAL = 5, 9, 20


def _recent(panel: Panel, shown: Shown) -> None:
    now = timezone.now()
    firing = list(_alerts().firing().by_urgency()[:100])
    shown.items = [Item(a.name, _minutes(now, a.starts_at), a.tone) for a in firing[:_RECENT]]
    over = _alerts().filter(status=Status.RESOLVED).order_by("-id")
    for alert in over[: _RECENT - len(shown.items)]:
        note = f"{_minutes(now, alert.ends_at)} ago, over"
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
    for alert in _alerts().order_by("-id")[:_HISTORY]:
        if alert.status == Status.FIRING:
            note = f"fires for {_minutes(now, alert.starts_at)}"
            shown.items.append(Item(alert.name, note, alert.tone))
        else:
            lasted = _minutes(alert.ends_at, alert.starts_at)
            note = f"{_minutes(now, alert.ends_at)} ago, for {lasted}"
            shown.items.append(Item(alert.name, note, Tone.MUTED, sign="circle-check"))
    if not shown.items:
        shown.nothing = panel.empty


def _critical(panel: Panel, shown: Shown) -> None:
    now = timezone.now()
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
    return Alert.objects.exclude(name=policy.WATCHDOG).defer("labels", "group_key")


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
