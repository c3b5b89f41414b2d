"""Who decides about a picture has revealed it in that claim; seen.py says so in words."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION verification_decision_was_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM evidence_evidence
        WHERE request_id = NEW.request_id AND destroyed_at IS NULL AND position < 100
    ) AND NOT EXISTS (
        SELECT FROM desk_claim claim JOIN desk_workitem item ON item.id = claim.item_id
        WHERE claim.id = NEW.claim_id
        AND item.kind = 'verification' AND item.subject = NEW.request_id
        AND claim.moderator_id = NEW.decided_by_id AND (
            claim.revealed_at IS NOT NULL
            OR claim.reveal_failed_at IS NOT NULL AND (
                NEW.result = 'more_requested'
                OR NEW.result = 'denied' AND NEW.reason = 'unreadable'
            )
        )
    ) THEN
        RAISE EXCEPTION 'Nobody decides unseen: claim %', NEW.claim_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_decides_unseen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER verification_decision_was_seen
    BEFORE INSERT ON verification_decision
    FOR EACH ROW WHEN (NEW.claim_id IS NOT NULL AND NEW.method = 'id_document')
    EXECUTE FUNCTION verification_decision_was_seen();
"""

BACKWARD = """
DROP TRIGGER verification_decision_was_seen ON verification_decision;
DROP FUNCTION verification_decision_was_seen();
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial"), ("verification", "0002_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
