"""What crossed a threshold, and until when the same is not told again."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Kind(models.TextChoices):
    """Types of resource alert."""

    CPU = "cpu", "CPU"
    MEMORY = "memory", "Memory"
    DISK = "disk", "Disk"
    NETWORK = "network", "Network"
    PROCESS = "process", "Bot process"


class Severity(models.TextChoices):
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class Crossing(models.Model):
    """One moment at which a figure was past its threshold, once in a cool-down.

    `handed_over_at` is when its alert was raised; empty for a missing bot, of which another
    alert tells.
    """

    kind = models.CharField(max_length=8, choices=Kind.choices)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    message = models.CharField(max_length=200)
    value = models.FloatField(help_text="percent, Mbit/s, or the number of processes")
    threshold = models.FloatField()
    at = models.DateTimeField(db_default=Now())
    handed_over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="crossing_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="crossing_severity_known", condition=Q(severity__in=Severity.values)
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="crossing_by_time"),
        ]

    def __str__(self) -> str:
        return self.message


class CoolDown(models.Model):
    """The same kind and severity is quiet until then; one row each, so restarts change nothing."""

    kind = models.CharField(max_length=8, choices=Kind.choices)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    quiet_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "severity"], name="cool_down_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.severity} until {self.quiet_until:%H:%M:%S}"
