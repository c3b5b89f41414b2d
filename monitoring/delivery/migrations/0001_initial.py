import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import monitoring.delivery.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=100, unique=True)),
                ("webhook_id", models.BigIntegerField()),
                ("sealed_url", models.TextField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=20)),
                ("place", models.CharField(max_length=150)),
                ("until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "place"), name="one_hold_a_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="A name in delivery/sources.py.", max_length=20),
                ),
                ("subject_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("single", "About one subject"),
                            ("bundle", "Bundle of what would be too many"),
                            ("test", "Test"),
                        ],
                        default="single",
                        max_length=6,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=monitoring.delivery.models.channel_choices,
                        help_text="A folder of delivery/transports.",
                        max_length=20,
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        help_text="Name of a place or team there, or somebody's username.",
                        max_length=150,
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        default="",
                        help_text="Where it is sent to there: what has a rate limit.",
                        max_length=150,
                    ),
                ),
                (
                    "reached",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Where it arrived; empty: at its target.",
                        max_length=150,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("bundled", "In a bundle"),
                            ("dropped", "Not needed any more"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("urgency", models.SmallIntegerField(default=5, help_text="Lower goes first.")),
                (
                    "is_direct",
                    models.BooleanField(default=False, help_text="Sent past Alertmanager."),
                ),
                ("wanted", models.PositiveIntegerField(default=1)),
                ("shown", models.PositiveIntegerField(default=0)),
                (
                    "receipt",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="The channel's own id of the message.",
                        max_length=255,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="Since when it could go; giving up counts from there.",
                    ),
                ),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0, help_text="Leases so far.")),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, help_text="Tries in a row that failed."),
                ),
                (
                    "sent_at",
                    models.DateTimeField(
                        blank=True, help_text="First time it got through.", null=True
                    ),
                ),
                ("error", models.TextField(blank=True)),
                (
                    "bundle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="delivery.message",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who is told, where it is somebody on staff. No address is kept.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who asked for a test.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("sent", "Sent"),
                            ("edited", "Edited"),
                            ("retry", "Will be tried again"),
                            ("failed", "Refused"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "code",
                    models.IntegerField(blank=True, help_text="HTTP or SMTP status.", null=True),
                ),
                ("text", models.TextField(blank=True)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="delivery.message",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["urgency", "not_before"],
                name="messages_due",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state", "sending")),
                fields=["leased_until"],
                name="messages_leased",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["channel", "target", "-id"], name="messages_by_target"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "sending"])),
                fields=["channel", "target"],
                name="messages_on_their_way",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state", "sent")),
                fields=["channel", "target", "sent_at"],
                name="messages_sent",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("kind", "single"), _negated=True),
                fields=["created_at"],
                name="messages_of_no_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "single")),
                fields=("source", "subject_id", "channel", "target"),
                name="one_message_a_subject_and_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__regex", "^[a-z][a-z0-9_]*$")),
                name="message_channel_is_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__regex", "^[a-z][a-z0-9_]*$")),
                name="message_source_is_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "sending", "sent", "failed", "bundled", "dropped"])
                ),
                name="message_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "single"), ("subject_id__isnull", False)),
                    models.Q(("kind", "bundle"), ("subject_id__isnull", True)),
                    models.Q(
                        ("kind", "test"),
                        ("requested_by__isnull", False),
                        ("subject_id__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="message_is_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sending"), _negated=True),
                    ("leased_until__isnull", False),
                    _connector="OR",
                ),
                name="message_sending_has_a_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sent"), _negated=True),
                    models.Q(("sent_at__isnull", False), ("shown", models.F("wanted"))),
                    _connector="OR",
                ),
                name="message_sent_is_shown",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "bundled"), _negated=True),
                    models.Q(("bundle__isnull", False), ("kind", "single")),
                    _connector="OR",
                ),
                name="message_bundled_in_a_bundle",
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["message", "id"], name="message_tries_in_order"),
        ),
    ]
