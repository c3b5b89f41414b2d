"""Recorded runs of jobs. The schedule itself stands in django-celery-beat's tables."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from monitoring import policy


class RunState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    LOST = "lost", "Lost"


class Trigger(models.TextChoices):
    SCHEDULE = "schedule", "Schedule"
    PERSON = "person", "Person"
    COMMAND = "command", "Command line"


UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


class JobRun(models.Model):
    """One run of one job: who or what started it, how far it is, what it found."""

    job = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    alive_at = models.DateTimeField(default=timezone.now, help_text="Last sign of life.")
    attempts = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How many workers have begun it."
    )
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent.")
    step = models.CharField(max_length=200, blank=True)
    lines = models.JSONField(default=list, help_text="[[ISO time, text], …], 200 at most.")
    findings = models.JSONField(default=list, help_text="[{tone, title, text}, …]")
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=Q(state__in=UNFINISHED), name="one_run_of_a_job"
            ),
            models.CheckConstraint(name="progress_is_percent", condition=Q(progress__lte=100)),
            models.CheckConstraint(
                name="finished_run_has_an_end",
                condition=Q(state__in=UNFINISHED, finished_at__isnull=True)
                | (~Q(state__in=UNFINISHED) & Q(finished_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["job", "-id"], name="runs_by_job")]

    def __str__(self) -> str:
        return f"{self.job} {self.pk}"

    @property
    def is_left_lying(self) -> bool:
        """No worker has taken it long after it was asked for: none is running, or all are busy."""
        late = timezone.now() - policy.JOB_LEFT_LYING
        return self.state == RunState.QUEUED and self.queued_at < late
