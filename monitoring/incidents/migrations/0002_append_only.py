"""A timeline only grows: a trigger refuses to change or remove an entry."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION incidents_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Timelines of incidents are append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER incidents_timelineentry_append_only BEFORE UPDATE OR DELETE ON incidents_timelineentry
    FOR EACH ROW EXECUTE FUNCTION incidents_append_only();
"""

BACKWARD = """
DROP TRIGGER incidents_timelineentry_append_only ON incidents_timelineentry;
DROP FUNCTION incidents_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
