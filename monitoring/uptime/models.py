"""What was seen from outside last: our own addresses, and Discord's status page."""

from django.db import models
from django.db.models import Q


class Probe(models.Model):
    """The last look at one address. Which addresses there are stands in settings."""

    name = models.CharField(max_length=32, unique=True)
    url = models.CharField(max_length=500)
    up = models.BooleanField()
    since = models.DateTimeField(help_text="since when it is up, or down")
    checked_at = models.DateTimeField()
    took_seconds = models.FloatField()
    error = models.CharField(max_length=200, blank=True, db_default="")
    certificate_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="probe_says_why_down", condition=Q(up=True, error="") | Q(up=False)
            )
        ]
        indexes = [models.Index(fields=["up", "name"], name="probes_down_first")]

    def __str__(self) -> str:
        return f"{self.name} {'up' if self.up else 'down'}"


class Indicator(models.TextChoices):
    """Discord's own words for how bad it is."""

    NONE = "none", "All systems operational"
    MAINTENANCE = "maintenance", "Maintenance"
    MINOR = "minor", "Minor outage"
    MAJOR = "major", "Major outage"
    CRITICAL = "critical", "Critical outage"


class DiscordStatus(models.Model):
    """What Discord's status page said last; one row. Unreachable, the last word stands, aged."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    indicator = models.CharField(max_length=12, choices=Indicator.choices)
    description = models.CharField(max_length=200)
    components = models.JSONField(default=dict, help_text="name -> Discord's status of it")
    incidents = models.JSONField(default=list, help_text="names of what is unresolved")
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "Discord status"
        constraints = [
            models.CheckConstraint(name="discord_status_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="discord_status_known", condition=Q(indicator__in=Indicator.values)
            ),
        ]

    def __str__(self) -> str:
        return self.description
