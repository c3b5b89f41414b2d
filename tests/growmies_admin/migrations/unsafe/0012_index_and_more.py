from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("violations", "0011_rows_and_schema_in_sql")]
    operations = [
        migrations.AddField("contentrule", "words", models.TextField(null=True)),
        AddIndexConcurrently("contentrule", models.Index(fields=["weight"], name="by_weight")),
    ]
