"""What a channel shows of an alert now, of a bundle, of a test."""

from datetime import datetime

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from monitoring.alerts import embeds
from monitoring.alerts.channels.base import Message
from monitoring.alerts.models import (
    Acknowledgement,
    Alert,
    Delivery,
    DeliveryKind,
    Severity,
    Status,
)
from monitoring.prometheus.client import PrometheusUnavailable, query
from monitoring.tones import EMOJIS, Tone
from monitoring.ui.words import duration

_BOT = "discord-bot"


def of(delivery: Delivery) -> Message:
    """Built anew for each attempt, so that a late message says what is true then."""
    if delivery.kind == DeliveryKind.BUNDLE:
        return _bundle(delivery)
    if delivery.alert is None:
        return _test(delivery)
    return _alert(delivery.alert, is_direct=delivery.is_direct)


def _alert(alert: Alert, *, is_direct: bool) -> Message:
    held = Acknowledgement.objects.open().select_related("by").filter(alert=alert).first()
    words = _state(alert, held)
    title = _title(alert)
    fields = _kind_fields(alert)
    fields += [("Severity", Severity(alert.severity).label, True)]
    if alert.service:
        fields.append(("Service", alert.service, True))
    fields.append(("State", words, False))
    footer = f"{embeds.FOOTER} · direct, past Alertmanager" if is_direct else ""
    at = alert.ends_at or alert.starts_at
    mark = " [direct]" if is_direct else ""
    return Message(
        title=f"{EMOJIS[Tone(alert.tone)]} {title}{mark}",
        text=f"{alert.description}\n{words}".strip(),
        url=settings.PUBLIC_URL + reverse("alert", args=[alert.pk]),
        key=f"{alert.fingerprint}-{int(alert.starts_at.timestamp())}",
        tone=alert.tone,
        alert=alert,
        embed=embeds.embed(
            alert.tone, title, alert.description or alert.name, fields, at=at, footer=footer
        ),
        is_acknowledged=held is not None,
    )


def _title(alert: Alert) -> str:
    title = alert.summary
    shown = title if alert.name in title else f"{title} ({alert.name})"
    return f"Resolved: {shown}" if alert.status == Status.RESOLVED else shown


def _state(alert: Alert, held: Acknowledgement | None) -> str:
    if alert.ends_at is not None:
        return f"Resolved after {duration(alert.ends_at - alert.starts_at)}"
    words = f"Fires since {_clock(alert.starts_at)}"
    if held is not None:
        words += f". Acknowledged by {held.by}"
        words += f": {held.comment}" if held.comment else ""
    if alert.is_silenced:
        words += ". Silenced"
    return words


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M %Z, %d %b %Y}"


def _kind_fields(alert: Alert) -> list[embeds.Field]:
    """The fields of the guide's three kinds, where an alert is of that kind."""
    notes = alert.annotations
    if alert.service == _BOT and alert.severity == Severity.CRITICAL:
        return embeds.bot_fields(_bot_details())
    if "content" in notes or "violation_type" in alert.labels:
        violation = {
            "type": alert.labels.get("violation_type", ""),
            "user": str(notes.get("user", "")),
            "channel": alert.labels.get("channel", ""),
            "action": str(notes.get("action") or alert.labels.get("automated_action", "")),
            "content": str(notes.get("content", "")),
        }
        return embeds.compliance_fields(violation)
    if "threshold" in notes:
        metric = str(notes.get("metric") or alert.name)
        return embeds.performance_fields(metric, str(notes.get("value", "")), notes["threshold"])
    return []


def _bot_details() -> dict[str, str]:
    """The last that Prometheus knows of the bot; what it doesn't know is left empty."""
    figures = {
        "uptime": 'time() - last_over_time(process_start_time_seconds{job="discord-bot"}[15m])',
        "memory": 'last_over_time(process_resident_memory_bytes{job="discord-bot"}[15m])',
        "guilds": 'count(last_over_time(discord_guild_members{job="discord-bot"}[15m]))',
    }
    found = {}
    for name, promql in figures.items():
        try:
            samples = query(promql)
        except PrometheusUnavailable:
            return {}
        if samples:
            found[name] = _figure(name, samples[0].value)
    return found


def _figure(name: str, value: float) -> str:
    if name == "uptime":
        return duration(value)
    return f"{value / 1024**2:.0f} MB" if name == "memory" else f"{value:.0f}"


def _bundle(delivery: Delivery) -> Message:
    """One message in place of many: how many alerts fire, by name."""
    parts = Alert.objects.filter(deliveries__bundle=delivery)
    firing = parts.filter(status=Status.FIRING)
    top = list(
        firing.order_by()
        .values_list("rank", "name")
        .annotate(n=Count("id"))
        .order_by("rank", "-n")[:10]
    )
    total, still = parts.count(), sum(n for *_, n in top)
    still = firing.count() if len(top) == 10 else still
    tone = (Tone.CRITICAL, Tone.WARN, Tone.INFO)[top[0][0]] if top else Tone.OK
    title = f"{total:,} more alerts, {still:,} of them fire"
    lines = [f"{n:,} × {name}" for _, name, n in top]
    text = "\n".join(lines) or "All of them are resolved."
    return Message(
        title=f"{EMOJIS[tone]} {title}",
        text=text,
        url=settings.PUBLIC_URL + reverse("alerts"),
        key=f"bundle-{delivery.pk}",
        tone=tone,
        embed=embeds.embed(tone, title, text, at=delivery.created_at),
    )


def _test(delivery: Delivery) -> Message:
    title = "Test of this channel"
    text = f"{delivery.requested_by} asked for it at Growmies Admin. Nothing is wrong."
    return Message(
        title=f"{EMOJIS[Tone.INFO]} {title}",
        text=text,
        url=settings.PUBLIC_URL + reverse("alert_channels"),
        key=f"test-{delivery.pk}",
        tone=Tone.INFO,
        embed=embeds.embed(Tone.INFO, title, text, at=delivery.created_at),
    )
