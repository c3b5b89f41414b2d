"""The file of heads is only added to: what is cut, rewritten or gone from it is found."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Raised
from monitoring.audit import trail
from monitoring.audit.models import Entry, HeadPlace
from monitoring.audit_chain import heads
from monitoring.audit_chain.tasks import write_head

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(heads_file, act):
    """Five heads of five minutes."""
    for _ in range(5):
        act(2)
        write_head()
    return heads_file


def chained(lines):
    """Lines with right numbers and hashes, as somebody would make them who knows how."""
    out, previous = [], heads.NOTHING
    for number, line in enumerate(lines, start=1):
        text = json.dumps(json.loads(line) | {"line": number, "previous": previous})
        previous = hashlib.sha256(text.encode()).hexdigest()
        out.append(text + "\n")
    return "".join(out)


def hash_of_the_last_line(path):
    return hashlib.sha256(path.read_bytes().splitlines()[-1]).hexdigest()


def verify(match, code=1):
    with pytest.raises(CommandError, match=match) as refused:
        call_command("verify_audit")
    assert refused.value.returncode == code


def test_it_works(file):
    lines = file.read_bytes().splitlines()
    found = list(heads.read(file))
    assert [head.line for head in found] == [1, 2, 3, 4, 5]
    assert found[0].previous == heads.NOTHING
    assert found[4].previous == hashlib.sha256(lines[3]).hexdigest()
    call_command("verify_audit")


def test_a_line_is_taken_out(file):
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:2] + lines[3:]))
    verify("was cut: line 5 was written and is gone")


def test_a_line_is_changed(file):
    file.write_text(file.read_text().replace('"position":4', '"position":6'))
    verify("line 3 does not follow the one before it")


def test_all_lines_are_made_anew(file):
    lines = file.read_text().splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | {"head": "0" * 64})
    file.write_text(chained(lines))
    verify("was (cut|rewritten): line 5")


@pytest.mark.parametrize("left", [0, 3])
def test_the_newest_lines_are_cut_off(file, left):
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:left]))
    verify("was cut: line 5 was written and is gone")


def test_the_first_lines_are_cut_off(file):
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[2:]))
    kept = HeadPlace.objects.get()
    kept.offset = file.stat().st_size  # they know the database too
    kept.save()
    verify("was cut: line 1 should be where line 3 is")


def test_the_file_is_removed(file):
    file.unlink()
    verify("is gone; 5 lines were written")


def test_more_heads_do_not_cover_it_up(file):
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:3]))
    for _ in range(4):
        write_head()
    assert Raised.objects.filter(labels__alertname="AuditChainBroken", ended_at=None).exists()
    verify("was (cut|rewritten): line 5")


def test_a_writer_that_was_stopped_in_a_line(file):
    with file.open("ab") as half:
        half.write(b'{"at":"2026-')
    assert len(list(heads.read(file))) == 5
    write_head()
    assert [head.line for head in heads.read(file)] == [1, 2, 3, 4, 5, 6]
    call_command("verify_audit")


def test_a_writer_that_was_stopped_twice(file):
    for _ in range(2):
        with file.open("ab") as half:
            half.write(b'{"at":"2026-\n{"at"')
        write_head()
    assert [head.line for head in heads.read(file)] == [1, 2, 3, 4, 5, 6, 7]
    call_command("verify_audit")


def test_a_line_is_made_unreadable(file):
    file.write_text(file.read_text().replace('"position":4', '"position":x'))
    verify("Line 2 of .* is damaged", code=4)


def test_a_writer_that_was_stopped_before_it_told_the_database(file):
    before = HeadPlace.objects.get()
    write_head()
    HeadPlace.objects.update(line=before.line, line_hash=before.line_hash, offset=before.offset)
    write_head()
    assert [head.line for head in heads.read(file)] == list(range(1, 8))
    call_command("verify_audit")


WRITER = """
import sys
from pathlib import Path
from monitoring.audit_chain import heads
for _ in range(200):
    head = heads.Head("2026-01-01T00:00:00+00:00", 0, heads.NOTHING)
    path = Path(sys.argv[1])
    with heads.held(path) as descriptor:
        if descriptor is not None:
            heads.append(descriptor, path, head, heads.START)
"""


def test_two_writers_at_once_make_one_chain(tmp_path):
    path = tmp_path / "heads.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path]) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    found = [head.line for head in heads.read(path)]
    assert found == list(range(1, len(found) + 1))
    assert found


def test_a_long_line_before(tmp_path):
    path = tmp_path / "heads.jsonl"
    waiting = dict.fromkeys(range(1000), "0" * 64)
    head = heads.Head("2026-01-01T00:00:00+00:00", 0, heads.NOTHING, unsealed=waiting)
    for _ in range(2):
        with heads.held(path) as descriptor:
            place = heads.append(descriptor, path, head, heads.START)
    assert (place.line, heads.why_changed(path, place)) == (2, "")
    assert heads.head_at(path, place).unsealed == waiting


def test_a_folder_that_can_not_be_written(settings, tmp_path, act):
    act()
    (tmp_path / "kept").write_text("in the way")
    settings.AUDIT_HEADS = tmp_path / "kept" / "heads.jsonl"
    with pytest.raises(OSError):
        write_head()
    assert HeadPlace.objects.get().trouble


def test_an_unreadable_copy(tmp_path, act):
    act()
    with pytest.raises(CommandError, match="can't be read") as refused:
        call_command("verify_audit", heads=tmp_path / "none.jsonl")
    assert refused.value.returncode == 4


def test_after_a_restore_of_an_older_backup(file, attack, capsys):
    """The database as it was at the second head; the file knows more, and is set aside."""
    backup = [head.position for head in heads.read(file)][1]
    newer = f"SELECT entry_id FROM audit_seal WHERE position > {backup}"
    attack(
        f"DELETE FROM audit_entry WHERE id IN ({newer})",
        f"DELETE FROM audit_seal WHERE position > {backup}",
    )
    verify(r"on .* position 6, and now it ends at 4\. The database was restored", code=3)
    call_command("set_heads_aside", "restored the backup of today")
    entry = Entry.objects.get(action="audit.heads_set_aside")
    assert entry.data["reason"] == "restored the backup of today"
    assert (file.parent / entry.data["file"]).read_text().count("\n") == 5
    call_command("verify_audit")
    assert "No head was written down since" in capsys.readouterr().out
    write_head()
    (head,) = heads.read(file)
    assert head.line == 6  # numbers and hashes go on
    assert head.previous == hash_of_the_last_line(file.parent / entry.data["file"])
    call_command("verify_audit")


def test_setting_aside_needs_a_reason(file):
    with pytest.raises(CommandError, match="Say why"):
        call_command("set_heads_aside", " ")
    assert file.exists()


def names_of(file):
    return sorted(path.name for path in file.parent.iterdir())


def test_without_its_entry_nothing_is_set_aside(file, monkeypatch):
    def refuse(*args, **kwargs):
        raise DatabaseError("no")

    monkeypatch.setattr(trail, "record", refuse)
    with pytest.raises(DatabaseError):
        call_command("set_heads_aside", "restored")
    monkeypatch.undo()
    assert names_of(file) == ["heads.jsonl"]
    write_head()
    assert not Raised.objects.exists()
    call_command("verify_audit")


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_fails_brings_the_file_back(file, attack):
    """The database refuses at the very end, when the file has its new name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;"
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON audit_entry DEFERRABLE INITIALLY"
            " DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    try:
        with pytest.raises(DatabaseError, match="refused"):
            call_command("set_heads_aside", "restored")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")
    assert names_of(file) == ["heads.jsonl"]
    assert not Entry.objects.filter(action="audit.heads_set_aside").exists()
    call_command("verify_audit")


def test_a_rename_that_fails_leaves_no_entry(file, monkeypatch):
    def refuse(self, target):
        raise PermissionError(f"{self} to {target}")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        call_command("set_heads_aside", "restored")
    assert not Entry.objects.filter(action="audit.heads_set_aside").exists()
    call_command("verify_audit")


def test_nobody_writes_while_it_is_set_aside(file, monkeypatch):
    record, seen = trail.record, []

    def record_(*args, **kwargs):
        seen.append(write_head() or len(list(heads.read(file))))
        return record(*args, **kwargs)

    monkeypatch.setattr(trail, "record", record_)
    call_command("set_heads_aside", "restored")
    assert seen == [5]
    assert not Raised.objects.exists()


def test_a_writer_that_had_opened_the_file_before_it_was_set_aside(tmp_path):
    """What it holds is not the file of that name any more: it writes nothing."""
    path = tmp_path / "heads.jsonl"
    path.touch()
    with path.open("rb+") as opened:
        path.rename(tmp_path / "aside.jsonl")
        assert not heads._locked(opened.fileno(), path)
        path.touch()
        assert not heads._locked(opened.fileno(), path)
    with heads.held(path) as descriptor:
        assert descriptor is not None


def test_a_writer_that_was_stopped_before_it_told_the_database_and_then_set_aside(file):
    """The new file goes on after the line that only the file knows."""
    before = HeadPlace.objects.get()
    write_head()
    HeadPlace.objects.update(line=before.line, line_hash=before.line_hash, offset=before.offset)
    call_command("set_heads_aside", "restored")
    write_head()
    (head,) = heads.read(file)
    aside = file.parent / Entry.objects.get(action="audit.heads_set_aside").data["file"]
    assert (head.line, head.previous) == (7, hash_of_the_last_line(aside))
    call_command("verify_audit")


def test_no_head_for_long_after_it_was_set_aside(file):
    call_command("set_heads_aside", "restored")
    with time_machine.travel(timezone.now() + policy.AUDIT_HEAD_OLD * 1.1):
        verify("There is no head in .* entry")
