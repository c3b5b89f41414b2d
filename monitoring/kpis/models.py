"""Daily snapshots of KPIs: one a KPI and day."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class SnapshotState(models.TextChoices):
    MEASURED = "measured", "Measured"
    TOO_FEW = "too_few", "Too few to show"
    NOT_MEASURED = "not_measured", "Not measured"


class Snapshot(models.Model):
    """What a KPI was on a day of New York. While the day runs it is renewed; `final` stays."""

    kpi = models.CharField(max_length=40)
    day = models.DateField()
    state = models.CharField(max_length=12, choices=SnapshotState.choices)
    value = models.FloatField(null=True, blank=True)
    parts = models.JSONField(default=list, help_text="[[label, value or null], …]")
    met = models.BooleanField(null=True, blank=True, help_text="Target of that day; null: none.")
    note = models.CharField(max_length=300, blank=True, help_text="Why not, or what to know.")
    final = models.BooleanField(default=False)
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kpi", "day"], name="one_snapshot_a_kpi_and_day"),
            models.CheckConstraint(
                name="snapshot_state_known", condition=Q(state__in=SnapshotState.values)
            ),
            # Not below 0; neither infinite nor NaN, which PostgreSQL sorts above all numbers.
            models.CheckConstraint(
                name="snapshot_value_is_a_number",
                condition=Q(value__isnull=True) | Q(value__gte=0, value__lte=1e15),
            ),
            models.CheckConstraint(
                name="snapshot_has_value_or_says_why",
                condition=Q(state="measured", value__isnull=False)
                | (~Q(state="measured") & Q(value__isnull=True, met__isnull=True) & ~Q(note="")),
            ),
        ]
        indexes = [models.Index(fields=["day"], name="snapshots_by_day")]

    def __str__(self) -> str:
        return f"{self.kpi} {self.day:%Y-%m-%d}"
