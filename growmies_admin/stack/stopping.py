"""./dev down: what serves people first, then the servers, then supervisor itself."""

import contextlib
import http.client
import time
import xmlrpc.client

from growmies_admin.stack import orphans, supervising
from growmies_admin.stack.layout import Layout, Trouble
from growmies_admin.stack.processes import Process, all_of

# PostgreSQL last: whatever the others still write down, they can.
_LAST = {"postgres", "valkey", "practice"}


def down(layout: Layout) -> int:
    """Stop the stack cleanly; leaves no process behind. Raises Trouble when none runs."""
    if not supervising.is_running(layout):
        left = orphans.end(layout) if layout.data_dir.exists() else 0
        if left:
            print(f"No stack ran; ended {left} processes that a killed one had left.")
            return 0
        raise Trouble(f"Nothing runs in {layout.data_dir}.")
    began = time.monotonic()
    stop(layout)
    print(f"Stopped in {time.monotonic() - began:.1f} s.")
    return 0


def stop(layout: Layout) -> None:
    """Stop all processes in order and then supervisor."""
    with contextlib.suppress(Trouble):
        supervisor = supervising.rpc(layout)
        names = [p.name for p in all_of(layout) if isinstance(p, Process)]
        for group in (
            [name for name in names if name not in _LAST],
            [name for name in names if name in _LAST],
        ):
            for name in group:
                with contextlib.suppress(xmlrpc.client.Fault):
                    supervisor.stopProcess(name, False)
            _await_stopped(layout, set(group))
        with contextlib.suppress(xmlrpc.client.Error, OSError, http.client.HTTPException):
            supervisor.shutdown()
    deadline = time.monotonic() + 10
    while supervising.is_running(layout) and time.monotonic() < deadline:
        time.sleep(0.05)
    orphans.end(layout, within_seconds=3)


def _await_stopped(layout: Layout, names: set[str], within_seconds: float = 20) -> None:
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        states = supervising.states(layout)
        if not any(
            info["statename"] in supervising.RUNNING
            for name, info in states.items()
            if name in names
        ):
            return
        time.sleep(0.05)
