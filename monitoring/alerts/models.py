"""Alerts: what fired, its history, who acknowledged it; who silenced it is in models_silences.py,
who was told in monitoring/delivery.

The database holds what must never be broken: one row an alert and start, resolved exactly when
it has an end, one open acknowledgement an alert.
"""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models_silences import KnownSilence, Origin
from monitoring.tones import Tone
from monitoring.ui.words import cut

__all__ = [
    "SEVERITY_TONES",
    "Acknowledgement",
    "Alert",
    "AlertEvent",
    "Comparison",
    "KnownSilence",
    "Origin",
    "Raised",
    "Severity",
    "Source",
    "Status",
]


class Severity(models.TextChoices):
    CRITICAL = "critical", "Critical"
    WARNING = "warning", "Warning"
    INFO = "info", "Info"


SEVERITY_TONES = {
    Severity.CRITICAL: Tone.CRITICAL,
    Severity.WARNING: Tone.WARN,
    Severity.INFO: Tone.INFO,
}


class Status(models.TextChoices):
    FIRING = "firing", "Firing"
    RESOLVED = "resolved", "Resolved"


class Source(models.TextChoices):
    """How an alert came in."""

    ALERTMANAGER = "alertmanager", "Alertmanager"
    DIRECT = "direct", "Direct, without Alertmanager"


class AlertQuerySet(models.QuerySet["Alert"]):
    def firing(self) -> "AlertQuerySet":
        return self.filter(status=Status.FIRING)

    def critical(self) -> "AlertQuerySet":
        return self.filter(severity=Severity.CRITICAL)

    def by_urgency(self) -> "AlertQuerySet":
        """Critical first, newest first; in the order of the index that serves `firing()`."""
        return self.order_by("rank", "-id")


class Alert(models.Model):
    """One alert from its start to its end. Identity is fingerprint and start, as Alertmanager's.

    Rows change only in intake.take_in() and reconciling.py.
    """

    fingerprint = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField(max_length=200)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    rank = models.GeneratedField(
        expression=Case(
            When(severity="critical", then=Value(0)),
            When(severity="warning", then=Value(1)),
            default=Value(2),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    service = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices)
    source = models.CharField(
        max_length=12,
        choices=Source.choices,
        default=Source.ALERTMANAGER,
        db_default="alertmanager",
    )
    labels = models.JSONField(default=dict)
    annotations = models.JSONField(default=dict)
    group_key = models.TextField(blank=True)
    generator_url = models.TextField(blank=True)
    runbook = models.TextField(blank=True, help_text="docs/runbooks/… or an address.")
    first_received_at = models.DateTimeField(default=timezone.now)
    last_received_at = models.DateTimeField(default=timezone.now)
    received_count = models.PositiveIntegerField(default=1, db_default=1)
    is_silenced = models.BooleanField(default=False, db_default=False)
    reopened_at = models.DateTimeField(
        null=True, blank=True, help_text="Alertmanager says that it fires after all."
    )
    missing_since = models.DateTimeField(
        null=True, blank=True, help_text="Alertmanager does not know it any more since."
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fingerprint", "starts_at"], name="one_alert_a_start"),
            models.CheckConstraint(
                name="alert_resolved_has_an_end",
                condition=Q(status=Status.FIRING, ends_at__isnull=True)
                | Q(status=Status.RESOLVED, ends_at__isnull=False),
            ),
            models.CheckConstraint(
                name="alert_ends_after_start",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
            ),
            models.CheckConstraint(
                name="alert_severity_known", condition=Q(severity__in=Severity.values)
            ),
            models.CheckConstraint(
                name="alert_source_known", condition=Q(source__in=Source.values)
            ),
            models.CheckConstraint(name="alert_named", condition=~Q(name="") & ~Q(fingerprint="")),
        ]
        indexes = [
            models.Index(
                F("rank").asc(), F("id").desc(), condition=Q(status="firing"), name="alerts_firing"
            ),
            models.Index(fields=["severity", "-id"], name="alerts_by_severity"),
            models.Index(fields=["service", "-id"], name="alerts_by_service"),
            models.Index(fields=["name", "-id"], name="alerts_by_name"),
            models.Index(
                fields=["fingerprint"],
                condition=Q(status="firing", source="direct"),
                name="alerts_direct",
            ),
            models.Index(fields=["ends_at"], condition=Q(status="resolved"), name="alerts_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.severity})"

    @property
    def tone(self) -> str:
        """Of its severity while it fires; ok when it is over."""
        if self.status == Status.RESOLVED:
            return Tone.OK
        return SEVERITY_TONES[Severity(self.severity)]

    @property
    def summary(self) -> str:
        """For rows and headings: a megabyte of annotation is no title."""
        whole = str(self.annotations.get("summary") or self.name)
        return cut(whole, policy.ALERT_SUMMARY_SHOWN)

    @property
    def description(self) -> str:
        return str(self.annotations.get("description", ""))


class AlertEvent(models.Model):
    """What happened to an alert; only ever added. Repeated deliveries are counted, not listed."""

    class Kind(models.TextChoices):
        FIRED = "fired", "Fired"
        RESOLVED = "resolved", "Resolved"
        REOPENED = "reopened", "Fires after all"
        VANISHED = "vanished", "Alertmanager does not know it any more"
        ADOPTED = "adopted", "Alertmanager has it again"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        WITHDRAWN = "withdrawn", "Acknowledgement withdrawn"
        SILENCED = "silenced", "Silenced"
        UNSILENCED = "unsilenced", "Not silenced any more"
        TOLD = "told", "Told"
        NOT_TOLD = "not_told", "Could not be told"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["alert", "id"], name="alert_events_in_order")]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.kind}"


class AcknowledgementQuerySet(models.QuerySet["Acknowledgement"]):
    def open(self) -> "AcknowledgementQuerySet":
        """Neither withdrawn nor over with its alert."""
        return self.filter(withdrawn_at__isnull=True, ended_at__isnull=True)


class Acknowledgement(models.Model):
    """Somebody looks after an alert. It ends with the alert: the next start needs another."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="acknowledgements")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    comment = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="The alert was resolved.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alert"],
                condition=Q(withdrawn_at__isnull=True, ended_at__isnull=True),
                name="one_acknowledgement_an_alert",
            ),
            models.CheckConstraint(
                name="withdrawn_by_somebody",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["at", "id"],
                condition=Q(withdrawn_at__isnull=True, ended_at__isnull=True),
                name="acknowledged_oldest",
            )
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} by {self.by_id}"


class Raised(models.Model):
    """An alert that the application itself raises, sent to Alertmanager while it is true."""

    fingerprint = models.CharField(max_length=64)
    labels = models.JSONField()
    annotations = models.JSONField()
    starts_at = models.DateTimeField()
    until = models.DateTimeField(
        null=True, blank=True, help_text="When it ends by itself; empty: when lower() says so."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When Alertmanager last took it."
    )
    past_alertmanager = models.BooleanField(
        default=False, db_default=False, help_text="It is never handed to Alertmanager."
    )
    direct_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was taken in past Alertmanager, for good."
    )
    end_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "raised alert"
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(ended_at__isnull=True),
                name="one_raised_alert_at_a_time",
            ),
            models.CheckConstraint(
                name="raised_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("starts_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"], condition=Q(end_sent_at__isnull=True), name="raised_to_send"
            )
        ]

    def __str__(self) -> str:
        return str(self.labels.get("alertname", self.pk))


class Comparison(models.Model):
    """When our rows last agreed with Alertmanager's; one row, none before the first comparison."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="comparison_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
