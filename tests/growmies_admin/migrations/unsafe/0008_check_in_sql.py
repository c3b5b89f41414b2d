from django.db import migrations

FORWARD = """
ALTER TABLE violations_contentrule
    ADD CONSTRAINT severity_short CHECK (length(severity) < 10);
"""
BACKWARD = "ALTER TABLE violations_contentrule DROP CONSTRAINT severity_short"


class Migration(migrations.Migration):
    dependencies = [("violations", "0007_filled_foreign_key")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
