"""What a function will do with rows is no change of rows."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION violations_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM violations_breach;
    RETURN NULL;
END $$;
CREATE TRIGGER violations_noted AFTER UPDATE OR DELETE ON violations_rule
    FOR EACH STATEMENT EXECUTE FUNCTION violations_note();
"""
BACKWARD = """
DROP TRIGGER violations_noted ON violations_rule;
DROP FUNCTION violations_note();
"""


class Migration(migrations.Migration):
    dependencies = [("violations", "0006_rows")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
