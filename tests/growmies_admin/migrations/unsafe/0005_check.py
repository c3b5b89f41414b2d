from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("violations", "0004_required")]
    operations = [
        migrations.AddConstraint(
            "contentrule",
            models.CheckConstraint(condition=~models.Q(severity=""), name="severity_said"),
        )
    ]
