"""Processes that a killed supervisor left behind: found by the stack that they belong to."""

import signal

import psutil

from growmies_admin.stack.layout import Layout


def of(layout: Layout) -> list[psutil.Process]:
    """Every process started for this data folder, but ourselves and who started us."""
    me = psutil.Process()
    ours = {me.pid, *(parent.pid for parent in me.parents())}
    found = []
    for process in psutil.process_iter():
        if process.pid in ours:
            continue
        try:
            if process.environ().get("GROWMIES_STACK") == str(layout.data_dir):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end(layout: Layout, within_seconds: float = 12) -> int:
    """Stop what is left, PostgreSQL by its fast shutdown; returns how many there were."""
    left = of(layout)
    for process in left:
        try:
            is_postgres = process.name() == "postgres"
            process.send_signal(signal.SIGINT if is_postgres else signal.SIGTERM)
        except (psutil.Error, OSError):
            continue
    _, alive = psutil.wait_procs(left, timeout=within_seconds)
    for process in alive:
        try:
            process.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(alive, timeout=3)
    return len(left)
