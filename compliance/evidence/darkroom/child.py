"""The child process: takes its own rights away, does one job, answers, ends.

Standard input holds a line of JSON from asking.py and then the picture; standard output gets a
line of JSON and then a picture. Until its rights are gone it reads nothing that came from outside.
"""

import ctypes
import json
import resource
import signal
import sys
from importlib import import_module
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38


def main() -> None:
    job = json.loads(sys.stdin.buffer.readline())
    # Only what the act needs: a mark goes through no HEIC decoder.
    act = import_module(f"compliance.evidence.darkroom.{job['act']}").act
    _confine(**job["limits"])
    picture = sys.stdin.buffer.read()
    if picture[4:8] != b"ftyp":  # HEIC: its decoder fails without a thread of its own
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    facts, content = _done(act, picture, job["values"])
    sys.stdout.buffer.write(json.dumps(facts | {"bytes": len(content)}).encode() + b"\n")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _confine(*, memory_bytes: int, cpu_seconds: int) -> None:
    """No new file or socket, no core, no more rights; bounded memory and time."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_NOFILE, 0),  # what is open stays: the job and the answer
    ):
        resource.setrlimit(limit, (value, value))


def _done(act: Any, picture: bytes, values: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        facts, content = act(picture, **values)
    except MemoryError:
        return {"refused": "picture_heavy"}, b""
    return facts, content


if __name__ == "__main__":
    main()
