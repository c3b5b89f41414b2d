"""Appeals wait on the desk, for others than who denied or let the denial stand."""

from django.db import migrations

from compliance.desk.operations import PutOnDesk

FORWARD = """
CREATE FUNCTION appeals_appeal_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM desk_refuse_own(NEW.decided_by_id, NEW.member_id);
    PERFORM desk_refuse_author(NEW.decided_by_id, denial.decided_by_id)
        FROM verification_decision denial WHERE denial.id = NEW.decision_id;
    PERFORM desk_refuse_author(NEW.decided_by_id, dispute.resolved_by_id)
        FROM quality_dispute dispute
        JOIN quality_secondreview review ON review.id = dispute.review_id
        WHERE review.decision_id = NEW.decision_id AND dispute.resolution = 'keep';
    RETURN NEW;
END $$;
CREATE TRIGGER appeals_appeal_by_another
    BEFORE INSERT OR UPDATE OF decided_by_id, member_id, decision_id ON appeals_appeal
    FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL)
    EXECUTE FUNCTION appeals_appeal_by_another();
"""
# Whoever lets a denial stand may not decide its appeal, also one that waits already.
HEAR = """
CREATE FUNCTION appeals_hear_of_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE appeals_appeal SET decision_id = decision_id
    WHERE state = 'open' AND decision_id = (
        SELECT decision_id FROM quality_secondreview WHERE id = NEW.review_id
    );
    RETURN NULL;
END $$;
CREATE TRIGGER appeals_hear_of_dispute
    AFTER UPDATE OF resolution ON quality_dispute
    FOR EACH ROW EXECUTE FUNCTION appeals_hear_of_dispute();
"""
HEAR_NO_MORE = """
DROP TRIGGER appeals_hear_of_dispute ON quality_dispute;
DROP FUNCTION appeals_hear_of_dispute();
"""

BACKWARD = """
DROP TRIGGER appeals_appeal_by_another ON appeals_appeal;
DROP FUNCTION appeals_appeal_by_another();
"""
AUTHORS = """array_remove(ARRAY[NEW.decision_by_id] || ARRAY(
            SELECT dispute.resolved_by_id FROM quality_dispute dispute
            JOIN quality_secondreview review ON review.id = dispute.review_id
            WHERE review.decision_id = NEW.decision_id AND dispute.resolution = 'keep'), NULL)"""


class Migration(migrations.Migration):
    dependencies = [("appeals", "0001_initial"), ("quality", "0002_rules")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        PutOnDesk(
            "appeal",
            "appeals_appeal",
            columns=["state", "due_at", "member_id", "decision_by_id", "decision_id"],
            waits="NEW.state = 'open'",
            member="NEW.member_id",
            not_for=AUTHORS,
            opened="NEW.opened_at",
            due="NEW.due_at",
        ),
        migrations.RunSQL(HEAR, HEAR_NO_MORE),
    ]
