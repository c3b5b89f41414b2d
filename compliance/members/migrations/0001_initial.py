import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import compliance.members.names

# Invisible letters, which turn words or join them, are left out: nobody can type them.
# Trusted extensions: the owner of the database may make them, no superuser is needed. Debian has
# them in the package of the server. `pg_c_utf8` knows all letters, whatever locale the database has.
EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
"""
FOLDED = """
CREATE OR REPLACE FUNCTION public.members_folded(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(
    public.unaccent('public.unaccent'::regdictionary, normalize(
        translate(name, U&'\\200B\\200C\\200D\\200E\\200F\\202A\\202B\\202C\\202D\\202E\\2066\\2067\\2068\\2069', ''),
        NFKC))
    COLLATE pg_catalog.pg_c_utf8
);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(FOLDED, "DROP FUNCTION public.members_folded(text);"),
        migrations.CreateModel(
            name="Subject",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("discord_id", models.BigIntegerField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("discord_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("username", models.CharField(max_length=64)),
                ("display_name", models.CharField(blank=True, max_length=64)),
                ("in_guild", models.BooleanField(default=True)),
                ("joined_at", models.DateTimeField(blank=True, null=True)),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "has_verified_role",
                    models.BooleanField(default=False, help_text="As last seen in Discord."),
                ),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "first_seen_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                        help_text="By us; never changed.",
                    ),
                ),
                (
                    "made_up",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Made up for a practice case; real people are not.",
                    ),
                ),
                (
                    "names",
                    models.GeneratedField(
                        db_persist=True,
                        expression=compliance.members.names.Folded(
                            models.F("display_name"), models.F("username")
                        ),
                        help_text="Both names, folded: this is what is searched.",
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["names"], name="member_by_names", opclasses=["gin_trgm_ops"]
                    ),
                    models.Index(fields=["joined_at"], name="member_by_joining"),
                    models.Index(fields=["first_seen_at"], name="member_by_first_seen"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("discord_id__gt", 0)), name="member_id_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        db_default="id_document",
                        default="id_document",
                        help_text="Of which text.",
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveIntegerField(help_text="Each method counts its own.")),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member", "-given_at"], name="consent_by_member")],
            },
        ),
    ]
