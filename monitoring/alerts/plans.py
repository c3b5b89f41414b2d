"""Foreign keys of a storm are checked by index, whatever the tables were like before it.

PostgreSQL keeps the plan of such a check for the life of a connection. One that it made when the
table was small reads the whole table for each row: of 10,000 alerts that took 10 seconds. In SQL
for want of a model: this is a setting of PostgreSQL's.
"""

from django.db import connection

MANY_ROWS = 50  # in one transaction; for fewer it makes no difference


def make_anew() -> None:
    """Plan every statement and check of the present transaction when it runs, up to its commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
