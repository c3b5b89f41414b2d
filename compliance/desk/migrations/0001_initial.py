import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        help_text="Name of a kind that plugs in (review.py).", max_length=32
                    ),
                ),
                ("subject", models.BigIntegerField()),
                (
                    "not_for",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Staff who decided what is looked at again, who may not work on it either.",
                        size=None,
                    ),
                ),
                ("opened_at", models.DateTimeField(help_text="Since when it waits; never reset.")),
                ("due_at", models.DateTimeField()),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "low"), (2, "medium"), (3, "high"), (4, "critical")], default=2
                    ),
                ),
                ("escalated_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whom it was escalated to; nobody: whoever may take any of its kind.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whom it is about, who may not work on it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="members.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.TextField(help_text="What the other person should look at.")),
                ("escalated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undo_until", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "escalated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "escalated_to",
                    models.ForeignKey(
                        blank=True,
                        help_text="Nobody named: whoever is in compliance.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="escalations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalations",
                        to="desk.workitem",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "expires_at",
                    models.DateTimeField(help_text="The lease, or what its page leaves of it."),
                ),
                (
                    "lease_until",
                    models.DateTimeField(
                        blank=True,
                        help_text="How long it lasts without work, while its page is open.",
                        null=True,
                    ),
                ),
                (
                    "revealed_at",
                    models.DateTimeField(
                        blank=True, help_text="First look at the evidence in this claim.", null=True
                    ),
                ),
                (
                    "reveal_failed_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the store last could not show a picture in it.",
                        null=True,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("released", "Released"),
                            ("decided", "Decided"),
                            ("lease_ended", "Lease ended"),
                            ("signed_out", "Signed out"),
                            ("right_ended", "Role or person left"),
                            ("moved", "Nothing waits any more"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "moderator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="desk.workitem",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HeldAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(help_text="What was registered in holding.py.", max_length=16),
                ),
                (
                    "subject",
                    models.CharField(
                        help_text="What it uses up: it is done with that once, unless taken back.",
                        max_length=64,
                    ),
                ),
                (
                    "payload",
                    models.JSONField(help_text="What it takes to do it; emptied when it is over."),
                ),
                (
                    "words",
                    models.TextField(help_text="What is said of it while it can be taken back."),
                ),
                ("held_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.TextField(blank=True, help_text="What came of it, in a sentence."),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_acts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True), ("undone_at__isnull", True)),
                        fields=["due_at"],
                        name="held_acts_waiting",
                    ),
                    models.Index(fields=["by", "-held_at"], name="held_acts_by_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("undone_at__isnull", True), ("done_at__isnull", True), _connector="OR"
                        ),
                        name="held_act_ends_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("kind", "subject"),
                        name="one_held_act_a_subject",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["due_at", "id"],
                name="items_open",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["kind", "due_at", "id"],
                name="items_open_by_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.UniqueConstraint(fields=("kind", "subject"), name="one_item_a_thing"),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("assigned_to__isnull", True), ("escalated_at__isnull", False), _connector="OR"
                ),
                name="item_assigned_when_escalated",
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", [1, 2, 3, 4])), name="item_priority_known"
            ),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(fields=["item", "-id"], name="escalation_by_item"),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(
                fields=["escalated_by", "-escalated_at"], name="escalations_by_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("escalated_to__isnull", True),
                    models.Q(("escalated_to", models.F("escalated_by")), _negated=True),
                    _connector="OR",
                ),
                name="escalated_to_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="escalation_has_words"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["moderator"],
                name="open_claims_by_moderator",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["expires_at"],
                name="open_claims_by_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("item",),
                name="one_open_claim_an_item",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_reason", ""), ("ended_at__isnull", True)),
                    models.Q(
                        ("ended_at__isnull", False), models.Q(("end_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="claim_end_has_reason",
            ),
        ),
    ]
