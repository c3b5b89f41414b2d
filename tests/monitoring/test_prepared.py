"""Statements that PostgreSQL plans once for each connection, and what makes it forget them."""

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from compliance.members.models import Consent, Member
from monitoring import prepared

SUM = "SELECT %s::int + %s::int"


def prepared_statements():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def other_connection_ends(pid):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
    finally:
        other.close()


def test_it_gives_the_rows(db):
    assert prepared.rows(SUM, [20, 1]) == [(21,)]


def test_it_is_prepared_when_it_was_sent_some_times(db):
    for _ in range(5):
        prepared.rows(SUM, [20, 1])
    assert prepared_statements().count("SELECT $1::int + $2::int") == 1


def test_other_statements_are_not(db):
    for _ in range(5):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int - %s::int", [20, 1])
    assert not any("-" in statement for statement in prepared_statements())


def test_it_says_how_many_rows_it_changed(db):
    Member.objects.create(discord_id=1, username="one")
    change = "UPDATE members_member SET username = %s WHERE discord_id = %s"
    assert prepared.run(change, ["two", 1]) == 1
    assert prepared.run(change, ["two", 2]) == 0


@pytest.mark.django_db(transaction=True)
def test_a_rollback_forgets_it_and_it_goes_on():
    for _ in range(5):
        prepared.rows(SUM, [20, 1])
    with transaction.atomic():
        assert prepared.rows(SUM, [20, 1]) == [(21,)]
        transaction.set_rollback(True)
    assert prepared.rows(SUM, [20, 2]) == [(22,)]


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_when_the_server_ended_the_connection():
    for _ in range(5):
        prepared.rows(SUM, [20, 1])
    other_connection_ends(connection.connection.info.backend_pid)
    with pytest.raises(OperationalError):
        prepared.rows(SUM, [20, 1])
    connection.close()
    assert prepared.rows(SUM, [20, 2]) == [(22,)]


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_when_a_migration_adds_a_column():
    Member.objects.create(discord_id=1, username="one")
    statement = (
        f"SELECT {prepared.columns(Member, 'm')} FROM members_member m WHERE discord_id = %s"
    )
    for _ in range(5):
        prepared.rows(statement, [1])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE members_member ADD COLUMN later int")
    try:
        found = prepared.instance(Member, list(prepared.rows(statement, [1])[0]))
        assert (found.pk, found.username) == (1, "one")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE members_member DROP COLUMN later")


def test_rows_that_are_added_get_their_keys(db):
    member = Member.objects.create(discord_id=1, username="one")
    added = [Consent(member=member, version=version) for version in (1, 2)]
    prepared.insert(added)
    kept = {consent.pk: consent.version for consent in Consent.objects.all()}
    assert kept == {added[0].pk: 1, added[1].pk: 2}
    assert not added[0]._state.adding


def test_what_the_database_refuses_is_an_error_of_django(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        prepared.run(
            "INSERT INTO members_subject (id, discord_id) VALUES (gen_random_uuid(), NULL)"
        )
