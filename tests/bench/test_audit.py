"""`verify_audit` of a million entries, and how that compares with reading and hashing them."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from monitoring.audit.models import Seal
from monitoring.audit_chain import chain, heading, walking
from tests.bench.conftest import SMALL, sized

ENTRIES, BY_THE_SEALER = sized(1_000_000, 3_000), sized(20_000, 1_000)
GOAL_SECONDS, CORES = 60, 2


def write_entries() -> None:
    """Like those of a review desk: claims, looks and decisions, with subject, target and data."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (at, category, action, actor_type, subject_id, target_type,"
            " target_id, data, request_id) SELECT now() - (%s - g) * interval '3 seconds',"
            " 'compliance', CASE g %% 3 WHEN 0 THEN 'verification.approved' WHEN 1 THEN"
            " 'verification.claimed' ELSE 'verification.revealed' END, 'bot', gen_random_uuid(),"
            " 'verification.verificationrequest', (g / 3)::text, jsonb_build_object('decision', g,"
            " 'result', 'approved', 'reason', '', 'threshold', 21, 'method', 'id_document'),"
            " gen_random_uuid()::text FROM generate_series(1, %s) g",
            [ENTRIES, ENTRIES],
        )


def seal() -> float:
    """The first ones by the sealer, whose entries a second are returned; the rest in bulk.

    That both make one chain is what verification then proves.
    """
    began, sealed = time.perf_counter(), 0
    while sealed < BY_THE_SEALER:
        sealed += chain.seal_batch()
    rate = sealed / (time.perf_counter() - began)
    last = Seal.objects.latest("position")
    position, head = last.position, bytes(last.hash)
    columns = walking.SQL.partition("s.hash, ")[2].partition(" FROM")[0]
    params = chain.connection_params()
    with (
        psycopg.connect(**params) as reading,
        psycopg.connect(**params) as writing,
        reading.cursor(name="entries") as entries,
        writing.cursor() as writer,
    ):
        entries.execute(
            f"SELECT {columns} FROM audit_entry e WHERE id > %s ORDER BY id", [last.entry_id]
        )
        with writer.copy("COPY audit_seal (position, entry_id, hash) FROM STDIN") as seals:
            while rows := entries.fetchmany(5_000):
                for row in rows:
                    position, head = position + 1, walking.link(head, walking.in_canon(row))
                    seals.write_row((position, row[0], head))
        writer.execute("TRUNCATE audit_unsealed")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE audit_entry, audit_seal")
    return rate


@pytest.fixture
def million(transactional_db: None, settings: Any, tmp_path: Path) -> float:
    """Entries, their seals, and the head of the chain written down: what the daily job finds."""
    settings.AUDIT_HEADS = tmp_path / "heads.jsonl"
    write_entries()
    rate = seal()
    heading.write_down()
    return rate


def read_and_hash() -> int:
    """The least that any check must do: every byte of the entries, in order, into SHA-256."""
    digest, size = hashlib.sha256(), 0
    columns = walking.SQL.partition("s.hash, ")[2].partition(" FROM")[0]
    with (
        psycopg.connect(**chain.connection_params()) as reading,
        reading.cursor() as cursor,
        cursor.copy(
            f"COPY (SELECT s.hash, {columns} FROM audit_seal s JOIN audit_entry e"
            " ON e.id = s.entry_id ORDER BY s.position) TO STDOUT"
        ) as rows,
    ):
        for row in rows:
            digest.update(row)
            size += len(row)
    return size


def cpu_seconds() -> float:
    """Of this process, its children, and PostgreSQL with its backends that have ended."""
    ours = psutil.Process().cpu_times()
    with connection.cursor() as cursor:
        server = psutil.Process(cursor.connection.info.backend_pid).parent()
    assert server is not None
    theirs = server.cpu_times()
    return sum(ours[:4]) + sum(theirs[:4])


def timed(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """(seconds by the clock, of processor time, the answer)."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    answer = act()
    took = time.perf_counter() - wall
    time.sleep(0.5)  # until the backends have ended and are counted
    return took, cpu_seconds() - cpu, answer


def test_a_million_entries(million: float, say: Callable[..., None], capsys: Any) -> None:
    bare_wall, bare_cpu, size = timed(read_and_hash)
    wall, cpu, _ = timed(lambda: call_command("verify_audit"))
    assert f"{ENTRIES} entries are as they were sealed, 0 not sealed" in capsys.readouterr().out
    say(
        "verify_audit of 1,000,000 entries, processor time over that of reading and SHA-256",
        cpu / bare_cpu,
        f"{GOAL_SECONDS} s at most on {CORES} cores",
        f"{wall:.1f} s by the clock, {cpu:.1f} s of processor time, so {cpu / CORES:.1f} s on "
        f"{CORES} idle cores; reading and SHA-256 of the same {size / 1e6:.0f} MB in one process "
        f"{bare_wall:.1f} s and {bare_cpu:.1f} s; the sealer seals {million:,.0f} entries a second",
    )
    assert SMALL or min(wall, cpu / CORES) < GOAL_SECONDS
    name_the_first_bad_one(say)


def name_the_first_bad_one(say: Callable[..., None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for position in (ENTRIES - 10, ENTRIES // 2):
            cursor.execute(
                "UPDATE audit_entry SET data = '{}' WHERE id ="
                " (SELECT entry_id FROM audit_seal WHERE position = %s)",
                [position],
            )
        cursor.execute("SET session_replication_role = DEFAULT")
    wall, _, report = timed(lambda: chain.verify(CORES))
    assert report.sealed == ENTRIES // 2 - 1
    say(
        "naming the first of two bad entries in a million, seconds",
        wall,
        f"{GOAL_SECONDS} at most",
        f"entry {report.first_bad_entry}: {report.why}",
    )
