"""What a channel shows of an alert now, and of a bundle; what the room makes of its end."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import embeds, metrics
from monitoring.alerts.models import Acknowledgement, Alert, AlertEvent, Severity, Status
from monitoring.delivery import sources, transports
from monitoring.delivery.content import Button, Content
from monitoring.delivery.content import Status as Standing
from monitoring.delivery.models import Attempt, Message
from monitoring.prometheus.client import PrometheusUnavailable, query
from monitoring.tones import EMOJIS, Tone
from monitoring.ui.words import duration

_BOT = "discord-bot"


# Custom ids of the buttons, which the bot answers.
ACKNOWLEDGE, SILENCE = "alert:acknowledge:", "alert:silence:"


class Alerts(sources.Source):
    """Messages about alerts."""

    name, label = "alerts", "Alerts"

    def unneeded(self, messages: QuerySet[Message]) -> QuerySet[Message]:
        """Nobody is woken to be told that it is over, where the end is not told at all."""
        silent = [n for n, one in transports.everything().items() if not one.tells_the_end]
        over = Alert.objects.filter(status=Status.RESOLVED)
        return messages.filter(channel__in=silent, sent_at=None, subject_id__in=over.values("pk"))

    def content(self, message: Message) -> Content:
        return _alert(Alert.objects.get(pk=message.subject), is_direct=message.is_direct)

    def bundle(self, bundle: Message, parts: QuerySet[Message]) -> Content:
        return _bundle(bundle, parts)

    def tried(self, message: Message, outcome: Attempt.Outcome) -> None:
        metrics.alert_deliveries_total.inc(channel=message.channel, outcome=outcome)

    def went(self, message: Message) -> None:
        if message.sent_at is not None:
            waited = max((message.sent_at - message.created_at).total_seconds(), 0.0)
            metrics.alert_delivery_delay_seconds.observe(waited, channel=message.channel)
        _note(message, AlertEvent.Kind.TOLD)

    def gave_up(self, message: Message) -> None:
        _note(message, AlertEvent.Kind.NOT_TOLD)

    def subjects(self, ids: Iterable[int]) -> dict[int, sources.Subject]:
        found = Alert.objects.filter(pk__in=list(ids))
        return {
            one.pk: sources.Subject(one.summary, reverse("alert", args=[one.pk])) for one in found
        }


SOURCE = sources.register(Alerts())


def _note(message: Message, kind: str) -> None:
    if message.subject_id is not None:
        words = f"{message.get_channel_display()}, {message.reached or message.target}"
        words += ", direct" if message.is_direct else ""
        words += f": {message.error}" if message.error else ""
        AlertEvent.objects.create(alert_id=message.subject_id, kind=kind, text=words)


def _alert(alert: Alert, *, is_direct: bool) -> Content:
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
    return Content(
        title=f"{EMOJIS[Tone(alert.tone)]} {title}{mark}",
        text=f"{alert.description}\n{words}".strip(),
        url=settings.PUBLIC_URL + reverse("alert", args=[alert.pk]),
        key=f"{alert.fingerprint}-{int(alert.starts_at.timestamp())}",
        tone=alert.tone,
        severity=alert.severity,
        component=alert.service,
        status=_standing(alert, held),
        embed=embeds.embed(
            alert.tone, title, alert.description or alert.name, fields, at=at, footer=footer
        ),
        buttons=_buttons(alert, held),
    )


def _standing(alert: Alert, held: Acknowledgement | None) -> Standing:
    if alert.status == Status.RESOLVED:
        return Standing.OVER
    return Standing.ACKNOWLEDGED if held is not None else Standing.OPEN


def _buttons(alert: Alert, held: Acknowledgement | None) -> list[Button]:
    if alert.status != Status.FIRING:
        return []
    found = []
    if held is None:
        found.append(Button("Acknowledge", f"{ACKNOWLEDGE}{alert.pk}", is_main=True))
    if not alert.is_silenced:
        silence = f"Silence {duration(policy.SILENCES[0])}"
        found.append(Button(silence, f"{SILENCE}{alert.pk}"))
    return found


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
    """The fields of the three kinds of embeds, where an alert is of that kind."""
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


def _bundle(bundle: Message, messages: QuerySet[Message]) -> Content:
    """One message in place of many: how many alerts fire, by name."""
    parts = Alert.objects.filter(pk__in=messages.values("subject_id"))
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
    return Content(
        title=f"{EMOJIS[tone]} {title}",
        text=text,
        url=settings.PUBLIC_URL + reverse("alerts"),
        key=f"bundle-{bundle.pk}",
        tone=tone,
        severity=(Severity.CRITICAL, Severity.WARNING, Severity.INFO)[top[0][0]] if top else "info",
        status=Standing.OPEN if still else Standing.OVER,
        embed=embeds.embed(tone, title, text, at=bundle.created_at),
    )
