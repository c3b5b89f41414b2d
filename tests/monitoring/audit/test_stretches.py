"""A long chain is walked in stretches, also by several processes; a fault is found in each."""

import pytest
from django.db import connection

from monitoring import policy
from monitoring.audit import trail
from monitoring.audit.models import Entry, Seal
from monitoring.audit_chain import chain

PROCESSES = [1, 2]


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch):
    monkeypatch.setattr(policy, "AUDIT_STRETCH", 4)


def make(count=10):
    made = [trail.record(f"test.act{n}", data={"n": n, "word": "größe"}) for n in range(count)]
    chain.seal_batch()
    return made


def tamper(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("processes", PROCESSES)
def test_it_works(processes):
    make()
    heard = []
    report = chain.verify(processes, told=lambda done, all: heard.append((done, all)))
    assert (report.sealed, report.unsealed, report.first_bad_entry) == (10, 0, None)
    assert report.head == bytes(Seal.objects.get(position=10).hash).hex()
    assert heard == [(4, 10), (8, 10), (10, 10)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("processes", PROCESSES)
def test_the_first_of_two_faults_is_named(processes):
    made = make()
    for entry in (made[9], made[6]):
        tamper("UPDATE audit_entry SET action = 'other' WHERE id = %s", entry.pk)
    report = chain.verify(processes)
    assert (report.first_bad_entry, report.sealed) == (made[6].pk, 6)
    assert report.head == bytes(Seal.objects.get(position=6).hash).hex()


@pytest.mark.django_db
@pytest.mark.parametrize("position", range(1, 10))
def test_a_missing_link_anywhere(position):
    """At the edges of stretches too: 4 ends one, 5 begins the next."""
    made = make()
    tamper("DELETE FROM audit_seal WHERE position = %s", position)
    report = chain.verify()
    assert report.first_bad_entry == made[position].pk  # the one after the gap
    assert report.why == f"position {position} is missing"


@pytest.mark.django_db
@pytest.mark.parametrize("position", range(1, 11))
def test_a_changed_hash_anywhere(position):
    made = make()
    tamper("UPDATE audit_seal SET hash = sha256('x') WHERE position = %s", position)
    assert chain.verify().first_bad_entry == made[position - 1].pk


@pytest.mark.django_db(transaction=True)
def test_a_removed_entry_is_named():
    made = make()
    tamper("DELETE FROM audit_entry WHERE id = %s", made[4].pk)
    assert not Entry.objects.filter(pk=made[4].pk).exists()
    report = chain.verify()
    assert (report.first_bad_entry, report.why) == (made[4].pk, "the entry is missing")
