import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("compliance", "Compliance"),
                            ("technical", "Technical"),
                            ("access", "Access"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("info", "Info"),
                            ("warning", "Warning"),
                            ("critical", "Critical"),
                        ],
                        db_default="info",
                        default="info",
                        max_length=8,
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        help_text="room.act, as in verification.approved", max_length=64
                    ),
                ),
                (
                    "actor_type",
                    models.CharField(
                        choices=[
                            ("staff", "Staff"),
                            ("member", "Member"),
                            ("bot", "Bot"),
                            ("system", "System"),
                            ("provider", "Provider"),
                        ],
                        max_length=8,
                    ),
                ),
                ("subject_id", models.UUIDField(blank=True, null=True)),
                ("target_type", models.CharField(blank=True, db_default="", max_length=32)),
                ("target_id", models.CharField(blank=True, db_default="", max_length=64)),
                ("data", models.JSONField(db_default={}, default=dict)),
                ("request_id", models.CharField(blank=True, db_default="", max_length=64)),
                (
                    "actor",
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
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
            },
        ),
        migrations.CreateModel(
            name="HeadPlace",
            fields=[
                (
                    "name",
                    models.CharField(
                        choices=[("file", "File"), ("webhook", "Webhook")],
                        max_length=8,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "line",
                    models.BigIntegerField(default=0, help_text="Number of the last line there."),
                ),
                (
                    "line_hash",
                    models.CharField(help_text="SHA-256 of that line, hexadecimal.", max_length=64),
                ),
                ("offset", models.BigIntegerField(default=0)),
                (
                    "begins_after",
                    models.BigIntegerField(
                        default=0, help_text="Lines up to this number were set aside."
                    ),
                ),
                ("at", models.DateTimeField(help_text="When a line came there last.")),
                (
                    "trouble",
                    models.CharField(
                        blank=True, help_text="What is wrong, in words.", max_length=300
                    ),
                ),
            ],
            options={
                "verbose_name": "place of heads",
                "verbose_name_plural": "places of heads",
            },
        ),
        migrations.CreateModel(
            name="Unsealed",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="audit.entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "unsealed entry",
                "verbose_name_plural": "unsealed entries",
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "sealed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seal",
                        to="audit.entry",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["target_type", "target_id", "-id"], name="audit_by_target"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["subject_id", "-id"], name="audit_by_subject"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["category", "-id"], name="audit_by_category"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor_type", "staff"), ("actor__isnull", False)),
                    models.Q(
                        models.Q(("actor_type", "staff"), _negated=True), ("actor__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="audit_staff_actor_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("category__in", ["compliance", "technical", "access"])),
                name="audit_category_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gt", 0)), name="seal_position_positive"
            ),
        ),
    ]
