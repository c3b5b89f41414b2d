"""Who is on call, who is told in which order, planned work, and whom to ring."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from monitoring import moments, policy


class Rota(models.Model):
    """A duty that somebody has at each moment, such as "First level"."""

    name = models.CharField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.CheckConstraint(name="rota_named", condition=~Q(name=""))]

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """Somebody is on call; once, or again every so many weeks at the same hour of New York."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="shifts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    every_weeks = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty: only once."
    )
    until = models.DateTimeField(null=True, blank=True, help_text="It begins no more after this.")

    class Meta:
        constraints = [
            moments.kept_in_range("shift_in_range", "starts_at", "ends_at", "until"),
            models.CheckConstraint(
                name="shift_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="shift_repeats_within_a_year",
                condition=Q(every_weeks__isnull=True) | Q(every_weeks__gte=1, every_weeks__lte=52),
            ),
        ]
        indexes = [models.Index(fields=["rota", "starts_at"], name="shifts_by_rota")]

    def __str__(self) -> str:
        return f"{self.person} in {self.rota_id}"


class Override(models.Model):
    """Somebody stands in: while it lasts, nobody else of the rota is on call."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="overrides")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            moments.kept_in_range("override_in_range", "starts_at", "ends_at"),
            models.CheckConstraint(
                name="override_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]
        indexes = [models.Index(fields=["rota", "ends_at"], name="overrides_by_rota")]

    def __str__(self) -> str:
        return f"{self.person} for {self.rota_id}"


class EscalationPolicy(models.Model):
    """Who is told, and after how long. Incidents carry a frozen copy (policies.freeze)."""

    name = models.CharField(max_length=60, unique=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "escalation policies"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_policy"
            ),
            models.CheckConstraint(name="policy_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class StepKind(models.TextChoices):
    """Whom a step tells."""

    ON_CALL = "on_call", "Whoever is on call"
    PERSON = "person", "A person"
    EVERYONE = "everyone", "Everyone who may acknowledge"


class PolicyStep(models.Model):
    """One step: whom to tell, so many minutes after the opening."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    after_minutes = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=StepKind.choices)
    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, null=True, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "position"], name="one_step_a_position"),
            models.CheckConstraint(
                name="step_within_a_day", condition=Q(after_minutes__lte=24 * 60)
            ),
            models.CheckConstraint(
                name="step_names_whom",
                condition=Q(kind="on_call", rota__isnull=False, person__isnull=True)
                | Q(kind="person", rota__isnull=True, person__isnull=False)
                | Q(kind="everyone", rota__isnull=True, person__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} step {self.position}"


class WindowQuerySet(models.QuerySet["MaintenanceWindow"]):
    def active(self) -> "WindowQuerySet":
        """Begun, and neither over nor ended early."""
        now = timezone.now()
        return self.filter(starts_at__lte=now, ends_at__gt=now)

    def upcoming(self) -> "WindowQuerySet":
        return self.filter(starts_at__gt=timezone.now())


class Scope(models.TextChoices):
    """What a window covers: everything only where somebody chose just that."""

    CHOSEN = "chosen", "A service or an alert"
    EVERYTHING = "everything", "Everything"


class MaintenanceWindow(models.Model):
    """Planned work: alerts that fit are silenced, and nobody is paged. It always ends by itself.

    Ending it early moves `ends_at` to that moment.
    """

    title = models.CharField(max_length=120)
    scope = models.CharField(
        max_length=10,
        choices=Scope.choices,
        blank=True,
        default="",
        db_default="",
        help_text="Empty: made before windows said it.",
    )
    service = models.CharField(max_length=100, blank=True, help_text="Empty: of every service.")
    alert_name = models.CharField(max_length=200, blank=True, help_text="Empty: every alert.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    silence_id = models.CharField(max_length=64, blank=True)
    silence_error = models.TextField(blank=True)

    objects = WindowQuerySet.as_manager()

    class Meta:
        constraints = [
            moments.kept_in_range("window_in_range", "starts_at", "ends_at"),
            models.CheckConstraint(
                name="window_ends_after_start", condition=Q(ends_at__gte=F("starts_at"))
            ),
            models.CheckConstraint(
                name="window_ends_within_24_hours",
                condition=Q(ends_at__lte=F("starts_at") + policy.WINDOW_AT_MOST),
            ),
            models.CheckConstraint(name="window_titled", condition=~Q(title="")),
            models.CheckConstraint(
                name="window_scope_is_chosen",
                condition=Q(scope="")
                | Q(scope="everything", service="", alert_name="")
                | (Q(scope="chosen") & ~Q(service="", alert_name="")),
            ),
        ]
        indexes = [models.Index(fields=["-ends_at"], name="windows_by_end")]

    def __str__(self) -> str:
        return self.title


class EmergencyContact(models.Model):
    """Whom to ring when all else fails; shown on the phone page as links."""

    name = models.CharField(max_length=80)
    role = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    email = models.EmailField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="contact_can_be_reached",
                condition=~Q(phone="") | ~Q(email=""),
                violation_error_message="A contact needs a phone number or an e-mail address.",
            ),
            models.CheckConstraint(name="contact_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tel(self) -> str:
        """Its number as a `tel:` link wants it."""
        return "".join(c for c in self.phone if c.isdecimal() or c == "+")
