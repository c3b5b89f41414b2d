"""A running site signs in to PostgreSQL as a role that can do its work, and no more."""

import json
from collections.abc import Iterator

import psycopg
import psycopg.errors
import pytest

from growmies_admin.stack import starting
from growmies_admin.stack.layout import Trouble
from tests.running import Stack, eventually, processes_of


@pytest.fixture
def site(stack: Stack) -> Iterator[psycopg.Connection]:
    with psycopg.connect(stack.layout.environment()["DATABASE_URL"]) as connected:
        yield connected
        connected.rollback()


def superuser(stack: Stack) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1",
        port=stack.layout.port("postgres"),
        user="growmies",
        password=stack.layout.secret("POSTGRES_PASSWORD"),
        dbname="growmies",
        autocommit=True,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "UPDATE audit_entry SET action = 'x'",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_entry CASCADE",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SELECT pg_read_file('PG_VERSION')",
        "CREATE TABLE mine (id int)",
        "CREATE ROLE mine",
        "SELECT rolpassword FROM pg_authid",
    ],
)
def test_refused(site: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        site.execute(statement)


def test_no_process_knows_a_greater_role(stack: Stack) -> None:
    greater = [stack.layout.secret(f"POSTGRES_{of}PASSWORD") for of in ("", "OWNER_")]
    # What somebody runs by hand (`./dev manage …`) may know them; a test may just have done so.
    looked_at = [one for one in processes_of(stack) if "shell" not in one.cmdline()]
    assert len(looked_at) >= 10
    for process in looked_at:
        known = "\n".join(process.environ().values()) + "\n".join(process.cmdline())
        assert not any(password in known for password in greater), process.cmdline()


def test_every_role_is_as_it_should_be(stack: Stack) -> None:
    done = stack.dev("manage", "check_database")
    assert done.returncode == 0, done.stdout + done.stderr
    checks = stack.python(
        "import json; from monitoring.database import checks; print(json.dumps("
        "checks.database_roles()))"
    )
    assert checks == {"checked": True}


def test_numbers_without_an_entry_are_seen(stack: Stack, site: psycopg.Connection) -> None:
    """An act that is rolled back leaves one, as an entry does that was removed within a minute."""
    assert stack.dev("manage", "run_job", "audit_head").returncode == 0
    *_, newest = (stack.data_dir / "audit-heads.jsonl").read_text().splitlines()
    assert json.loads(newest)["last"] > 0

    def the_newest_is_told() -> bool:
        site.execute(
            "INSERT INTO audit_entry (category, severity, action, actor_type)"
            " VALUES ('technical', 'info', 'job.failed', 'system')"
        )
        site.rollback()
        done = stack.dev("manage", "verify_audit")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "heads that were written down stand where they stood." in done.stdout
        return "numbers have no entry: their acts are not over" in done.stdout

    # A job that runs meanwhile gives the next number.
    eventually(the_newest_is_told, within_seconds=60)


def test_a_greater_site_role_refuses_the_start(stack: Stack) -> None:
    with superuser(stack) as boss:
        boss.execute("GRANT pg_read_server_files TO growmies_site")
        try:
            with pytest.raises(Trouble, match="growmies_site is a member of pg_read_server_files"):
                starting.prepare_site(stack.layout)
            done = stack.dev("manage", "check_database")
            assert done.returncode == 1
            assert "growmies_site is a member of pg_read_server_files." in done.stdout.splitlines()
        finally:
            boss.execute("REVOKE pg_read_server_files FROM growmies_site")
    starting.prepare_site(stack.layout)


def test_every_job_works_with_it(stack: Stack) -> None:
    for job in ("daily_cleanup", "audit_head", "kpi_snapshots", "alert_retention"):
        done = stack.dev("manage", "run_job", job)
        assert done.returncode == 0, done.stdout + done.stderr
    findings = stack.python(
        "import json; from monitoring.maintenance.models import JobRun; print(json.dumps("
        "[f for run in JobRun.objects.all() for f in run.findings if f['tone'] != 'ok']))"
    )
    assert findings == []
    for process in ("prepare", "web", "worker", "beat", "bot"):
        text = stack.layout.log(process).read_text(errors="replace")
        assert "permission denied" not in text and "InsufficientPrivilege" not in text, process
