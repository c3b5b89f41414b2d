"""Destroyed means destroyed: not even a database dump and all keys bring a picture back."""

import os
import subprocess
import sys
import uuid

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from compliance.verification import claims, decisions, evidence, keys, store, sweeping
from compliance.verification.errors import Refusal
from compliance.verification.models import Evidence
from growmies_admin.stack.layout import REPOSITORY
from growmies_admin.stack.servers import postgres_program

# Runs in a process of its own on the restored database: it looks as the claimant would.
LOOK = """
from compliance.verification import claims, evidence
from compliance.verification.errors import Refusal
from compliance.verification.models import VerificationRequest
from growmies_admin.accounts.models import Staff
request, ada = VerificationRequest.objects.get(), Staff.objects.get(username="ada")
claims.claim(request.pk, ada)
try:
    print("SAW", evidence.reveal(request.pk, 1, ada)[:3].hex())
except Refusal as refusal:
    print("REFUSED", refusal.code)
"""


@pytest.fixture
def ada(staff):
    return staff("moderator", username="ada")


def environment(database):
    """The environment of a PostgreSQL program, or of our own process, on `database`."""
    facts = connection.settings_dict
    url = f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
    return os.environ | {
        "PGHOST": facts["HOST"],
        "PGPORT": str(facts["PORT"]),
        "PGUSER": facts["USER"],
        "PGPASSWORD": facts["PASSWORD"],
        "PGDATABASE": database,
        "DATABASE_URL": f"{url}/{database}",
    }


def run(program, *arguments, env):
    done = subprocess.run([program, *arguments], env=env, capture_output=True, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture
def restored(transactional_db):
    """Restores a dump into a database of its own; returns its name."""
    names = []

    def make(content):
        names.append(f"restored_{uuid.uuid4().hex}")
        env = environment(names[-1])
        run(postgres_program("createdb"), names[-1], env=env)
        done = subprocess.run(
            [postgres_program("psql"), "--quiet", "--set=ON_ERROR_STOP=1"],
            input=content,
            env=env,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode()
        return names[-1]

    yield make
    for name in names:
        run(postgres_program("dropdb"), "--force", name, env=environment(name))


def look(database, folder):
    """What the claimant gets from a site on this database, with our keys."""
    env = environment(database) | {"EVIDENCE_DIR": str(folder)}
    out = run(sys.executable, "manage.py", "shell", "-v", "0", "-c", LOOK, env=env).decode()
    return next(line for line in out.splitlines() if line.startswith(("SAW", "REFUSED")))


def destroy_all():
    Evidence.objects.update(destroy_at=timezone.now())
    assert sweeping.sweep().destroyed == 1


@pytest.mark.django_db(transaction=True)
def test_a_restored_dump_and_all_keys_do_not_bring_it_back(
    pending, ada, dump, restored, evidence_dir
):
    pending("fern")
    database = restored(dump())
    assert look(database, evidence_dir) == "SAW ffd8ff", "the dump is whole and the keys fit"

    again = restored(dump())
    destroy_all()
    assert look(again, evidence_dir) == "REFUSED store_failed"


@pytest.mark.django_db(transaction=True)
def test_no_value_of_a_dump_is_a_key_or_a_picture(pending, ada, dump, restored, evidence_dir):
    picture_id = pending("fern").evidence.get().id
    wrapped, blob = store.get(picture_id)
    content = dump()
    for secret in (wrapped, blob, keys.unwrap(wrapped, picture_id.bytes)):
        assert secret.hex().encode() not in content
        assert secret not in content
    with psycopg.connect(environment(restored(content))["DATABASE_URL"]) as database:
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
    assert evidence.destroy(picture)
    assert not evidence.destroy(picture)


def test_a_crash_after_the_files_are_gone_is_finished_by_the_next_sweep(pending):
    picture = pending().evidence.get()
    Evidence.objects.update(destroy_at=timezone.now())
    store.remove(picture.id)
    assert sweeping.sweep().destroyed == 1
    picture.refresh_from_db()
    assert picture.destroyed_at is not None


def test_what_is_not_due_is_not_destroyed(pending):
    picture = pending().evidence.get()
    assert not evidence.destroy(picture)
    assert store.holds(picture.id)


def test_nobody_sees_it_once_it_is_due(revealed, ada):
    request = revealed(ada)
    Evidence.objects.update(destroy_at=timezone.now())
    with pytest.raises(Refusal) as refusal:
        evidence.reveal(request.pk, 1, ada)
    assert refusal.value.code == "evidence_gone"


def test_approving_what_was_destroyed(revealed, ada):
    request = revealed(ada)
    Evidence.objects.update(destroy_at=timezone.now())
    evidence.destroy(request.evidence.get())
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
    assert evidence.sweep_orphans() == 1
    assert store.holds(kept.id) and not store.holds(stray)


def test_young_files_without_a_row_may_belong_to_an_upload(db, evidence_dir):
    stray = uuid.uuid4()
    store.put(stray, b"key", b"blob")
    assert evidence.sweep_orphans() == 0
    assert store.holds(stray)
