from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("uptime", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="probe",
            index=models.Index(fields=["up", "name"], name="probes_down_first"),
        ),
    ]
