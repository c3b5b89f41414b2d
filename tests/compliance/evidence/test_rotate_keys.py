"""`./dev manage rotate_evidence_keys`: keys are wrapped anew, pictures stay as they are."""

import io
import os

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.evidence import custody, keys, rotation, store
from compliance.evidence.models import Evidence
from monitoring.audit.models import Entry

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def rotated(settings):
    """Keys as they are while one rotates: the new one first."""
    settings.EVIDENCE_KEYS = (OLD,)

    def turn():
        settings.EVIDENCE_KEYS = (NEW, OLD)

    return turn


def files(folder, kind):
    return {path.name: path.read_bytes() for path in folder.rglob(f"*{kind}")}


def test_it_works(pending, rotated, evidence_dir, settings):
    one, two = pending().evidence.get(), pending().evidence.get()
    blobs, wrapped = files(evidence_dir, ".blob"), files(evidence_dir, ".key")
    rotated()
    out = io.StringIO()
    call_command("rotate_evidence_keys", stdout=out)
    assert out.getvalue() == "2 re-wrapped, 0 already current, 0 unusable.\n"
    assert files(evidence_dir, ".blob") == blobs
    assert not set(files(evidence_dir, ".key").values()) & set(wrapped.values())
    assert not list(evidence_dir.rglob("*.part"))
    settings.EVIDENCE_KEYS = (NEW,)
    for picture in (one, two):
        assert keys.unseal(*store.get(picture.id), picture.id.bytes)[:3] == b"\xff\xd8\xff"
    entry = Entry.objects.get(action="evidence.keys_rotated")
    assert (entry.category, entry.actor_type) == ("technical", "system")
    assert entry.data == {"rewrapped": 2, "current": 0, "unusable": 0}


def test_a_second_run_changes_nothing(pending, rotated, evidence_dir):
    pending()
    rotated()
    rotation.rotate()
    after = files(evidence_dir, ".key")
    found = rotation.rotate()
    assert (found.rewrapped, found.current, found.unusable) == (0, 1, [])
    assert files(evidence_dir, ".key") == after


def test_interrupted_and_run_again(pending, rotated, monkeypatch, evidence_dir):
    pictures = [pending().evidence.get() for _ in range(3)]
    rotated()
    rename, calls = os.rename, []

    def dies(path, target):
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.rename", dies)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate()
    assert not Entry.objects.filter(action="evidence.keys_rotated").exists()
    for picture in pictures:
        assert keys.unseal(*store.get(picture.id), picture.id.bytes)
    found = rotation.rotate()
    assert (found.rewrapped, found.current) == (2, 1)
    assert not list(evidence_dir.rglob("*.part"))


def test_a_key_that_nothing_opens_is_named_by_id_only(pending, rotated, settings):
    bad, good = pending("Fern").evidence.get(), pending().evidence.get()
    store.replace_key(bad.id, keys.wrap(os.urandom(32), bad.id.bytes)[:-1] + b"x")
    rotated()
    with pytest.raises(CommandError) as error:
        call_command("rotate_evidence_keys", stdout=io.StringIO())
    assert str(error.value) == f"None of EVIDENCE_KEYS opens: {bad.id}"
    assert keys.is_current(store.wrapped_key(good.id))
    entry = Entry.objects.get(action="evidence.keys_rotated")
    assert entry.data == {"rewrapped": 1, "current": 0, "unusable": 1}


def test_a_destroyed_key_does_not_come_back(pending, rotated, monkeypatch):
    """Destroyed between the look and the writing: there is nothing to put a key in place of."""
    picture = pending().evidence.get()
    Evidence.objects.update(destroy_at=timezone.now())
    rotated()
    unwrap = keys.unwrap

    def destroyed_meanwhile(*arguments):
        custody.destroy(picture)
        return unwrap(*arguments)

    monkeypatch.setattr(keys, "unwrap", destroyed_meanwhile)
    found = rotation.rotate()
    assert (found.rewrapped, found.unusable) == (0, [])
    assert not store.holds(picture.id)
