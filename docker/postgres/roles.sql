-- The roles of the site's PostgreSQL (17 or later), for psql:
--
--   psql -d growmies -f docker/postgres/roles.sql
--
-- Run it as a superuser in the site's database; running it again changes nothing. `./dev up` does
-- so for the embedded server. What each role is for: docs/operations.md, "Roles of the database".
-- Passwords are taken from the environment, those that are set: POSTGRES_OWNER_PASSWORD,
-- POSTGRES_SITE_PASSWORD and so on. Other names than growmies_…: -v prefix=NAME.
-- Rights on tables are not here: who migrates gives them (monitoring/database/grants.py).

\set ON_ERROR_STOP on
\if :{?prefix}
\else
    \set prefix growmies
\endif
\set owner :prefix _owner
\set site :prefix _site
\set reader :prefix _reader
\set backup :prefix _backup
\set maintenance :prefix _maintenance

SET client_min_messages = warning;
BEGIN;
SET LOCAL lock_timeout = '10s';

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY[:'owner', :'site', :'reader', :'backup', :'maintenance']) AS name
WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec

ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOREPLICATION;
ALTER ROLE :"site" LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOREPLICATION;
ALTER ROLE :"reader" LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOREPLICATION;
ALTER ROLE :"backup" LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS REPLICATION;
ALTER ROLE :"maintenance" LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOREPLICATION;

-- Passwords, where the environment has them.
\getenv owner_password POSTGRES_OWNER_PASSWORD
\if :{?owner_password}
    ALTER ROLE :"owner" PASSWORD :'owner_password';
\endif
\getenv site_password POSTGRES_SITE_PASSWORD
\if :{?site_password}
    ALTER ROLE :"site" PASSWORD :'site_password';
\endif
\getenv reader_password POSTGRES_READER_PASSWORD
\if :{?reader_password}
    ALTER ROLE :"reader" PASSWORD :'reader_password';
\endif
\getenv backup_password POSTGRES_BACKUP_PASSWORD
\if :{?backup_password}
    ALTER ROLE :"backup" PASSWORD :'backup_password';
\endif
\getenv maintenance_password POSTGRES_MAINTENANCE_PASSWORD
\if :{?maintenance_password}
    ALTER ROLE :"maintenance" PASSWORD :'maintenance_password';
\endif

-- What each may do in the whole server.
GRANT pg_monitor TO :"reader";
GRANT pg_read_all_data, pg_read_all_settings, pg_read_all_stats, pg_checkpoint TO :"backup";
GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean),
    pg_switch_wal(), pg_create_restore_point(text) TO :"backup";
GRANT pg_maintain, pg_read_all_stats, pg_stat_scan_tables TO :"maintenance";

-- Nobody makes anything in this database but the owner, not even a temporary table.
ALTER DATABASE :"DBNAME" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO :"site", :"reader", :"backup", :"maintenance";
GRANT USAGE ON SCHEMA public TO :"site", :"reader", :"backup", :"maintenance";
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";

-- What another role made before goes to the owner: tables, sequences of their own, functions, types.
SELECT format(
    'ALTER %s public.%I OWNER TO %I',
    CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
        WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
    relname, :'owner')
FROM pg_class c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND pg_get_userbyid(relowner) <> :'owner'
    AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND (d.deptype = 'e' OR relkind = 'S' AND d.deptype IN ('a', 'i')))
\gexec
SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, :'owner')
FROM pg_proc p
WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) <> :'owner'
    AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
\gexec
SELECT format('ALTER TYPE public.%I OWNER TO %I', typname, :'owner')
FROM pg_type t
WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
    AND pg_get_userbyid(typowner) <> :'owner'
    AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
\gexec

COMMIT;
