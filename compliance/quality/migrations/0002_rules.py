"""Second reviews and disputes wait on the desk, for others than who decided."""

from django.db import migrations

from compliance.desk.operations import PutOnDesk

FORWARD = """
CREATE FUNCTION quality_second_review_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM desk_refuse_own(NEW.answered_by_id, request.member_id)
        FROM verification_verificationrequest request WHERE request.id = NEW.request_id;
    PERFORM desk_refuse_author(NEW.answered_by_id, first.decided_by_id)
        FROM verification_decision first WHERE first.id = NEW.decision_id;
    RETURN NEW;
END $$;
CREATE TRIGGER quality_second_review_by_another
    BEFORE INSERT OR UPDATE OF answered_by_id, request_id, decision_id ON quality_secondreview
    FOR EACH ROW WHEN (NEW.answered_by_id IS NOT NULL)
    EXECUTE FUNCTION quality_second_review_by_another();

CREATE FUNCTION quality_dispute_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM desk_refuse_own(NEW.resolved_by_id, request.member_id)
        FROM quality_secondreview review
        JOIN verification_verificationrequest request ON request.id = review.request_id
        WHERE review.id = NEW.review_id;
    RETURN NEW;
END $$;
CREATE TRIGGER quality_dispute_by_another
    BEFORE INSERT OR UPDATE OF resolved_by_id, review_id ON quality_dispute
    FOR EACH ROW WHEN (NEW.resolved_by_id IS NOT NULL)
    EXECUTE FUNCTION quality_dispute_by_another();
"""

BACKWARD = """
DROP TRIGGER quality_dispute_by_another ON quality_dispute;
DROP TRIGGER quality_second_review_by_another ON quality_secondreview;
DROP FUNCTION quality_dispute_by_another();
DROP FUNCTION quality_second_review_by_another();
"""


class Migration(migrations.Migration):
    dependencies = [("quality", "0001_initial"), ("evidence", "0002_nobody_decides_unseen")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        PutOnDesk(
            "second_review",
            "quality_secondreview",
            columns=["outcome", "due_at", "answer_by", "first_by_id", "request_id"],
            waits="NEW.outcome = '' AND NEW.due_at IS NOT NULL",
            member=(
                "(SELECT member_id FROM verification_verificationrequest WHERE id = NEW.request_id)"
            ),
            not_for="ARRAY[NEW.first_by_id]",
            opened="NEW.due_at",
            due="coalesce(NEW.answer_by, NEW.due_at)",
        ),
        PutOnDesk(
            "dispute",
            "quality_dispute",
            columns=["resolution", "due_at", "first_by_id", "second_by_id", "review_id"],
            waits="NEW.resolution = ''",
            member=(
                "(SELECT request.member_id FROM quality_secondreview review"
                " JOIN verification_verificationrequest request ON request.id = review.request_id"
                " WHERE review.id = NEW.review_id)"
            ),
            not_for="ARRAY[NEW.first_by_id, NEW.second_by_id]",
            opened="NEW.opened_at",
            due="NEW.due_at",
        ),
    ]
