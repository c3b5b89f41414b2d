"""One moderator of the claim-and-decide benchmark, in a process of its own.

Through our acts (`ours`), or by sending the statements of one such review, captured before,
over bare psycopg (`bare FILE`). Says "ready", then for each line on standard input (how many
reviews at most) answers with a line of JSON: reviews done, seconds of processor time.
"""

import json
import re
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

# Ids of the captured review: no other number or text of a statement looks like them.
IDS = {
    "request": "777000001",
    "member": "1187342007777777771",
    "claim": "888000001",
    "decision": "999000001",
    "picture": "7a7a7a7a-7a7a-4a7a-8a7a-7a7a7a7a7a7a",
    "key": "6c6c6c6c-6c6c-4c6c-8c6c-6c6c6c6c6c6c",
    "subject": "5b5b5b5b-5b5b-4b5b-8b5b-5b5b5b5b5b5b",
}
FIRST_REQUEST, FIRST_MEMBER = int(IDS["request"]), int(IDS["member"])


def review(moderator: Any, key: uuid.UUID | None = None) -> bool:
    """Claim the next request, look at its picture, approve it. False when none waits."""
    from compliance.verification import claims, decisions, evidence

    claim = claims.claim_next(moderator)
    if claim is None:
        return False
    evidence.reveal(claim.request_id, 1, moderator)
    decisions.approve(
        claim.request_id, moderator=moderator, version=2, idempotency_key=key or uuid.uuid4()
    )
    return True


def without_pictures() -> None:
    """There are no files: what is measured is the database, not decryption and drawing."""
    from compliance.verification import evidence

    evidence._open = lambda picture: b""
    evidence.watermark.mark = lambda content, *of: content


def ours(username: str) -> tuple[Callable[[], bool], int]:
    import django

    django.setup()
    from django.db import connection

    from growmies_admin.accounts.models import Staff

    without_pictures()
    moderator = Staff.objects.get(username=username)
    moderator.role_set()
    # One connection for the whole run, as a server's thread has it from the pool.
    return lambda: review(moderator), connection.connection.info.backend_pid


# What the answer to a statement tells the statements after it: (pattern, name).
_TELLS = (
    (re.compile(r'^SELECT.*"verification_verificationrequest".*FOR UPDATE', re.S), "request"),
    (re.compile(r'^INSERT INTO "verification_claim"'), "claim"),
    (re.compile(r'^INSERT INTO "verification_decision"'), "decision"),
    (re.compile(r'^SELECT.*FROM "members_subject"', re.S), "subject"),
    (re.compile(r'^SELECT.*FROM "verification_evidence"', re.S), "picture"),
)
_ID = re.compile("|".join(IDS.values()))
_NAMES = {text: name for name, text in IDS.items()}


def bare(url: str, file: Path) -> tuple[Callable[[], bool], int]:
    connection = psycopg.connect(url, autocommit=True)
    cursor = connection.cursor()
    cursor.execute("SET TIME ZONE 'America/New_York'")
    statements = []
    for sql in json.loads(file.read_text()):
        parts = [_NAMES.get(part, part) for part in re.split(f"({_ID.pattern})", sql)]
        tells = next((name for pattern, name in _TELLS if pattern.search(sql)), None)
        statements.append((parts, tells))

    def replay() -> bool:
        known = {"key": str(uuid.uuid4())}
        for parts, tells in statements:
            cursor.execute("".join(known.get(part, part) for part in parts))
            rows = cursor.fetchall() if cursor.description else []
            if tells:
                if not rows:
                    cursor.execute("ROLLBACK")
                    return False
                known[tells] = str(rows[0][0])
                if tells == "request":
                    number = int(known["request"]) - FIRST_REQUEST
                    known["member"] = str(FIRST_MEMBER + number)
        return True

    return replay, connection.info.backend_pid


def main() -> None:
    kind, *rest = sys.argv[1:]
    act, backend = ours(*rest) if kind == "ours" else bare(rest[0], Path(rest[1]))
    print("ready", flush=True)
    for line in sys.stdin:
        began, done = _cpu(backend), 0
        for _ in range(int(line)):
            if not act():
                break
            done += 1
        print(json.dumps({"done": done, "cpu": _cpu(backend) - began}), flush=True)


def _cpu(backend: int) -> float:
    on_cpu_ns = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.process_time() + on_cpu_ns / 1e9


if __name__ == "__main__":
    main()
