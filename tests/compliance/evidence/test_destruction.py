"""Destroyed means destroyed: not even a database dump and all keys bring a picture back."""

import contextlib
import os
import sys
import uuid

import psycopg
import pytest
from django.utils import timezone

from compliance.desk import sweeping
from compliance.evidence import custody, keys, store
from compliance.evidence.models import Evidence
from compliance.refusals import Refusal
from compliance.verification import claims, decisions
from tests import restoring

# Runs in a process of its own on the restored database: it looks as the claimant would.
LOOK = """
from compliance.evidence import custody
from compliance.verification import claims
from compliance.refusals import Refusal
from compliance.verification.models import VerificationRequest
from growmies_admin.accounts.models import Staff
request, ada = VerificationRequest.objects.get(), Staff.objects.get(username="ada")
claims.claim(request.pk, ada)
try:
    print("SAW", custody.reveal(request.pk, 1, ada)[:3].hex())
except Refusal as refusal:
    print("REFUSED", refusal.code)
"""


@pytest.fixture
def restored(transactional_db):
    """Restores a dump into a database of its own; returns its name."""
    with contextlib.ExitStack() as until_the_end:
        yield lambda content: until_the_end.enter_context(restoring.restored(content))


def look(database, folder):
    """What the claimant gets from a site on this database, with our keys."""
    env = restoring.environment(database) | {"EVIDENCE_DIR": str(folder)}
    out = restoring.run(
        sys.executable, "manage.py", "shell", "-v", "0", "-c", LOOK, env=env
    ).decode()
    return next(line for line in out.splitlines() if line.startswith(("SAW", "REFUSED")))


def destroy_all():
    Evidence.objects.update(destroy_at=timezone.now())
    assert sweeping.sweep()["destroyed"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_restored_dump_and_all_keys_do_not_bring_it_back(pending, ada, restored, evidence_dir):
    pending("fern")
    database = restored(restoring.dumped())
    assert look(database, evidence_dir) == "SAW ffd8ff", "the dump is whole and the keys fit"

    again = restored(restoring.dumped())
    destroy_all()
    assert look(again, evidence_dir) == "REFUSED store_failed"


@pytest.mark.django_db(transaction=True)
def test_no_value_of_a_dump_is_a_key_or_a_picture(pending, ada, restored, evidence_dir):
    picture_id = pending("fern").evidence.get().id
    wrapped, blob = store.get(picture_id)
    content = restoring.dumped()
    for secret in (wrapped, blob, keys.unwrap(wrapped, picture_id.bytes)):
        assert secret.hex().encode() not in content
        assert secret not in content
    with psycopg.connect(restoring.environment(restored(content))["DATABASE_URL"]) as database:
        columns = database.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type = 'bytea'"
        ).fetchall()
        values = [
            bytes(value)
            for table, column in columns
            for (value,) in database.execute(f'SELECT "{column}" FROM "{table}"')
            if value is not None
        ]
    assert values
    for value in values:
        with pytest.raises(keys.KeyUnusable):
            keys.unwrap(value, picture_id.bytes)


def test_with_only_the_blob_left_it_stays_closed(pending, evidence_dir):
    """The key goes first: a crash in between leaves nothing that can be opened."""
    picture = pending().evidence.get()
    (key,) = evidence_dir.rglob("*.key")
    key.unlink()
    with pytest.raises(store.StoreUnusable):
        store.get(picture.id)


def test_another_pictures_key_does_not_open_it(pending):
    one, two = pending().evidence.get(), pending().evidence.get()
    wrapped, _ = store.get(one.id)
    _, blob = store.get(two.id)
    for identity in (one.id.bytes, two.id.bytes):
        with pytest.raises(keys.KeyUnusable):
            keys.unseal(wrapped, blob, identity)


def test_destroying_twice_leaves_one_proof(pending):
    picture = pending().evidence.get()
    Evidence.objects.update(destroy_at=timezone.now())
    assert custody.destroy(picture)
    assert not custody.destroy(picture)


def test_a_crash_after_the_files_are_gone_is_finished_by_the_next_sweep(pending):
    picture = pending().evidence.get()
    Evidence.objects.update(destroy_at=timezone.now())
    store.remove(picture.id)
    assert sweeping.sweep()["destroyed"] == 1
    picture.refresh_from_db()
    assert picture.destroyed_at is not None


def test_what_is_not_due_is_not_destroyed(pending):
    picture = pending().evidence.get()
    assert not custody.destroy(picture)
    assert store.holds(picture.id)


def test_nobody_sees_it_once_it_is_due(revealed, ada):
    request = revealed(ada)
    Evidence.objects.update(destroy_at=timezone.now())
    with pytest.raises(Refusal) as refusal:
        custody.reveal(request.pk, 1, ada)
    assert refusal.value.code == "evidence_gone"


def test_approving_what_was_destroyed(revealed, ada):
    request = revealed(ada)
    Evidence.objects.update(destroy_at=timezone.now())
    custody.destroy(request.evidence.get())
    claims.release(request.pk, ada)
    claims.claim(request.pk, ada)
    with pytest.raises(Refusal) as refusal:
        decisions.approve(request.pk, moderator=ada, version=request.version)
    assert refusal.value.code == "evidence_gone"


def test_files_without_a_row_are_removed(pending, evidence_dir):
    kept = pending().evidence.get()
    stray = uuid.uuid4()
    store.put(stray, b"key", b"blob")
    old = timezone.now().timestamp() - 3600
    for path in evidence_dir.rglob("*.*"):
        os.utime(path, (old, old))
    assert custody.sweep_orphans() == 1
    assert store.holds(kept.id) and not store.holds(stray)


def test_young_files_without_a_row_may_belong_to_an_upload(db, evidence_dir):
    stray = uuid.uuid4()
    store.put(stray, b"key", b"blob")
    assert custody.sweep_orphans() == 0
    assert store.holds(stray)
