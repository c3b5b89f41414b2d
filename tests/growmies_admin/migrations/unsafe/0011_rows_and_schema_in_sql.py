from django.db import migrations

FORWARD = """
ALTER TABLE violations_contentrule ADD COLUMN share double precision;
UPDATE violations_contentrule SET share = 1;
"""
BACKWARD = "ALTER TABLE violations_contentrule DROP COLUMN share"


class Migration(migrations.Migration):
    dependencies = [("violations", "0010_rows_and_schema")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
