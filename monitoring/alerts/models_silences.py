"""Which of Alertmanager's silences were made here, and which were only seen."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Origin(models.TextChoices):
    HERE = "here", "Made here"
    CHANGED = "changed", "Made here, prolonged elsewhere"
    ELSEWHERE = "elsewhere", "Made elsewhere"


class KnownSilence(models.Model):
    """A silence that somebody made here, or that was seen at Alertmanager.

    `made_by` is known of ours alone: whom a silence itself names is only what it says.
    """

    silence_id = models.CharField(max_length=64, unique=True)
    origin = models.CharField(max_length=9, choices=Origin.choices)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ends_at = models.DateTimeField(help_text="The latest end that it was known to have.")
    at = models.DateTimeField(default=timezone.now, help_text="When it was made here, or seen.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="silence_made_here_by_somebody",
                condition=Q(origin__in=("here", "changed"), made_by__isnull=False)
                | Q(origin="elsewhere", made_by__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.silence_id} {self.origin}"
