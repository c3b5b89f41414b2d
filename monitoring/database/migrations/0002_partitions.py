"""What the site may ask the owner to do with partitions, of listed tables only.

Each function works out what it touches from the list and the clock; a name that is not listed, a
day out of bounds or something that is no partition is refused. None waits for a lock for long.
"""

from django.db import migrations

FORWARD = """
-- Refuses what is not listed; rows for CREATE and DROP of the others.
CREATE FUNCTION partition_of(wanted text, day date,
    OUT listed database_partitionedtable, OUT name text, OUT starts date, OUT ends date)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT * INTO listed FROM public.database_partitionedtable WHERE parent = wanted;
    IF NOT FOUND OR day IS NULL THEN
        RAISE EXCEPTION 'No partitions of % may be made or dropped', wanted
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    starts := date_trunc(listed.period, day::timestamp)::date;
    ends := (starts + ('1 ' || listed.period)::interval)::date;
    name := listed.parent || '_'
        || to_char(starts, CASE listed.period WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END);
END $$;

CREATE FUNCTION partition_is_there(parent text, name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_inherits
        WHERE inhparent = to_regclass('public.' || quote_ident(parent))
            AND inhrelid = to_regclass('public.' || quote_ident(name)))
$$;

-- The partition that holds `day`, made unless it is there. Returns its name.
CREATE FUNCTION partition_make(parent text, day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $$
DECLARE part record := public.partition_of(parent, day);
BEGIN
    IF part.ends <= current_date - (part.listed).keep
        OR part.starts > current_date + (part.listed).ahead THEN
        RAISE EXCEPTION 'A partition of % for % is out of bounds', parent, day
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT public.partition_is_there(parent, part.name) THEN
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
            part.name, parent, part.starts, part.ends);
    END IF;
    RETURN part.name;
END $$;

-- The listed indexes of that partition, made unless they are there. Returns how many were made.
CREATE FUNCTION partition_index(parent text, day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $$
DECLARE
    part record := public.partition_of(parent, day);
    definition text;
    number integer := 0;
    made integer := 0;
BEGIN
    IF NOT public.partition_is_there(parent, part.name) THEN
        RAISE EXCEPTION '% has no partition for %', parent, day
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOR definition IN SELECT jsonb_array_elements_text((part.listed).indexes) LOOP
        number := number + 1;
        CONTINUE WHEN to_regclass(format('public.%I', part.name || '_i' || number)) IS NOT NULL;
        EXECUTE format('CREATE INDEX %I ON public.%I ', part.name || '_i' || number, part.name)
            || definition;
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drops that partition when it ended longer ago than it must be kept. Returns whether it was there.
CREATE FUNCTION partition_drop(parent text, day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $$
DECLARE part record := public.partition_of(parent, day);
BEGIN
    IF part.ends > current_date - (part.listed).keep THEN
        RAISE EXCEPTION 'The partition of % for % must still be kept', parent, day
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT public.partition_is_there(parent, part.name) THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE public.%I', part.name);
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION partition_of(text, date), partition_is_there(text, text),
    partition_make(text, date), partition_index(text, date), partition_drop(text, date) FROM PUBLIC;
"""

BACKWARD = """
DROP FUNCTION partition_drop(text, date);
DROP FUNCTION partition_index(text, date);
DROP FUNCTION partition_make(text, date);
DROP FUNCTION partition_is_there(text, text);
DROP FUNCTION partition_of(text, date);
"""


class Migration(migrations.Migration):
    dependencies = [("database", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
