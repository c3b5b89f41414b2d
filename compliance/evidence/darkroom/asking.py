"""Has a picture opened by a child process, and believes nothing of what comes back."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from compliance import policy

_COMMAND = (sys.executable, "-E", "-s", "-m", "compliance.evidence.darkroom.child")
# Nothing of ours is handed on. One arena: each further one takes 64 MB of addresses.
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What the child said: JSON facts, and the bytes of a picture where there is one."""

    facts: dict[str, Any]
    content: bytes


class NoAnswer(Exception):
    """The child was ended by a limit (memory, time, size of its answer), or it broke."""


def ask(act: str, picture: bytes, values: dict[str, Any], *, niceness: int = 0) -> Answer:
    """Run `act` (developing or marking) on the picture in a process that is gone afterwards.

    The picture goes there in shared memory and comes back through a pipe: no file is written.
    Raises NoAnswer, after policy.DARKROOM_LIFE at the latest.
    """
    limits = {
        "memory_bytes": policy.DARKROOM_MEMORY_BYTES,
        "cpu_seconds": int(policy.DARKROOM_CPU.total_seconds()),
    }
    head = json.dumps({"act": act, "limits": limits, "values": values}).encode()
    ends_at = time.monotonic() + policy.DARKROOM_LIFE.total_seconds()
    job = os.memfd_create("darkroom")
    try:
        for part in (head, b"\n", picture):
            _write(job, part)
        os.lseek(job, 0, os.SEEK_SET)
        child = subprocess.Popen(  # noqa: S603 - our own program, and no argument from outside
            _COMMAND,
            stdin=job,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd=settings.BASE_DIR,
            process_group=0,
        )
    finally:
        os.close(job)
    with child:
        try:
            assert child.stdout is not None
            os.setpriority(os.PRIO_PROCESS, child.pid, os.nice(0) + niceness)
            said = _read(child.stdout.fileno(), ends_at)
        finally:
            os.killpg(child.pid, signal.SIGKILL)  # not reaped yet: the number is still its own
    return _parsed(said)


def _write(job: int, part: bytes) -> None:
    rest = memoryview(part)
    while rest:
        rest = rest[os.write(job, rest) :]


def _read(pipe: int, ends_at: float) -> bytearray:
    """All that the child says, within its time and size."""
    said = bytearray()
    ready = select.poll()
    ready.register(pipe, select.POLLIN)
    while True:
        left = ends_at - time.monotonic()
        if left <= 0 or not ready.poll(left * 1000):
            raise NoAnswer("time")
        part = os.read(pipe, _CHUNK_BYTES)
        if not part:
            return said
        said += part
        if len(said) > policy.DARKROOM_ANSWER_BYTES:
            raise NoAnswer("size")


def _parsed(said: bytearray) -> Answer:
    head, _, content = said.partition(b"\n")
    try:
        facts = json.loads(head)
    except ValueError:
        raise NoAnswer("died") from None
    if not isinstance(facts, dict) or facts.get("bytes") != len(content):
        raise NoAnswer("died")
    return Answer(facts, bytes(content))
