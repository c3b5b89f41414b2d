from django.db import migrations


def fill(apps, schema_editor):
    Rule = apps.get_model("violations", "Rule")
    Rule.objects.filter(name="").update(name="unnamed")


class Migration(migrations.Migration):
    dependencies = [("violations", "0005_new_table")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL("UPDATE violations_rule SET name = 'x' WHERE name = 'y'", ""),
    ]
