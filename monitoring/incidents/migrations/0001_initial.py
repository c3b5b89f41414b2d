import datetime

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import monitoring.tones


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("alerts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Deploy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=60)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["-at"], name="deploys_newest_first")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("version", ""), _negated=True), name="deploy_named"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EmergencyContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("role", models.CharField(blank=True, max_length=80)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("phone", ""), _negated=True),
                            models.Q(("email", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="contact_can_be_reached",
                        violation_error_message="A contact needs a phone number or an e-mail address.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="contact_named"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EscalationPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name_plural": "escalation policies",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="one_default_policy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="policy_named"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
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
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("acknowledged", "Acknowledged"),
                            ("mitigated", "Mitigated"),
                            ("resolved", "Resolved"),
                            ("closed", "Reviewed and closed"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("alert", "An alert"), ("person", "A person")], max_length=6
                    ),
                ),
                (
                    "group_key",
                    models.CharField(
                        blank=True,
                        help_text="Alerts of one cause; empty: opened by a person.",
                        max_length=320,
                    ),
                ),
                ("service", models.CharField(blank=True, max_length=100)),
                (
                    "policy",
                    models.JSONField(
                        default=dict, help_text="The escalation, frozen at the opening."
                    ),
                ),
                (
                    "round",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="Rises when it opens again."
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "acknowledged_at",
                    models.DateTimeField(blank=True, help_text="The first time.", null=True),
                ),
                ("mitigated_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("resolution", models.TextField(blank=True, help_text="What was done.")),
                ("review", models.TextField(blank=True, help_text="What is learned.")),
                (
                    "runbook",
                    models.TextField(blank=True, help_text="docs/runbooks/… or an address."),
                ),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "commander",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EscalationStepRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField()),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits"),
                            ("done", "Done"),
                            ("nobody", "Nobody could be reached"),
                            ("stopped", "Not needed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("late_seconds", models.FloatField(blank=True, null=True)),
                ("result", models.TextField(blank=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="step_runs",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of an escalation",
                "verbose_name_plural": "steps of escalations",
            },
        ),
        migrations.CreateModel(
            name="IncidentAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incident_links",
                        to="alerts.alert",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MaintenanceWindow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "scope",
                    models.CharField(
                        blank=True,
                        choices=[("chosen", "A service or an alert"), ("everything", "Everything")],
                        db_default="",
                        default="",
                        help_text="Empty: made before windows said it.",
                        max_length=10,
                    ),
                ),
                (
                    "service",
                    models.CharField(
                        blank=True, help_text="Empty: of every service.", max_length=100
                    ),
                ),
                (
                    "alert_name",
                    models.CharField(blank=True, help_text="Empty: every alert.", max_length=200),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("silence_id", models.CharField(blank=True, max_length=64)),
                ("silence_error", models.TextField(blank=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="rota_named"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("after_minutes", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("on_call", "Whoever is on call"),
                            ("person", "A person"),
                            ("everyone", "Everyone who may acknowledge"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="incidents.escalationpolicy",
                    ),
                ),
                (
                    "rota",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="incidents.rota",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rota",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="overrides",
                        to="incidents.rota",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "every_weeks",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty: only once.", null=True
                    ),
                ),
                (
                    "until",
                    models.DateTimeField(
                        blank=True, help_text="It begins no more after this.", null=True
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rota",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shifts",
                        to="incidents.rota",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TimelineEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="When it happened."
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opened", "Opened"),
                            ("fired", "Alert fired"),
                            ("resolved", "Alert resolved"),
                            ("acknowledged", "Acknowledged"),
                            ("note", "Note"),
                            ("moved", "State"),
                            ("commander", "Commander"),
                            ("escalated", "Escalation"),
                            ("message", "Message"),
                            ("held", "Maintenance window"),
                            ("deploy", "Deploy"),
                            ("job", "Job"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="Who says so, if no person.", max_length=60
                    ),
                ),
                ("text", models.TextField()),
                (
                    "tone",
                    models.CharField(
                        db_default="muted", default=monitoring.tones.Tone["MUTED"], max_length=8
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=60)),
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
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="timeline",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "timeline entry",
                "verbose_name_plural": "timeline entries",
            },
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("state__in", ("open", "acknowledged", "mitigated"))),
                fields=["-id"],
                name="incidents_live",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["severity", "-id"], name="incidents_by_severity"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["group_key", "-id"], name="incidents_by_group"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["opened_at"], name="incidents_by_opening"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("resolved_at__isnull", False)),
                fields=["resolved_at"],
                name="incidents_by_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ("open", "acknowledged", "mitigated")),
                    models.Q(("group_key", ""), _negated=True),
                ),
                fields=("group_key",),
                name="one_live_incident_a_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["open", "acknowledged", "mitigated", "resolved", "closed"])
                ),
                name="incident_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__in", ["critical", "warning", "info"])),
                name="incident_severity_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group_key", ""), ("opened_by__isnull", False), ("origin", "person")),
                    models.Q(
                        ("opened_by__isnull", True),
                        ("origin", "alert"),
                        models.Q(("group_key", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="incident_opener_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("resolved_at__isnull", True),
                        ("state__in", ("open", "acknowledged", "mitigated")),
                    ),
                    models.Q(("resolved_at__isnull", False), ("state__in", ("resolved", "closed"))),
                    _connector="OR",
                ),
                name="incident_over_has_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("state", "closed")),
                    models.Q(
                        models.Q(("state", "closed"), _negated=True), ("closed_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="incident_closed_is_reviewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledged_at__isnull", True), ("acknowledged_by__isnull", True)),
                    models.Q(
                        ("acknowledged_at__isnull", False), ("acknowledged_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="incident_acknowledged_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["acknowledged", "mitigated"]), _negated=True),
                    ("acknowledged_at__isnull", False),
                    _connector="OR",
                ),
                name="incident_held_is_acknowledged",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resolved_at__isnull", True),
                    ("resolved_at__gte", models.F("opened_at")),
                    _connector="OR",
                ),
                name="incident_ends_after_opening",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="incident_titled"
            ),
        ),
        migrations.AddIndex(
            model_name="escalationsteprun",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["due_at"], name="steps_due"
            ),
        ),
        migrations.AddIndex(
            model_name="escalationsteprun",
            index=models.Index(
                condition=models.Q(("state__in", ["done", "nobody"])),
                fields=["done_at"],
                name="steps_by_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationsteprun",
            constraint=models.UniqueConstraint(
                fields=("incident", "round", "position"), name="one_step_a_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationsteprun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "done", "nobody", "stopped"])),
                name="step_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationsteprun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("state", "waiting")),
                    models.Q(
                        models.Q(("state", "waiting"), _negated=True), ("done_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="step_done_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentalert",
            constraint=models.UniqueConstraint(
                fields=("incident", "alert"), name="alert_once_an_incident"
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentalert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resolved_at__isnull", True)),
                fields=("alert",),
                name="alert_in_one_incident_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="maintenancewindow",
            index=models.Index(fields=["-ends_at"], name="windows_by_end"),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("starts_at__isnull", True),
                        models.Q(
                            (
                                "starts_at__gte",
                                datetime.datetime(2015, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "starts_at__lt",
                                datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("ends_at__isnull", True),
                        models.Q(
                            (
                                "ends_at__gte",
                                datetime.datetime(2015, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "ends_at__lt",
                                datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                ),
                name="window_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gte", models.F("starts_at"))),
                name="window_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ends_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("starts_at"), "+", models.Value(datetime.timedelta(days=1))
                        ),
                    )
                ),
                name="window_ends_within_24_hours",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="window_titled"
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scope", ""),
                    models.Q(("alert_name", ""), ("scope", "everything"), ("service", "")),
                    models.Q(
                        ("scope", "chosen"),
                        models.Q(("alert_name", ""), ("service", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="window_scope_is_chosen",
            ),
        ),
        migrations.AddConstraint(
            model_name="policystep",
            constraint=models.UniqueConstraint(
                fields=("policy", "position"), name="one_step_a_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="policystep",
            constraint=models.CheckConstraint(
                condition=models.Q(("after_minutes__lte", 1440)), name="step_within_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="policystep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "on_call"), ("person__isnull", True), ("rota__isnull", False)
                    ),
                    models.Q(("kind", "person"), ("person__isnull", False), ("rota__isnull", True)),
                    models.Q(
                        ("kind", "everyone"), ("person__isnull", True), ("rota__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="step_names_whom",
            ),
        ),
        migrations.AddIndex(
            model_name="override",
            index=models.Index(fields=["rota", "ends_at"], name="overrides_by_rota"),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("starts_at__isnull", True),
                        models.Q(
                            (
                                "starts_at__gte",
                                datetime.datetime(2015, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "starts_at__lt",
                                datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("ends_at__isnull", True),
                        models.Q(
                            (
                                "ends_at__gte",
                                datetime.datetime(2015, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "ends_at__lt",
                                datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                ),
                name="override_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="override_ends_after_start",
            ),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["rota", "starts_at"], name="shifts_by_rota"),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("starts_at__isnull", True),
                        models.Q(
                            (
                                "starts_at__gte",
                                datetime.datetime(2015, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "starts_at__lt",
                                datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("ends_at__isnull", True),
                        models.Q(
                            (
                                "ends_at__gte",
                                datetime.datetime(2015, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "ends_at__lt",
                                datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("until__isnull", True),
                        models.Q(
                            (
                                "until__gte",
                                datetime.datetime(2015, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "until__lt",
                                datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                ),
                name="shift_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="shift_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("every_weeks__isnull", True),
                    models.Q(("every_weeks__gte", 1), ("every_weeks__lte", 52)),
                    _connector="OR",
                ),
                name="shift_repeats_within_a_year",
            ),
        ),
        migrations.AddIndex(
            model_name="timelineentry",
            index=models.Index(fields=["incident", "-at", "-id"], name="timeline_newest_first"),
        ),
        migrations.AddConstraint(
            model_name="timelineentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("incident", "key"),
                name="timeline_key_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="timelineentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="timeline_says_something"
            ),
        ),
    ]
