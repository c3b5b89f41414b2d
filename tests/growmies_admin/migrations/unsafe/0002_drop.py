from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("violations", "0001_initial")]
    operations = [migrations.RemoveField("rule", "name")]
