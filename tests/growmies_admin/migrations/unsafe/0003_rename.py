from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("violations", "0002_drop")]
    operations = [migrations.RenameModel("rule", "ContentRule")]
