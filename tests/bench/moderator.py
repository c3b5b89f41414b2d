"""One moderator of the claim-and-decide benchmark, in a process of its own.

Through our acts (`ours`), or by sending the statements of one such review, captured before,
over bare psycopg (`bare`).
"""

import gc
import re
import time
import uuid
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg

# Ids of the captured review: no other number or text of a statement looks like them.
IDS = {
    "request": "777000001",
    "member": "1187342007777777771",
    "item": "666000001",
    "claim": "888000001",
    "decision": "999000001",
    "picture": "7a7a7a7a-7a7a-4a7a-8a7a-7a7a7a7a7a7a",
    "key": "6c6c6c6c-6c6c-4c6c-8c6c-6c6c6c6c6c6c",
    "subject": "5b5b5b5b-5b5b-4b5b-8b5b-5b5b5b5b5b5b",
}
FIRST_REQUEST, FIRST_MEMBER, FIRST_ITEM = (int(IDS[name]) for name in ("request", "member", "item"))


def review(moderator: Any, key: uuid.UUID | None = None) -> bool:
    """Claim the next request, look at its picture, approve it. False when none waits."""
    from compliance.evidence import custody
    from compliance.verification import claims, decisions

    claim = claims.claim_next(moderator)
    if claim is None:
        return False
    custody.reveal(claim.item.subject, 1, moderator)
    decisions.approve(
        claim.item.subject, moderator=moderator, version=2, idempotency_key=key or uuid.uuid4()
    )
    return True


def ours(username: str) -> tuple[Callable[[], bool], int]:
    from django.db import connection

    from growmies_admin.accounts.models import Staff
    from growmies_admin.celery import own_connections

    own_connections()  # a thread of the parent may have opened a pool again before the fork
    # All moderators start at once: the first connection may take longer than a page would wait.
    connection.settings_dict["OPTIONS"]["pool"]["timeout"] = 60
    moderator = Staff.objects.get(username=username)
    moderator.role_set()
    # One connection for the whole run, as a server's thread has it from the pool.
    return lambda: review(moderator), connection.connection.info.backend_pid


# What the answer to a statement tells the statements after it: (pattern, name).
_TELLS = (
    (
        re.compile(r'^SELECT.*"desk_workitem".*FOR NO KEY UPDATE', re.S),
        "request",
    ),
    (re.compile(r"SELECT id FROM members_subject"), "subject"),
    (re.compile(r"\s*INSERT INTO desk_claim"), "claim"),
    (re.compile(r'\s*INSERT INTO "?verification_decision'), "decision"),
    (re.compile(r"\s*SELECT picture"), "picture"),
)
_ID = re.compile("|".join(IDS.values()))
_NAMES = {text: name for name, text in IDS.items()}


def bare(url: str, captured: list[str]) -> tuple[Callable[[], bool], int]:
    connection = psycopg.connect(url, autocommit=True)
    cursor = connection.cursor()
    cursor.execute("SET TIME ZONE 'America/New_York'")
    statements = []
    for sql in captured:
        parts = [_NAMES.get(part, part) for part in re.split(f"({_ID.pattern})", sql)]
        tells = next((name for pattern, name in _TELLS if pattern.match(sql)), None)
        statements.append((parts, tells))
    # It was claimed a moment ago: seen before the claim is written, or by writing nothing.
    claim = next(n for n, (_, tells) in enumerate(statements) if tells == "claim")

    def replay() -> bool:
        known = {"key": str(uuid.uuid4())}
        for number, (parts, tells) in enumerate(statements):
            cursor.execute("".join(known.get(part, part) for part in parts))
            rows = cursor.fetchall() if cursor.description else []
            held = number == claim - 1 and rows[0][0] is not None
            if held or (number == claim and not rows):
                raise psycopg.errors.UniqueViolation
            if tells:
                if not rows:
                    cursor.execute("ROLLBACK")
                    return False
                known[tells] = str(rows[0][0])
                if tells == "request":
                    which = int(known["request"]) - FIRST_REQUEST
                    known["member"] = str(FIRST_MEMBER + which)
                    known["item"] = str(FIRST_ITEM + which)
        return True

    def until_claimed() -> bool:
        while True:
            try:
                return replay()
            except psycopg.errors.UniqueViolation:  # claimed a moment ago: the next, as ours
                cursor.execute("ROLLBACK")

    return until_claimed, connection.info.backend_pid


def serve(pipe: Connection, make: Callable[..., tuple[Callable[[], bool], int]], *of: Any) -> None:
    """Says that it is ready; then, told how many reviews at most, answers (done, seconds of
    processor time), over and over."""
    gc.freeze()  # the test runner's objects are no part of a web process
    act, backend = make(*of)
    pipe.send("ready")
    while True:
        most, began, done = pipe.recv(), _cpu(backend), 0
        while done < most and act():
            done += 1
        pipe.send((done, _cpu(backend) - began))


def _cpu(backend: int) -> float:
    on_cpu_ns = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.process_time() + on_cpu_ns / 1e9
