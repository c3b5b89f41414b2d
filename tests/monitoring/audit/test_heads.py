"""The head of the chain, written down outside of the database, and checked against it."""

import json

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Raised
from monitoring.audit import trail
from monitoring.audit.models import HeadPlace
from monitoring.audit_chain import chain, heading, heads, standing
from monitoring.maintenance import running
from monitoring.maintenance.models import RunState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def file(heads_file):
    return heads_file


def seal(count=3):
    made = [trail.record(f"test.act{n}", actor_type="system") for n in range(count)]
    chain.seal_batch()
    return made


def run_job():
    return running.run_now("audit_head")


def rewrite(action):
    """All entries changed and sealed anew by somebody who may do everything."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE audit_entry SET action = %s", [action])
        cursor.execute("INSERT INTO audit_unsealed SELECT entry_id FROM audit_seal")
        cursor.execute("DELETE FROM audit_seal")
        cursor.execute("SET session_replication_role = DEFAULT")
    chain.seal_batch()
    assert chain.verify().first_bad_entry is None


def test_it_works(file, capsys):
    seal()
    assert run_job().state == RunState.SUCCEEDED
    (line,) = file.read_text().splitlines()
    facts = json.loads(line)
    assert (facts["position"], facts["head"]) == (3, chain.verify().head)
    assert file.stat().st_mode & 0o777 == 0o600


def test_each_day_adds_a_line(file):
    seal()
    run_job()
    seal()
    run_job()
    assert [head.line for head in heads.read(file)] == [1, 2]
    assert next(head.position for head in heads.read(file)) == 3


def test_a_rewritten_chain_is_noticed_by_the_job(file):
    seal()
    run_job()
    rewrite("test.other")
    run = run_job()
    assert run.state == RunState.FAILED
    assert "The trail was rewritten" in run.error
    assert len(list(heads.read(file))) == 1


def test_a_rewritten_chain_is_noticed_by_the_command(file):
    seal()
    run_job()
    rewrite("test.other")
    with pytest.raises(CommandError, match=r"The trail was rewritten: on .* position 3"):
        call_command("verify_audit")


def test_a_broken_chain_fails_the_job_and_writes_nothing(file):
    bad = seal()[1]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE audit_entry SET action = 'x' WHERE id = %s", [bad.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    run = run_job()
    assert (run.state, file.exists()) == (RunState.FAILED, False)
    assert f"broken at entry {bad.pk}" in run.error


def test_the_command_says_that_the_heads_stand(file, capsys):
    seal()
    run_job()
    call_command("verify_audit")
    assert "1 heads that were written down stand where they stood." in capsys.readouterr().out


def test_the_command_takes_another_copy(file, tmp_path, capsys):
    seal()
    run_job()
    copy = tmp_path / "copy.jsonl"
    copy.write_text(file.read_text().replace(chain.verify().head, "0" * 64))
    with pytest.raises(CommandError, match="The trail was rewritten"):
        call_command("verify_audit", heads=copy)


def test_without_a_file_it_says_so(capsys):
    seal()
    call_command("verify_audit")
    assert "No head was written down yet." in capsys.readouterr().out


@pytest.mark.parametrize("left", [None, ""])
def test_without_any_head_after_five_minutes_it_is_a_fault(file, left):
    """Somebody who has both removes the file, or empties it, and the row that tells of it."""
    seal()
    run_job()
    file.unlink() if left is None else file.write_text(left)
    HeadPlace.objects.all().delete()
    later = timezone.now() + policy.AUDIT_HEAD_OLD * 1.1
    with (
        time_machine.travel(later),
        pytest.raises(CommandError, match=r"There is no head in .* entry") as refused,
    ):
        call_command("verify_audit")
    assert refused.value.returncode == 1
    assert Raised.objects.filter(labels__alertname="AuditChainBroken", ended_at=None).exists()


def test_an_empty_copy_is_a_fault(file, tmp_path):
    seal()
    run_job()
    copy = tmp_path / "copy.jsonl"
    copy.write_text("")
    later = timezone.now() + policy.AUDIT_HEAD_OLD * 1.1
    with time_machine.travel(later), pytest.raises(CommandError, match=r"There is no head in"):
        call_command("verify_audit", heads=copy)


def test_an_empty_trail_needs_no_head(capsys):
    call_command("verify_audit")
    assert "No head was written down yet." in capsys.readouterr().out


def test_a_damaged_line_is_named(file):
    file.parent.mkdir()
    file.write_text("nonsense\n")
    with pytest.raises(CommandError, match=r"Line 1 of .* is damaged"):
        call_command("verify_audit")


def test_an_empty_trail_has_a_head(file):
    assert heading.write_down().position == 0
    assert standing.check(heads.read(file)).heads == 1


def test_daily_lines_of_an_earlier_version_count(file, capsys):
    seal()
    file.parent.mkdir()
    daily = {"at": "2026-01-01T00:00:00+00:00", "position": 3, "head": chain.verify().head}
    file.write_text(json.dumps(daily) + "\n" + json.dumps(daily) + "\n")
    heading.write_down()
    assert [head.line for head in heads.read(file)] == [0, 0, 3]
    call_command("verify_audit")
    assert "3 heads that were written down stand" in capsys.readouterr().out


def test_a_daily_line_that_was_rewritten(file):
    seal()
    file.parent.mkdir()
    daily = {"at": "2026-01-01T00:00:00+00:00", "position": 3, "head": "0" * 64}
    file.write_text(json.dumps(daily) + "\n")
    with pytest.raises(CommandError, match="The trail was rewritten"):
        call_command("verify_audit")
