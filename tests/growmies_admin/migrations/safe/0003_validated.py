from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("violations", "0002_not_valid")]
    operations = [ValidateConstraint("rule", "rule_has_name")]
