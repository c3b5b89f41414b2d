"""Messages about alerts: what each target of a channel was told, and every try at it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Channel(models.TextChoices):
    DISCORD = "discord", "Discord"
    EMAIL = "email", "E-mail"
    SMS = "sms", "SMS"
    PAGERDUTY = "pagerduty", "PagerDuty"
    SLACK = "slack", "Slack"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    BUNDLED = "bundled", "In a bundle"


class DeliveryKind(models.TextChoices):
    ALERT = "alert", "Alert"
    BUNDLE = "bundle", "Bundle of what would be too many"
    TEST = "test", "Test"


class Delivery(models.Model):
    """One message about an alert to one target of one channel; edited there as the alert changes.

    `wanted` rises with what should be shown, `shown` follows when the channel has taken it.
    """

    alert = models.ForeignKey(
        "Alert", on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    target = models.CharField(max_length=80, help_text="Name of a channel, team or person.")
    kind = models.CharField(max_length=6, choices=DeliveryKind.choices, default=DeliveryKind.ALERT)
    state = models.CharField(
        max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    is_direct = models.BooleanField(default=False)
    wanted = models.PositiveIntegerField(default=1)
    shown = models.PositiveIntegerField(default=0)
    message_id = models.BigIntegerField(null=True, blank=True)
    bundle = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="parts"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="First time it got through.")
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "channel", "target"],
                condition=Q(kind="alert"),
                name="one_delivery_an_alert_and_target",
            ),
            models.CheckConstraint(
                name="delivery_channel_known", condition=Q(channel__in=Channel.values)
            ),
            models.CheckConstraint(
                name="delivery_state_known", condition=Q(state__in=DeliveryState.values)
            ),
            models.CheckConstraint(
                name="delivery_is_about_an_alert",
                condition=Q(kind="alert", alert__isnull=False)
                | Q(kind="bundle", alert__isnull=True)
                | Q(kind="test", alert__isnull=True, requested_by__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_sending_has_a_lease",
                condition=~Q(state="sending") | Q(leased_until__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_sent_is_shown", condition=~Q(state="sent") | Q(shown=F("wanted"))
            ),
            models.CheckConstraint(
                name="delivery_bundled_in_a_bundle",
                condition=~Q(state="bundled") | Q(bundle__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state="waiting"), name="deliveries_due"
            ),
            models.Index(
                fields=["leased_until"], condition=Q(state="sending"), name="deliveries_leased"
            ),
            models.Index(fields=["channel", "target", "-id"], name="deliveries_by_target"),
            models.Index(
                fields=["channel", "target"],
                condition=Q(state__in=["waiting", "sending"]),
                name="deliveries_open",
            ),
            models.Index(
                fields=["target", "sent_at"],
                condition=Q(channel="sms", state="sent"),
                name="deliveries_sms",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.target}"


class DeliveryAttempt(models.Model):
    """One try to get a message through, and what came back; only ever added."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        EDITED = "edited", "Edited"
        RETRY = "retry", "Will be tried again"
        FAILED = "failed", "Refused"

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    code = models.IntegerField(null=True, blank=True, help_text="HTTP or SMTP status.")
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["delivery", "id"], name="delivery_tries_in_order")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.outcome}"
