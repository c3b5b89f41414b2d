from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("violations", "0003_rename")]
    operations = [
        migrations.AddField("contentrule", "severity", models.TextField(default="low")),
        migrations.AddIndex("contentrule", models.Index(fields=["severity"], name="by_severity")),
    ]
