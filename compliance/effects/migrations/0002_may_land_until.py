from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("effects", "0001_initial")]
    operations = [
        migrations.AddField(
            "effect",
            "may_land_until",
            models.DateTimeField(
                null=True,
                blank=True,
                help_text="Discord may do an unanswered call until then; other versions wait.",
            ),
        )
    ]
