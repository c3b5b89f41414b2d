"""Incidents: what is wrong now, who looks after it, what was done, who was told.

The database holds what must never be broken: one live incident a group, one open link an alert,
each step of an escalation once a round, a timeline that only grows. Rotas, policies, windows and
contacts stand in models_people.py.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import SEVERITY_TONES, Alert, Severity
from monitoring.database.grants import APPEND_ONLY
from monitoring.incidents.models_people import (
    EmergencyContact,
    EscalationPolicy,
    MaintenanceWindow,
    Override,
    PolicyStep,
    Rota,
    Scope,
    Shift,
    StepKind,
)
from monitoring.incidents.states import LIVE, OVER, TONES, State
from monitoring.tones import Tone

__all__ = [
    "Deploy",
    "EmergencyContact",
    "EscalationPolicy",
    "EscalationStepRun",
    "Incident",
    "IncidentAlert",
    "MaintenanceWindow",
    "Origin",
    "Override",
    "PolicyStep",
    "Rota",
    "RunState",
    "Scope",
    "Shift",
    "StepKind",
    "TimelineEntry",
]


class Origin(models.TextChoices):
    """What opened an incident."""

    ALERT = "alert", "An alert"
    PERSON = "person", "A person"


class IncidentQuerySet(models.QuerySet["Incident"]):
    def live(self) -> "IncidentQuerySet":
        """Not resolved yet."""
        return self.filter(state__in=LIVE)

    def over(self) -> "IncidentQuerySet":
        return self.filter(state__in=OVER)

    def newest(self) -> "IncidentQuerySet":
        return self.order_by("-id")


class Incident(models.Model):
    """One thing that is wrong, from its opening to its review. Its number is its key.

    `state` changes in moving.py only. `policy` is the escalation as it was at the opening: later
    changes of the policy don't touch it.
    """

    title = models.CharField(max_length=200)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    origin = models.CharField(max_length=6, choices=Origin.choices)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    group_key = models.CharField(
        max_length=320, blank=True, help_text="Alerts of one cause; empty: opened by a person."
    )
    service = models.CharField(max_length=100, blank=True)
    commander = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    policy = models.JSONField(default=dict, help_text="The escalation, frozen at the opening.")
    round = models.PositiveSmallIntegerField(default=1, help_text="Rises when it opens again.")
    opened_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True, help_text="The first time.")
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    mitigated_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(blank=True, help_text="What was done.")
    review = models.TextField(blank=True, help_text="What is learned.")
    runbook = models.TextField(blank=True, help_text="docs/runbooks/… or an address.")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group_key"],
                condition=Q(state__in=LIVE) & ~Q(group_key=""),
                name="one_live_incident_a_group",
            ),
            models.CheckConstraint(
                name="incident_state_known", condition=Q(state__in=State.values)
            ),
            models.CheckConstraint(
                name="incident_severity_known", condition=Q(severity__in=Severity.values)
            ),
            models.CheckConstraint(
                name="incident_opener_named",
                condition=Q(origin="person", opened_by__isnull=False, group_key="")
                | (Q(origin="alert", opened_by__isnull=True) & ~Q(group_key="")),
            ),
            models.CheckConstraint(
                name="incident_over_has_an_end",
                condition=Q(state__in=LIVE, resolved_at__isnull=True)
                | Q(state__in=OVER, resolved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="incident_closed_is_reviewed",
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="incident_acknowledged_by_somebody",
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
            models.CheckConstraint(
                name="incident_held_is_acknowledged",
                condition=~Q(state__in=["acknowledged", "mitigated"])
                | Q(acknowledged_at__isnull=False),
            ),
            models.CheckConstraint(
                name="incident_ends_after_opening",
                condition=Q(resolved_at__isnull=True) | Q(resolved_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(name="incident_titled", condition=~Q(title="")),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(state__in=LIVE), name="incidents_live"),
            models.Index(fields=["severity", "-id"], name="incidents_by_severity"),
            models.Index(fields=["group_key", "-id"], name="incidents_by_group"),
            models.Index(fields=["opened_at"], name="incidents_by_opening"),
            models.Index(
                fields=["resolved_at"],
                condition=Q(resolved_at__isnull=False),
                name="incidents_by_end",
            ),
        ]

    def __str__(self) -> str:
        return f"INC-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("incident", args=[self.pk])

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def tone(self) -> str:
        return TONES[State(self.state)]

    @property
    def severity_tone(self) -> str:
        return SEVERITY_TONES[Severity(self.severity)]

    @property
    def to_answer(self) -> timedelta | None:
        """From the opening to the first acknowledgement."""
        return self.acknowledged_at - self.opened_at if self.acknowledged_at else None

    @property
    def lasted(self) -> timedelta:
        """From the opening to its end, or until now."""
        return (self.resolved_at or timezone.now()) - self.opened_at


class IncidentAlert(models.Model):
    """An alert that belongs to an incident; open until the alert is resolved."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="links")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="incident_links")
    joined_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "alert"], name="alert_once_an_incident"),
            models.UniqueConstraint(
                fields=["alert"],
                condition=Q(resolved_at__isnull=True),
                name="alert_in_one_incident_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} in INC-{self.incident_id}"


class TimelineEntry(models.Model):
    """What happened, and when; only ever added (a trigger refuses the rest).

    `key` names what an automatic entry is about, so that it is there once: `job:17`.
    """

    grants = APPEND_ONLY

    class Kind(models.TextChoices):
        OPENED = "opened", "Opened"
        FIRED = "fired", "Alert fired"
        RESOLVED = "resolved", "Alert resolved"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        NOTE = "note", "Note"
        MOVED = "moved", "State"
        COMMANDER = "commander", "Commander"
        ESCALATED = "escalated", "Escalation"
        MESSAGE = "message", "Message"
        HELD = "held", "Maintenance window"
        DEPLOY = "deploy", "Deploy"
        JOB = "job", "Job"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField(default=timezone.now, help_text="When it happened.")
    recorded_at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=60, blank=True, help_text="Who says so, if no person.")
    text = models.TextField()
    tone = models.CharField(max_length=8, default=Tone.MUTED, db_default="muted")
    key = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = "timeline entry"
        verbose_name_plural = "timeline entries"
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "key"], condition=~Q(key=""), name="timeline_key_once"
            ),
            models.CheckConstraint(name="timeline_says_something", condition=~Q(text="")),
        ]
        indexes = [
            models.Index(fields=["incident", "-at", "-id"], name="timeline_newest_first"),
        ]

    def __str__(self) -> str:
        return f"INC-{self.incident_id} {self.kind}"


class RunState(models.TextChoices):
    """Of one step of an escalation."""

    WAITING = "waiting", "Waits"
    DONE = "done", "Done"
    NOBODY = "nobody", "Nobody could be reached"
    STOPPED = "stopped", "Not needed"


class EscalationStepRun(models.Model):
    """One step of one round of an incident's escalation: due at a moment, done once."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="step_runs")
    round = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    late_seconds = models.FloatField(null=True, blank=True)
    result = models.TextField(blank=True)

    class Meta:
        verbose_name = "step of an escalation"
        verbose_name_plural = "steps of escalations"
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "round", "position"], name="one_step_a_round"
            ),
            models.CheckConstraint(name="step_state_known", condition=Q(state__in=RunState.values)),
            models.CheckConstraint(
                name="step_done_has_a_time",
                condition=Q(state="waiting", done_at__isnull=True)
                | (~Q(state="waiting") & Q(done_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="steps_due"),
            models.Index(
                fields=["done_at"],
                condition=Q(state__in=["done", "nobody"]),
                name="steps_by_end",
            ),
        ]

    def __str__(self) -> str:
        return f"INC-{self.incident_id} step {self.position}"

    def was_missed(self, at: datetime) -> bool:
        """Whether it was due long before that moment; asked of what was not done."""
        return self.due_at < at - policy.ESCALATION_LATE


class Deploy(models.Model):
    """A version of the site that was rolled out; `prepare` records it."""

    version = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="deploys_newest_first")]
        constraints = [models.CheckConstraint(name="deploy_named", condition=~Q(version=""))]

    def __str__(self) -> str:
        return self.version
