"""Cases, their notes, what overrules them, and the numbers that they have without gaps."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import compliance.moderation.models

# A case that is not written after all takes its number back with it.
NEXT_NUMBER = """
CREATE FUNCTION moderation_next_number() RETURNS integer LANGUAGE sql VOLATILE AS $$
    INSERT INTO moderation_casecounter AS counter (id, last) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET last = counter.last + 1
    RETURNING last
$$;
"""
NO_NUMBER = "DROP FUNCTION moderation_next_number();"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseCounter",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("last", models.PositiveIntegerField(help_text="The number of the newest case.")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="case_counter_is_one"
                    )
                ],
            },
        ),
        migrations.RunSQL(NEXT_NUMBER, NO_NUMBER),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "number",
                    models.PositiveIntegerField(
                        db_default=compliance.moderation.models.NextNumber(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("note", "Note"), ("warn", "Warning")], max_length=8),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("low", "Low"),
                            ("medium", "Medium"),
                            ("high", "High"),
                            ("critical", "Critical"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(help_text="A code of reasons.py.", max_length=32)),
                (
                    "words",
                    models.TextField(
                        blank=True, help_text="What the member reads beside the reason."
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("web", "On the site"), ("discord", "By a command in Discord")],
                        max_length=8,
                    ),
                ),
                (
                    "machine",
                    models.CharField(
                        blank=True, help_text="What decided it, where no person did.", max_length=32
                    ),
                ),
                (
                    "request_key",
                    models.UUIDField(
                        blank=True,
                        help_text="The same form or command twice is one case.",
                        null=True,
                        unique=True,
                    ),
                ),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "undo_until",
                    models.DateTimeField(help_text="Its author may take it back until then."),
                ),
                (
                    "forgotten_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Since when nothing says any more about whom it was.",
                        null=True,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_recorded",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="members.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseNote",
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
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("text", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="moderation.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Overruling",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="overruling",
                        serialize=False,
                        to="moderation.case",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "why",
                    models.TextField(
                        blank=True, help_text="For the record; the member does not read it."
                    ),
                ),
                ("is_slip", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["member", "-number"], name="cases_by_member"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["by", "-number"], name="cases_by_author"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["kind", "-number"], name="cases_by_kind"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["reason", "-number"], name="cases_by_reason"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["note", "warn"])), name="case_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__in", ["low", "medium", "high", "critical"])),
                name="case_severity_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["web", "discord"])), name="case_source_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="case_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by__isnull", False), ("machine", "")),
                    models.Q(("by__isnull", True), models.Q(("machine", ""), _negated=True)),
                    _connector="OR",
                ),
                name="case_by_a_person_or_a_machine",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("forgotten_at__isnull", True), ("member__isnull", False)),
                    models.Q(
                        ("forgotten_at__isnull", False), ("member__isnull", True), ("words", "")
                    ),
                    _connector="OR",
                ),
                name="case_about_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("words"), 512
                    )
                ),
                name="case_words_fit",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("undo_until__gte", models.F("decided_at"))),
                name="case_undo_after_decision",
            ),
        ),
        migrations.AddIndex(
            model_name="casenote",
            index=models.Index(fields=["case", "id"], name="case_notes_by_case"),
        ),
        migrations.AddConstraint(
            model_name="casenote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("text"), 2000
                    )
                ),
                name="case_note_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="overruling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("why"), 512
                    )
                ),
                name="overruling_words_fit",
            ),
        ),
    ]
