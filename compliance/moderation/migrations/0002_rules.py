"""Nothing of a case is changed or deleted, nobody records or overrules their own, and what says who
somebody was can be forgotten."""

from django.db import migrations

# Names in full: moderation_forget() runs with a search path of its own.
KEEP = """
CREATE FUNCTION moderation_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Cases are for good: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION moderation_case_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE forgotten public.moderation_case := OLD;
BEGIN
    forgotten.member_id := NULL;
    forgotten.words := '';
    forgotten.forgotten_at := NEW.forgotten_at;
    IF OLD.forgotten_at IS NULL AND NEW.forgotten_at IS NOT NULL AND NEW = forgotten THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Cases are for good: % of case % refused', TG_OP, OLD.number
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER moderation_case_keeps BEFORE UPDATE ON moderation_case
    FOR EACH ROW EXECUTE FUNCTION moderation_case_keeps();
CREATE TRIGGER moderation_case_stays BEFORE DELETE ON moderation_case
    FOR EACH ROW EXECUTE FUNCTION moderation_append_only();

CREATE FUNCTION moderation_casenote_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE forgotten public.moderation_casenote := OLD;
BEGIN
    forgotten.text := '';
    IF NEW = forgotten AND EXISTS (
        SELECT FROM public.moderation_case WHERE number = OLD.case_id AND forgotten_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Notes of cases are for good: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER moderation_casenote_keeps BEFORE UPDATE ON moderation_casenote
    FOR EACH ROW EXECUTE FUNCTION moderation_casenote_keeps();
CREATE TRIGGER moderation_casenote_stays BEFORE DELETE ON moderation_casenote
    FOR EACH ROW EXECUTE FUNCTION moderation_append_only();

CREATE FUNCTION moderation_overruling_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE forgotten public.moderation_overruling := OLD;
BEGIN
    forgotten.why := '';
    IF NEW = forgotten AND EXISTS (
        SELECT FROM public.moderation_case WHERE number = OLD.case_id AND forgotten_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'What overrules a case is for good: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER moderation_overruling_keeps BEFORE UPDATE ON moderation_overruling
    FOR EACH ROW EXECUTE FUNCTION moderation_overruling_keeps();
CREATE TRIGGER moderation_overruling_stays BEFORE DELETE ON moderation_overruling
    FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
"""
KEEP_NO_MORE = """
DROP TRIGGER moderation_overruling_stays ON moderation_overruling;
DROP TRIGGER moderation_overruling_keeps ON moderation_overruling;
DROP FUNCTION moderation_overruling_keeps();
DROP TRIGGER moderation_casenote_stays ON moderation_casenote;
DROP TRIGGER moderation_casenote_keeps ON moderation_casenote;
DROP FUNCTION moderation_casenote_keeps();
DROP TRIGGER moderation_case_stays ON moderation_case;
DROP TRIGGER moderation_case_keeps ON moderation_case;
DROP FUNCTION moderation_case_keeps();
DROP FUNCTION moderation_append_only();
"""

BY_ANOTHER = """
CREATE FUNCTION moderation_case_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM desk_refuse_own(NEW.by_id, NEW.member_id);
    RETURN NEW;
END $$;
CREATE TRIGGER moderation_case_by_another BEFORE INSERT ON moderation_case
    FOR EACH ROW WHEN (NEW.by_id IS NOT NULL) EXECUTE FUNCTION moderation_case_by_another();

CREATE FUNCTION moderation_casenote_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM desk_refuse_own(NEW.by_id, member_id) FROM moderation_case WHERE number = NEW.case_id;
    RETURN NEW;
END $$;
CREATE TRIGGER moderation_casenote_by_another BEFORE INSERT ON moderation_casenote
    FOR EACH ROW EXECUTE FUNCTION moderation_casenote_by_another();

CREATE FUNCTION moderation_overruling_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of moderation_case;
BEGIN
    SELECT * INTO of FROM moderation_case WHERE number = NEW.case_id;
    IF NEW.is_slip THEN
        IF NEW.by_id IS DISTINCT FROM of.by_id OR of.undo_until <= statement_timestamp() THEN
            RAISE EXCEPTION 'A case is taken back by its author, at once: case %', of.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'slip_of_its_author';
        END IF;
        RETURN NEW;
    END IF;
    IF btrim(NEW.why) = '' THEN
        RAISE EXCEPTION 'A case is overruled with words: case %', of.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'overruled_with_words';
    END IF;
    PERFORM desk_refuse_author(NEW.by_id, of.by_id);
    PERFORM desk_refuse_own(NEW.by_id, of.member_id);
    RETURN NEW;
END $$;
CREATE TRIGGER moderation_overruling_by_another BEFORE INSERT ON moderation_overruling
    FOR EACH ROW EXECUTE FUNCTION moderation_overruling_by_another();
"""
BY_ANYBODY = """
DROP TRIGGER moderation_overruling_by_another ON moderation_overruling;
DROP FUNCTION moderation_overruling_by_another();
DROP TRIGGER moderation_casenote_by_another ON moderation_casenote;
DROP FUNCTION moderation_casenote_by_another();
DROP TRIGGER moderation_case_by_another ON moderation_case;
DROP FUNCTION moderation_case_by_another();
"""

# Runs as the owner: the site itself may change nothing of a case.
FORGET = """
CREATE FUNCTION moderation_forget(gone bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE forgotten integer[];
BEGIN
    WITH cases AS (
        UPDATE public.moderation_case
        SET member_id = NULL, words = '', forgotten_at = statement_timestamp()
        WHERE member_id = gone RETURNING number
    )
    SELECT array_agg(number) INTO forgotten FROM cases;
    UPDATE public.moderation_casenote SET text = '' WHERE case_id = ANY (forgotten);
    UPDATE public.moderation_overruling SET why = '' WHERE case_id = ANY (forgotten);
    RETURN coalesce(cardinality(forgotten), 0);
END $$;
REVOKE ALL ON FUNCTION moderation_forget(bigint) FROM PUBLIC;
"""
FORGET_NOTHING = "DROP FUNCTION moderation_forget(bigint);"


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial"), ("desk", "0002_rules")]
    operations = [
        migrations.RunSQL(KEEP, KEEP_NO_MORE),
        migrations.RunSQL(BY_ANOTHER, BY_ANYBODY),
        migrations.RunSQL(FORGET, FORGET_NOTHING),
    ]
