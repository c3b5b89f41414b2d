import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import growmies_admin.accounts.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Staff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                    ),
                ),
                ("display_name", models.CharField(blank=True, max_length=100)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("discord_id", models.BigIntegerField(blank=True, null=True, unique=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "is_staff",
                    models.BooleanField(default=False, help_text="May open /django-admin/."),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now)),
                ("theme", models.CharField(default="system", max_length=6)),
                (
                    "single_keys",
                    models.BooleanField(default=True, help_text="Single-key shortcuts on pages."),
                ),
                (
                    "grey_first",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="A revealed picture is grey until colour is asked.",
                    ),
                ),
                (
                    "is_practice",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Made by practice mode, and of use there only.",
                    ),
                ),
                (
                    "grace_until",
                    models.DateTimeField(
                        blank=True,
                        default=growmies_admin.accounts.models.grace,
                        help_text="Works without a second factor until then.",
                        null=True,
                    ),
                ),
                (
                    "last_code_step",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Of the last code of an app that was used; 30 s a step.",
                        null=True,
                    ),
                ),
                (
                    "factor_reset_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When somebody else last took their second factor off.",
                        null=True,
                    ),
                ),
                (
                    "deactivated_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When they left last; stays when they are let in again.",
                        null=True,
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "staff member",
                "verbose_name_plural": "staff",
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("queue:read", "Read the age-verification queue")],
                            max_length=32,
                        ),
                        size=None,
                    ),
                ),
                ("token_hash", models.BinaryField(max_length=32, null=True, unique=True)),
                (
                    "prefix",
                    models.CharField(
                        blank=True, help_text="Its beginning, to recognise it by.", max_length=12
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
            },
        ),
        migrations.CreateModel(
            name="FailedSignIns",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("how", models.CharField(help_text="One of access_trail.How.", max_length=16)),
                ("waiting", models.PositiveIntegerField(default=0)),
                ("told_at", models.DateTimeField()),
                (
                    "network",
                    models.CharField(blank=True, help_text="Of the last one.", max_length=48),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        help_text="None: no account.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "failed sign-ins",
            },
        ),
        migrations.CreateModel(
            name="KeyChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("act", models.CharField(help_text="One of keys.Act.", max_length=16)),
                (
                    "key",
                    models.CharField(
                        help_text="One character in lower case, space or enter.", max_length=8
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="key_choices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=100)),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoleAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "Viewer"),
                            ("moderator", "Moderator"),
                            ("compliance", "Compliance"),
                            ("operator", "Operator"),
                            ("administrator", "Administrator"),
                        ],
                        max_length=16,
                    ),
                ),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "given_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SignInTries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "account",
                    models.CharField(
                        help_text="`staff 17`, or `unknown` and a bucket.", max_length=24
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("password", "Password"), ("code", "Code of a second factor")],
                        max_length=8,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Keyed hash of an address, or a known device; or all.",
                        max_length=64,
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "sign-in tries",
                "indexes": [models.Index(fields=["last_at"], name="tries_by_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "kind", "source"), name="tries_once_a_source"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["password", "code"])),
                        name="tries_kind_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(("theme__in", ["system", "light", "dark"])),
                name="staff_theme_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("discord_id__isnull", True), ("discord_id__gt", 0), _connector="OR"
                ),
                name="staff_discord_id_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("owner", "name"),
                name="one_unrevoked_token_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    django.db.models.functions.text.Length("token_hash"), 32
                ),
                name="token_hash_is_sha256",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scopes__contained_by", ["queue:read"]), ("scopes__len__gt", 0)
                ),
                name="token_scopes_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="token_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("token_hash__isnull", False), models.Q(("prefix", ""), _negated=True)
                    ),
                    models.Q(
                        ("last_used_at__isnull", True),
                        ("opened_at__isnull", True),
                        ("prefix", ""),
                        ("token_hash__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="token_opened_or_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="token_expires_after_creation",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revoked_at__isnull", True),
                    ("revoked_at__gte", models.F("created_at")),
                    _connector="OR",
                ),
                name="token_revoked_after_creation",
            ),
        ),
        migrations.AddConstraint(
            model_name="failedsignins",
            constraint=models.UniqueConstraint(
                fields=("staff", "how"), name="failures_together", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="keychoice",
            constraint=models.UniqueConstraint(fields=("staff", "act"), name="one_key_an_act"),
        ),
        migrations.AddConstraint(
            model_name="keychoice",
            constraint=models.UniqueConstraint(fields=("staff", "key"), name="one_act_a_key"),
        ),
        migrations.AddConstraint(
            model_name="keychoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__regex", "^([^0-9[:upper:][:space:]]|space|enter)$")),
                name="key_can_be_pressed",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["created_at"], name="letters_oldest_first"),
        ),
        migrations.AddConstraint(
            model_name="roleassignment",
            constraint=models.UniqueConstraint(fields=("staff", "role"), name="staff_role_once"),
        ),
        migrations.AddConstraint(
            model_name="roleassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "viewer",
                            "moderator",
                            "compliance",
                            "operator",
                            "administrator",
                            "display",
                        ],
                    )
                ),
                name="role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="roleassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", "display"), _negated=True), name="role_is_a_persons"
            ),
        ),
    ]
