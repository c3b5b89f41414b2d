"""Figures of alerts: what came in, what fires, who was told and how late."""

from collections.abc import Iterable

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from monitoring.alerts.models import (
    Acknowledgement,
    Alert,
    Severity,
    Source,
    Status,
)
from monitoring.delivery import transports
from monitoring.delivery.models import ON_ITS_WAY, Attempt, Message
from monitoring.metrics.families import CounterFamily, HistogramFamily, database_gauge

alerts_received_total = CounterFamily(
    "alerts_received_total",
    "Alerts that came in, repeats too; truncated: Alertmanager left them out of a webhook.",
    {"status": (*Status.values, "truncated"), "source": Source.values},
)
alert_intake_refused_total = CounterFamily(
    "alert_intake_refused_total",
    "Webhooks that were refused and changed nothing.",
    {"reason": ("token", "malformed", "size")},
)
alert_deliveries_total = CounterFamily(
    "alert_deliveries_total",
    "Attempts to get a message about an alert through.",
    {"channel": transports.names(), "outcome": Attempt.Outcome.values},
)
alert_delivery_delay_seconds = HistogramFamily(
    "alert_delivery_delay_seconds",
    "From the time at which an alert came in until a channel first had it.",
    {"channel": transports.names()},
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
)


def _firing() -> Iterable[tuple[tuple[str, ...], float]]:
    counted = dict(
        Alert.objects.firing().order_by().values_list("severity").annotate(n=Count("id"))
    )
    for severity in Severity.values:
        yield (severity,), float(counted.get(severity, 0))


def _unacknowledged() -> Iterable[tuple[tuple[str, ...], float]]:
    held = Acknowledgement.objects.open().values("alert")
    counted = dict(
        Alert.objects.firing()
        .exclude(pk__in=held)
        .order_by()
        .values_list("severity")
        .annotate(n=Count("id"))
    )
    for severity in Severity.values:
        yield (severity,), float(counted.get(severity, 0))


def _on_their_way() -> QuerySet[Message]:
    return Message.objects.filter(source="alerts", state__in=ON_ITS_WAY)


def _undelivered() -> Iterable[tuple[tuple[str, ...], float]]:
    counted = dict(_on_their_way().order_by().values_list("channel").annotate(n=Count("id")))
    for channel in transports.names():
        yield (channel,), float(counted.get(channel, 0))


def _oldest_undelivered() -> Iterable[tuple[tuple[str, ...], float]]:
    waiting = _on_their_way()
    oldest = waiting.aggregate(at=Min("created_at"))["at"]
    yield (), (timezone.now() - oldest).total_seconds() if oldest else 0.0


database_gauge("alerts_firing", "Alerts that fire now.", ["severity"], _firing)
database_gauge(
    "alerts_unacknowledged",
    "Alerts that fire and that nobody has acknowledged.",
    ["severity"],
    _unacknowledged,
)
database_gauge(
    "alert_deliveries_open", "Messages that still have to get through.", ["channel"], _undelivered
)
database_gauge(
    "alert_deliveries_oldest_seconds",
    "Age of the oldest message that still has to get through.",
    [],
    _oldest_undelivered,
)
