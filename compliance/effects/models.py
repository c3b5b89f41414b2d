"""What Discord still has to do: desired states with rising versions, delivered by the bot."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone


class EffectState(models.TextChoices):
    WAITING = "waiting", "Waiting for the undo window"
    READY = "ready", "Ready"
    DELIVERING = "delivering", "Being delivered"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    PARKED = "parked", "Parked until the member is back"
    SUPERSEDED = "superseded", "Superseded"


OPEN = (EffectState.WAITING, EffectState.READY, EffectState.PARKED, EffectState.FAILED)
DUE = (EffectState.WAITING, EffectState.READY)
UNFINISHED = (*OPEN, EffectState.DELIVERING)


class EffectQuerySet(models.QuerySet["Effect"]):
    def due(self, at: datetime | None = None) -> "EffectQuerySet":
        """May be delivered now."""
        return self.filter(state__in=DUE, not_before__lte=at or timezone.now())


class Effect(models.Model):
    """The desired state of one thing (`key`). Only the newest version of a key is delivered.

    What the payload holds, the module of its kind says (kinds/).
    """

    key = models.CharField(
        max_length=100, help_text="role:<member>:verified, message:<member>:verification"
    )
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, help_text="A module of kinds/.")
    member_id = models.BigIntegerField()
    payload = models.JSONField()
    cause = models.CharField(max_length=64, help_text="What asked for it, as in decision:17")
    state = models.CharField(
        max_length=10, choices=EffectState.choices, default=EffectState.WAITING
    )
    created_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(help_text="End of the undo window, or of the next backoff.")
    attempts = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    may_land_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Discord may do an unanswered call until then; other versions wait.",
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.IntegerField(null=True, blank=True, help_text="Discord's error code.")
    error = models.TextField(blank=True, help_text="In words, with what to do about it.")

    objects = EffectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="one_effect_a_version"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state__in=OPEN), name="one_open_effect_a_key"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state=EffectState.DELIVERING),
                name="one_delivery_a_key",
            ),
            models.CheckConstraint(
                name="effect_state_known", condition=Q(state__in=EffectState.values)
            ),
            models.CheckConstraint(
                name="delivering_has_a_lease",
                condition=~Q(state=EffectState.DELIVERING) | Q(leased_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state__in=DUE), name="effects_due"),
            models.Index(
                fields=["leased_until"],
                condition=Q(state=EffectState.DELIVERING),
                name="effects_in_delivery",
            ),
            models.Index(fields=["cause"], name="effects_by_cause"),
            models.Index(fields=["member_id"], name="effects_by_member"),
            models.Index(
                fields=["state", "-id"],
                condition=Q(state__in=UNFINISHED),
                name="effects_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"
