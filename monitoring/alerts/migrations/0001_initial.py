import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("critical", "Critical"),
                            ("warning", "Warning"),
                            ("info", "Info"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(severity="critical", then=models.Value(0)),
                            models.When(severity="warning", then=models.Value(1)),
                            default=models.Value(2),
                        ),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
                ("service", models.CharField(blank=True, max_length=100)),
                (
                    "status",
                    models.CharField(
                        choices=[("firing", "Firing"), ("resolved", "Resolved")], max_length=8
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("alertmanager", "Alertmanager"),
                            ("direct", "Direct, without Alertmanager"),
                        ],
                        db_default="alertmanager",
                        default="alertmanager",
                        max_length=12,
                    ),
                ),
                ("labels", models.JSONField(default=dict)),
                ("annotations", models.JSONField(default=dict)),
                ("group_key", models.TextField(blank=True)),
                ("generator_url", models.TextField(blank=True)),
                (
                    "runbook",
                    models.TextField(blank=True, help_text="docs/runbooks/… or an address."),
                ),
                ("first_received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("received_count", models.PositiveIntegerField(db_default=1, default=1)),
                ("is_silenced", models.BooleanField(db_default=False, default=False)),
                (
                    "reopened_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Alertmanager says that it fires after all.",
                        null=True,
                    ),
                ),
                (
                    "missing_since",
                    models.DateTimeField(
                        blank=True,
                        help_text="Alertmanager does not know it any more since.",
                        null=True,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("rank")),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("status", "firing")),
                        name="alerts_firing",
                    ),
                    models.Index(fields=["severity", "-id"], name="alerts_by_severity"),
                    models.Index(fields=["service", "-id"], name="alerts_by_service"),
                    models.Index(fields=["name", "-id"], name="alerts_by_name"),
                    models.Index(
                        condition=models.Q(("source", "direct"), ("status", "firing")),
                        fields=["fingerprint"],
                        name="alerts_direct",
                    ),
                    models.Index(
                        condition=models.Q(("status", "resolved")),
                        fields=["ends_at"],
                        name="alerts_by_end",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fingerprint", "starts_at"), name="one_alert_a_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ends_at__isnull", True), ("status", "firing")),
                            models.Q(("ends_at__isnull", False), ("status", "resolved")),
                            _connector="OR",
                        ),
                        name="alert_resolved_has_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True),
                            ("ends_at__gte", models.F("starts_at")),
                            _connector="OR",
                        ),
                        name="alert_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["critical", "warning", "info"])),
                        name="alert_severity_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["alertmanager", "direct"])),
                        name="alert_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("fingerprint", ""), _negated=True),
                        ),
                        name="alert_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="comparison_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="Raised",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("labels", models.JSONField()),
                ("annotations", models.JSONField()),
                ("starts_at", models.DateTimeField()),
                (
                    "until",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it ends by itself; empty: when lower() says so.",
                        null=True,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "sent_at",
                    models.DateTimeField(
                        blank=True, help_text="When Alertmanager last took it.", null=True
                    ),
                ),
                (
                    "past_alertmanager",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="It is never handed to Alertmanager.",
                    ),
                ),
                (
                    "direct_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it was taken in past Alertmanager, for good.",
                        null=True,
                    ),
                ),
                ("end_sent_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "raised alert",
                "indexes": [
                    models.Index(
                        condition=models.Q(("end_sent_at__isnull", True)),
                        fields=["starts_at"],
                        name="raised_to_send",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("fingerprint",),
                        name="one_raised_alert_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("ended_at__gte", models.F("starts_at")),
                            _connector="OR",
                        ),
                        name="raised_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("comment", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, help_text="The alert was resolved.", null=True
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acknowledgements",
                        to="alerts.alert",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("withdrawn_at__isnull", True)
                        ),
                        fields=["at", "id"],
                        name="acknowledged_oldest",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("withdrawn_at__isnull", True)
                        ),
                        fields=("alert",),
                        name="one_acknowledgement_an_alert",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="withdrawn_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fired", "Fired"),
                            ("resolved", "Resolved"),
                            ("reopened", "Fires after all"),
                            ("vanished", "Alertmanager does not know it any more"),
                            ("adopted", "Alertmanager has it again"),
                            ("acknowledged", "Acknowledged"),
                            ("withdrawn", "Acknowledgement withdrawn"),
                            ("silenced", "Silenced"),
                            ("unsilenced", "Not silenced any more"),
                            ("told", "Told"),
                            ("not_told", "Could not be told"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="alerts.alert",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["alert", "id"], name="alert_events_in_order")],
            },
        ),
        migrations.CreateModel(
            name="KnownSilence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("silence_id", models.CharField(max_length=64, unique=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("here", "Made here"),
                            ("changed", "Made here, prolonged elsewhere"),
                            ("elsewhere", "Made elsewhere"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "ends_at",
                    models.DateTimeField(help_text="The latest end that it was known to have."),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="When it was made here, or seen.",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("made_by__isnull", False), ("origin__in", ("here", "changed"))
                            ),
                            models.Q(("made_by__isnull", True), ("origin", "elsewhere")),
                            _connector="OR",
                        ),
                        name="silence_made_here_by_somebody",
                    )
                ],
            },
        ),
    ]
