"""Many requests, for benchmarks of the queue."""

from django.db import connection

FIRST = 1_187_342_001_234_567_890


TABLES = ("members_member", "verification_verificationrequest", "desk_workitem", "desk_claim")
# Copies of tables have no triggers; where they are, the rows are there already.
_ITEMS = """
INSERT INTO {schema}.desk_workitem
    (kind, subject, member_id, not_for, opened_at, due_at, priority, escalated_at)
SELECT 'verification', id, member_id, '{{}}', submitted_at, due_at, 2,
    CASE WHEN state = 'escalated' THEN submitted_at END
FROM {schema}.verification_verificationrequest WHERE state IN ('pending', 'escalated')
ON CONFLICT DO NOTHING
"""


def fill(schema: str, count: int, open_count: int) -> None:
    """`count` requests, a member each, the last `open_count` of them open.

    The open ones came in evenly over the last five hours (a fifth is overdue), one in fifty
    is escalated; those before them are history of the years before.
    """
    where = {"first": FIRST, "count": count, "open": open_count}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {schema}.members_member (discord_id, username, display_name, in_guild,"
            " has_verified_role, joined_at, seen_at)"
            " SELECT %(first)s + g, 'member' || g, '', true, g <= %(count)s - %(open)s,"
            " now(), now()"
            " FROM generate_series(1, %(count)s) g",
            where,
        )
        cursor.execute(
            f"INSERT INTO {schema}.verification_verificationrequest (member_id, method, state,"
            " version, opened_at, submitted_at, due_at, state_since)"
            " SELECT %(first)s + g, CASE WHEN g %% 3 = 0 THEN 'provider' ELSE 'in_person' END,"
            " CASE WHEN age IS NULL THEN CASE WHEN g %% 9 = 0 THEN 'denied' ELSE 'approved' END"
            " WHEN g %% 50 = 0 THEN 'escalated' ELSE 'pending' END, 2,"
            " came, came, came + interval '4 hours', came"
            " FROM (SELECT g, age, now() - coalesce(age * interval '5 hours',"
            " interval '1 day' + (%(count)s - g) * interval '1 minute') came FROM (SELECT g,"
            " CASE WHEN g > %(count)s - %(open)s THEN (%(count)s - g)::float / %(open)s END age"
            " FROM generate_series(1, %(count)s) g) ages) requests",
            where,
        )
        cursor.execute(_ITEMS.format(schema=schema))
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {schema}.{table}")
