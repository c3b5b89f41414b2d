"""The audit trail: only added to, sealed into a chain, verified."""

from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from monitoring.audit import trail
from monitoring.audit.models import Entry, Seal, Unsealed
from monitoring.audit_chain import chain

pytestmark = pytest.mark.django_db


def entries(count=3):
    return [trail.record(f"test.act{n}", data={"n": n, "word": "größe"}) for n in range(count)]


@contextmanager
def refused():
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        yield


def tamper(sql):
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_it_works():
    entries()
    assert chain.verify().unsealed == 3
    assert chain.seal_batch() == 3
    report = chain.verify()
    assert (report.sealed, report.unsealed, report.first_bad_entry) == (3, 0, None)


def test_sealing_again_goes_on_with_the_chain():
    entries()
    chain.seal_batch()
    entries()
    chain.seal_batch()
    assert list(Seal.objects.values_list("position", flat=True).order_by("position")) == [
        1, 2, 3, 4, 5, 6,
    ]  # fmt: skip
    assert chain.verify().first_bad_entry is None


def test_a_late_transaction_is_not_missed():
    first, _ = entries(2)
    Unsealed.objects.filter(pk=first.pk).delete()  # as if not committed yet
    chain.seal_batch()
    Unsealed.objects.create(entry=first)
    chain.seal_batch()
    assert Seal.objects.get(entry=first).position == 2
    assert chain.verify().first_bad_entry is None


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET action = 'other'",
        "DELETE FROM audit_entry",
        "UPDATE audit_seal SET position = position + 10",
        "DELETE FROM audit_seal",
    ],
)
def test_the_database_refuses_changes(sql):
    entries()
    chain.seal_batch()
    with refused(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_database_refuses_to_empty_the_trail():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_no_truncate")
    with refused(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_entry CASCADE")


def test_a_changed_entry_is_named():
    bad = entries()[1]
    chain.seal_batch()
    tamper(f"UPDATE audit_entry SET data = '{{}}' WHERE id = {bad.pk}")
    report = chain.verify()
    assert (report.first_bad_entry, report.sealed) == (bad.pk, 1)


def test_a_removed_link_is_noticed():
    entries()
    chain.seal_batch()
    tamper("DELETE FROM audit_seal WHERE position = 2")
    assert chain.verify().first_bad_entry is not None


def test_removed_seals_at_the_end_are_noticed():
    entries()
    chain.seal_batch()
    tamper("DELETE FROM audit_seal WHERE position = 3")
    assert chain.verify().first_bad_entry is not None


def test_an_act_in_the_middle_of_verifying_is_no_fault():
    """Both figures of what is unsealed come from one statement: nothing fits between them."""
    entries()
    with CaptureQueriesContext(connection) as asked:
        assert chain.verify().unsealed == 3
    counted = [one["sql"] for one in asked if "audit_unsealed" in one["sql"]]
    assert len(counted) == 1 and "audit_entry" in counted[0]


def test_the_command_says_that_it_holds(capsys):
    entries()
    chain.seal_batch()
    call_command("verify_audit")
    assert "3 entries are as they were sealed" in capsys.readouterr().out


def test_the_command_fails_on_a_broken_chain():
    bad = entries()[0]
    chain.seal_batch()
    tamper(f"UPDATE audit_entry SET actor_type = 'bot' WHERE id = {bad.pk}")
    with pytest.raises(CommandError, match=f"broken at entry {bad.pk}"):
        call_command("verify_audit")


def test_a_staff_entry_names_its_actor(staff):
    person = staff("operator")
    entry = trail.record("test.act", actor=person)
    assert (entry.actor_type, entry.actor) == ("staff", person)


def test_an_entry_rolls_back_with_its_act():
    with pytest.raises(RuntimeError), transaction.atomic():
        trail.record("test.act")
        raise RuntimeError
    assert not Entry.objects.exists()
