import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import compliance.appeals.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "0001_initial"),
        ("verification", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words", models.TextField(help_text="The member's own.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("upheld", "Denial upheld"),
                            ("granted", "May send again"),
                            ("reversed", "Reversed: approved"),
                            ("moot", "Closed, nothing left to decide"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(default=compliance.appeals.models._decided_by)),
                ("note", models.TextField(blank=True, help_text="Why; the member reads it.")),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("undo_until", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals_decided",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appeal",
                        to="verification.decision",
                    ),
                ),
                (
                    "decision_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Author of the denial, who may not decide this.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="members.member",
                    ),
                ),
                (
                    "override",
                    models.OneToOneField(
                        blank=True,
                        help_text="The decision that reversed the denial.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reversing_appeal",
                        to="verification.decision",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["id"], name="appeals_open"
                    ),
                    models.Index(fields=["member", "-id"], name="appeals_by_member"),
                    models.Index(fields=["decided_at"], name="appeals_by_decision"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "upheld", "granted", "reversed", "moot"])
                        ),
                        name="appeal_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            ("decision_by__isnull", True),
                            models.Q(("decided_by", models.F("decision_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="appeal_decided_by_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("state", "open"),
                                ("undo_until__isnull", True),
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("undo_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_decided_by_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "upheld"), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="appeal_refused_with_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("words", ""), _negated=True),
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("words"), 1000
                            ),
                        ),
                        name="appeal_has_words",
                    ),
                ],
            },
        ),
    ]
