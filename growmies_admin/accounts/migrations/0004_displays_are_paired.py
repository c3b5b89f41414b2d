"""Accounts that were displays end: their screens ask to be paired (docs/displays.md)."""

from django.db import migrations

ROLE = "display"


def end_display_accounts(apps, schema_editor):
    """Who is nothing but a display can't sign in any more; others keep their other roles."""
    RoleAssignment = apps.get_model("accounts", "RoleAssignment")
    Staff = apps.get_model("accounts", "Staff")
    Entry = apps.get_model("audit", "Entry")
    displays = RoleAssignment.objects.filter(role=ROLE).values("staff")
    people = RoleAssignment.objects.exclude(role=ROLE).values("staff")
    for account in Staff.objects.filter(pk__in=displays, is_active=True).exclude(pk__in=people):
        Entry.objects.create(
            action="staff.deactivated",
            category="access",
            actor_type="system",
            target_type="accounts.staff",
            target_id=str(account.pk),
            data={"username": account.username},
        )
        Staff.objects.filter(pk=account.pk).update(is_active=False)
    RoleAssignment.objects.filter(role=ROLE).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_own_keys"), ("audit", "0002_append_only")]

    operations = [migrations.RunPython(end_display_accounts, migrations.RunPython.noop)]
