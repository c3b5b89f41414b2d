from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("resources", "0001_initial")]

    operations = [
        RemoveIndexConcurrently(model_name="crossing", name="crossing_waiting"),
    ]
