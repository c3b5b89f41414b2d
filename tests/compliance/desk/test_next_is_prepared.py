"""Looking for the next request is planned once a connection, and goes by the queue's index."""

import itertools

import pytest
from django.db import connection

from compliance.verification import claims

pytestmark = pytest.mark.django_db


def statements():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements")
        return {name: text for name, text in cursor.fetchall() if "SKIP LOCKED" in text}


def test_it_is_prepared(ada):
    for _ in range(5):
        claims.next_for(ada, skip_locked=True)
    assert len(statements()) == 1


@pytest.mark.parametrize(
    ("own", "any_escalated"), list(itertools.product((None, 42), (False, True)))
)
def test_a_plan_for_all_moderators_can_use_the_index(ada, monkeypatch, own, any_escalated):
    """The index is a partial one: its condition must be no parameter of the statement."""
    monkeypatch.setattr(ada, "discord_id", own)
    monkeypatch.setattr(ada, "has_perm", lambda right: any_escalated)
    for _ in range(5):
        claims.next_for(ada, skip_locked=True)
    ((name, text),) = statements().items()
    numbers = ", ".join(["1"] * (1 + ("$2" in text)))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f'EXPLAIN EXECUTE "{name}" ({numbers})')
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "using items_open" in plan, plan
