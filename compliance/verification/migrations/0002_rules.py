"""Requests that wait are put on the desk; nobody decides about themselves, nor twice."""

from django.db import migrations

from compliance.desk.operations import PutOnDesk

FORWARD = """
CREATE FUNCTION verification_decision_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM desk_refuse_own(NEW.decided_by_id, request.member_id)
        FROM verification_verificationrequest request WHERE request.id = NEW.request_id;
    IF NEW.overrides_id IS NOT NULL THEN
        PERFORM desk_refuse_author(NEW.decided_by_id, before.decided_by_id)
            FROM verification_decision before WHERE before.id = NEW.overrides_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER verification_decision_by_another
    BEFORE INSERT OR UPDATE OF decided_by_id, request_id, overrides_id ON verification_decision
    FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL)
    EXECUTE FUNCTION verification_decision_by_another();
"""

BACKWARD = """
DROP TRIGGER verification_decision_by_another ON verification_decision;
DROP FUNCTION verification_decision_by_another();
"""


class Migration(migrations.Migration):
    dependencies = [("verification", "0001_initial"), ("desk", "0002_rules")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        PutOnDesk(
            "verification",
            "verification_verificationrequest",
            columns=["state", "member_id", "submitted_at", "due_at"],
            waits="NEW.state IN ('pending', 'escalated') AND NEW.due_at IS NOT NULL",
            member="NEW.member_id",
            opened="NEW.submitted_at",
            due="NEW.due_at",
            escalated="NEW.state = 'escalated'",
        ),
    ]
