from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("verification", "0003_escalation")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="counted_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the metrics counted it: after the undo window.",
                null=True,
            ),
        ),
    ]
