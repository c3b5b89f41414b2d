import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
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
            name="Display",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "board",
                    models.CharField(
                        choices=[("main", "Main"), ("secondary", "Secondary")], max_length=12
                    ),
                ),
                (
                    "browser",
                    models.CharField(help_text="As in: Chromium 120 on Linux", max_length=60),
                ),
                (
                    "address",
                    models.CharField(
                        help_text="The network that it asked from, roughly.", max_length=45
                    ),
                ),
                ("paired_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "key_made_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="Its newest key's."
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[("revoked", "Revoked"), ("unseen", "Not seen")],
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why it was revoked.", max_length=200),
                ),
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
                    "paired_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DisplayKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_hash", models.BinaryField(max_length=32, unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("first_used_at", models.DateTimeField(blank=True, null=True)),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "tried_again_at",
                    models.DateTimeField(blank=True, help_text="After its end.", null=True),
                ),
                (
                    "display",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="keys",
                        to="displays.display",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Pairing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("secret_hash", models.BinaryField(max_length=32, unique=True)),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                (
                    "number",
                    models.PositiveIntegerField(default=0, help_text="How many codes came before."),
                ),
                (
                    "board",
                    models.CharField(
                        choices=[("main", "Main"), ("secondary", "Secondary")],
                        help_text="What it opened.",
                        max_length=12,
                    ),
                ),
                ("browser", models.CharField(max_length=60)),
                ("address", models.CharField(max_length=45)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "expires_at",
                    models.DateTimeField(help_text="Of the code; once confirmed, of the key."),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "spent_at",
                    models.DateTimeField(
                        blank=True, help_text="The screen has its key.", null=True
                    ),
                ),
                (
                    "display",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pairing",
                        to="displays.display",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CodeTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "code tries",
                "indexes": [models.Index(fields=["by", "at"], name="code_tries_by_person")],
            },
        ),
        migrations.AddIndex(
            model_name="display",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)),
                fields=["-id"],
                name="displays_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="display",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("name",),
                name="one_live_display_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="display",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="display_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="display",
            constraint=models.CheckConstraint(
                condition=models.Q(("board__in", ["main", "secondary"])), name="display_board_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="display",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at", None), ("ended_by", None), ("ending", ""), ("reason", "")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("ending", "revoked"),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by", None),
                        ("ending", "unseen"),
                        ("reason", ""),
                    ),
                    _connector="OR",
                ),
                name="display_end_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="display",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    ("ended_at__gte", models.F("paired_at")),
                    _connector="OR",
                ),
                name="display_ended_after_pairing",
            ),
        ),
        migrations.AddIndex(
            model_name="displaykey",
            index=models.Index(fields=["replaced_at"], name="displays_replaced_keys"),
        ),
        migrations.AddConstraint(
            model_name="displaykey",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    django.db.models.functions.text.Length("key_hash"), 32
                ),
                name="display_key_hash_is_sha256",
            ),
        ),
        migrations.AddConstraint(
            model_name="displaykey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("replaced_at__isnull", True),
                    ("replaced_at__gte", models.F("made_at")),
                    _connector="OR",
                ),
                name="display_key_replaced_after_made",
            ),
        ),
        migrations.AddConstraint(
            model_name="displaykey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tried_again_at__isnull", True),
                    ("replaced_at__isnull", False),
                    _connector="OR",
                ),
                name="display_key_tried_after_end",
            ),
        ),
        migrations.AddIndex(
            model_name="pairing",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", True)),
                fields=["expires_at", "address"],
                name="pairings_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="pairing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        django.db.models.functions.text.Length("secret_hash"), 32
                    ),
                    django.db.models.lookups.Exact(
                        django.db.models.functions.text.Length("code_hash"), 32
                    ),
                ),
                name="pairing_hashes_are_sha256",
            ),
        ),
        migrations.AddConstraint(
            model_name="pairing",
            constraint=models.CheckConstraint(
                condition=models.Q(("board__in", ["main", "secondary"])), name="pairing_board_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="pairing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at", None), ("display", None)),
                    models.Q(("confirmed_at__isnull", False), ("display__isnull", False)),
                    _connector="OR",
                ),
                name="confirmed_pairing_has_display",
            ),
        ),
        migrations.AddConstraint(
            model_name="pairing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("spent_at__isnull", True), ("confirmed_at__isnull", False), _connector="OR"
                ),
                name="spent_pairing_is_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="pairing",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("asked_at"))),
                name="pairing_expires_after_asking",
            ),
        ),
    ]
