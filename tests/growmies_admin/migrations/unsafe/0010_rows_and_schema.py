from django.db import migrations, models


def fill(apps, schema_editor):
    ContentRule = apps.get_model("violations", "ContentRule")
    ContentRule.objects.filter(weight=None).update(weight=1)


class Migration(migrations.Migration):
    dependencies = [("violations", "0009_validated_at_once")]
    operations = [
        migrations.AddField("contentrule", "weight", models.FloatField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
