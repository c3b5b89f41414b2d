"""What the desk holds by itself: items of what waits, and that nobody works on their own.

`accounts_staff` is the table of AUTH_USER_MODEL: only its Discord id tells that somebody on staff
is a member. relations.py says the same in words before it comes to that.
"""

from django.conf import settings
from django.db import migrations

FORWARD = """
CREATE FUNCTION desk_put(of_kind text, thing bigint, about bigint, authors bigint[],
    since timestamptz, due timestamptz, is_escalated boolean, harm smallint)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO desk_workitem AS item
        (kind, subject, member_id, not_for, opened_at, due_at, priority, escalated_at)
    VALUES (of_kind, thing, about, authors, since, due, harm,
        CASE WHEN is_escalated THEN statement_timestamp() END)
    ON CONFLICT (kind, subject) DO UPDATE SET
        member_id = excluded.member_id,
        not_for = excluded.not_for,
        due_at = excluded.due_at,
        priority = excluded.priority,
        closed_at = NULL,
        escalated_at = CASE WHEN is_escalated
            THEN coalesce(item.escalated_at, excluded.escalated_at) END,
        assigned_to_id = CASE WHEN is_escalated THEN item.assigned_to_id END;
END $$;

CREATE FUNCTION desk_close(of_kind text, thing bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE desk_workitem SET closed_at = statement_timestamp()
    WHERE kind = of_kind AND subject = thing AND closed_at IS NULL;
END $$;

CREATE FUNCTION desk_forget(of_kind text, thing bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE gone bigint;
BEGIN
    SELECT id INTO gone FROM desk_workitem WHERE kind = of_kind AND subject = thing;
    IF FOUND THEN
        DELETE FROM desk_claim WHERE item_id = gone;
        DELETE FROM desk_escalation WHERE item_id = gone;
        DELETE FROM desk_workitem WHERE id = gone;
    END IF;
END $$;

CREATE FUNCTION desk_refuse_own(person bigint, member bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_staff WHERE id = person AND discord_id = member) THEN
        RAISE EXCEPTION 'Nobody decides what concerns themselves: staff %', person
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_decides_their_own';
    END IF;
END $$;

CREATE FUNCTION desk_refuse_author(person bigint, author bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF person = author THEN
        RAISE EXCEPTION 'Nobody decides again what they decided: staff %', person
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_decides_their_own_again';
    END IF;
END $$;

CREATE FUNCTION desk_claim_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE about bigint; authors bigint[];
BEGIN
    SELECT member_id, not_for INTO about, authors FROM desk_workitem WHERE id = NEW.item_id;
    PERFORM desk_refuse_own(NEW.moderator_id, about);
    IF NEW.moderator_id = ANY (authors) THEN
        PERFORM desk_refuse_author(NEW.moderator_id, NEW.moderator_id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER desk_claim_by_another
    BEFORE INSERT OR UPDATE OF moderator_id, item_id ON desk_claim
    FOR EACH ROW EXECUTE FUNCTION desk_claim_by_another();

CREATE FUNCTION desk_escalation_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM desk_refuse_own(NEW.escalated_by_id, item.member_id),
            desk_refuse_own(NEW.escalated_to_id, item.member_id)
        FROM desk_workitem item WHERE item.id = NEW.item_id;
    RETURN NEW;
END $$;
CREATE TRIGGER desk_escalation_by_another
    BEFORE INSERT OR UPDATE OF escalated_by_id, escalated_to_id, item_id ON desk_escalation
    FOR EACH ROW EXECUTE FUNCTION desk_escalation_by_another();

-- The newest that was not taken back says for whom an escalated item is.
CREATE FUNCTION desk_escalation_assigns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE desk_workitem item SET assigned_to_id = (
        SELECT escalated_to_id FROM desk_escalation
        WHERE item_id = NEW.item_id AND undone_at IS NULL ORDER BY id DESC LIMIT 1
    )
    WHERE item.id = NEW.item_id AND item.escalated_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER desk_escalation_assigns
    AFTER INSERT OR UPDATE OF undone_at, escalated_to_id ON desk_escalation
    FOR EACH ROW EXECUTE FUNCTION desk_escalation_assigns();
"""

BACKWARD = """
DROP TRIGGER desk_escalation_assigns ON desk_escalation;
DROP TRIGGER desk_escalation_by_another ON desk_escalation;
DROP TRIGGER desk_claim_by_another ON desk_claim;
DROP FUNCTION desk_escalation_assigns();
DROP FUNCTION desk_escalation_by_another();
DROP FUNCTION desk_claim_by_another();
DROP FUNCTION desk_refuse_author(bigint, bigint);
DROP FUNCTION desk_refuse_own(bigint, bigint);
DROP FUNCTION desk_forget(text, bigint);
DROP FUNCTION desk_close(text, bigint);
DROP FUNCTION desk_put(text, bigint, bigint, bigint[], timestamptz, timestamptz, boolean,
    smallint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
