import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import compliance.quality.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("verification", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chosen_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the first decision could no longer be undone.",
                        null=True,
                    ),
                ),
                (
                    "answer_by",
                    models.DateTimeField(
                        blank=True,
                        help_text="Its deadline, before its picture is destroyed.",
                        null=True,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("opened", "Opened"),
                            ("pending", "Pending"),
                            ("more_requested", "More requested"),
                            ("escalated", "Escalated"),
                            ("evidence_expired", "Evidence expired"),
                            ("approved", "Approved"),
                            ("denied", "Denied"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("under_age", "Under 21"),
                            ("unreadable", "Unreadable"),
                            ("not_the_member", "Not the member"),
                            ("expired_id", "Expired ID"),
                            ("altered", "Altered"),
                            ("other", "Other…"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True, help_text="For compliance; the member never reads it."
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "Agreed"),
                            ("disagreed", "Disagreed"),
                            ("expired", "72 hours reached"),
                            ("void", "Nothing left to compare"),
                        ],
                        max_length=10,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="second_reviews",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        help_text="The first decision, with which the answer is compared.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_reviews",
                        to="verification.decision",
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_review",
                        to="verification.verificationrequest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(default=compliance.quality.models._settled_by)),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("keep", "The first decision stands"),
                            ("override", "Overridden as the second reviewer says"),
                        ],
                        max_length=8,
                    ),
                ),
                ("note", models.TextField(blank=True, help_text="Why, in words.")),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision",
                    models.OneToOneField(
                        blank=True,
                        help_text="The override that settled it.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="settled_dispute",
                        to="verification.decision",
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "review",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dispute",
                        to="quality.secondreview",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GoldenCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "expected_result",
                    models.CharField(
                        choices=[
                            ("opened", "Opened"),
                            ("pending", "Pending"),
                            ("more_requested", "More requested"),
                            ("escalated", "Escalated"),
                            ("evidence_expired", "Evidence expired"),
                            ("approved", "Approved"),
                            ("denied", "Denied"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "expected_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("under_age", "Under 21"),
                            ("unreadable", "Unreadable"),
                            ("not_the_member", "Not the member"),
                            ("expired_id", "Expired ID"),
                            ("altered", "Altered"),
                            ("other", "Other…"),
                        ],
                        max_length=16,
                    ),
                ),
                ("seeded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "As expected"),
                            ("wrong", "Not as expected"),
                            ("unseen", "Nobody decided it"),
                        ],
                        max_length=6,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "told_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the reviewer said that they had read it.",
                        null=True,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="golden_cases",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="golden_case",
                        to="verification.decision",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="golden_case",
                        to="verification.verificationrequest",
                    ),
                ),
                (
                    "seeded_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Nobody: the command line.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome", "")), fields=["id"], name="golden_cases_open"
                    ),
                    models.Index(
                        condition=models.Q(("told_at__isnull", True)),
                        fields=["decided_by"],
                        name="golden_cases_to_tell",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expected_reason", ""), ("expected_result", "approved")),
                            models.Q(
                                ("expected_result", "denied"),
                                models.Q(("expected_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="golden_case_expects_a_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_by__isnull", True),
                                ("decision__isnull", True),
                                ("outcome__in", ["", "unseen"]),
                            ),
                            models.Q(
                                ("decided_by__isnull", False),
                                ("decision__isnull", False),
                                ("outcome__in", ["right", "wrong"]),
                            ),
                            _connector="OR",
                        ),
                        name="golden_case_judged_of_a_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("outcome", "")),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                ("closed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="golden_case_closed_with_outcome",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="secondreview",
            index=models.Index(
                condition=models.Q(("outcome", "")),
                fields=["due_at", "id"],
                name="second_reviews_open",
            ),
        ),
        migrations.AddIndex(
            model_name="secondreview",
            index=models.Index(
                condition=models.Q(("outcome", ""), _negated=True),
                fields=["-closed_at"],
                name="second_reviews_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decision__isnull", True),
                        ("due_at__isnull", True),
                        ("first_by__isnull", True),
                    ),
                    models.Q(
                        ("decision__isnull", False),
                        ("due_at__isnull", False),
                        ("first_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="second_review_due_of_a_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_by__isnull", True),
                    models.Q(("answered_by", models.F("first_by")), _negated=True),
                    _connector="OR",
                ),
                name="second_review_by_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer__in", ["approved", "denied", "more_requested"]),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("due_at__isnull", False),
                        ("outcome__in", ["agreed", "disagreed"]),
                    ),
                    models.Q(
                        ("answer", ""),
                        ("answered_at__isnull", True),
                        ("answered_by__isnull", True),
                        ("outcome__in", ["", "expired", "void"]),
                    ),
                    _connector="OR",
                ),
                name="second_review_answer_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("outcome", "")),
                    models.Q(
                        models.Q(("outcome", ""), _negated=True), ("closed_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="second_review_closed_with_outcome",
            ),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("resolution", "")), fields=["id"], name="disputes_unsettled"
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_by", models.F("second_by")), _negated=True),
                name="dispute_of_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resolved_by__isnull", True),
                    models.Q(
                        models.Q(("resolved_by", models.F("first_by")), _negated=True),
                        models.Q(("resolved_by", models.F("second_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="dispute_settled_by_a_third",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("note", ""),
                        ("resolution", ""),
                        ("resolved_at__isnull", True),
                        ("resolved_by__isnull", True),
                    ),
                    models.Q(
                        ("resolution__in", ["keep", "override"]),
                        models.Q(("note", ""), _negated=True),
                        ("resolved_at__isnull", False),
                        ("resolved_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="dispute_settled_with_words",
            ),
        ),
    ]
