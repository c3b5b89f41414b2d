"""./dev up: first set-up, servers, migrations, then everything else."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import xmlrpc.client
from pathlib import Path

import psycopg

from growmies_admin.stack import (
    orphans,
    packages,
    probes,
    rendering,
    roles,
    servers,
    status,
    stopping,
    supervising,
)
from growmies_admin.stack.layout import REPOSITORY, SUPERUSER, Layout, Trouble
from growmies_admin.stack.processes import Process, all_of

SERVERS_WITHIN_SECONDS = 60
HEALTHY_WITHIN_SECONDS = 90
CLOSED_CONNECTION_SECONDS = 65  # TIME-WAIT of a connection whose own port was one of ours


class Progress:
    """Numbered steps with the seconds that each took."""

    def __init__(self) -> None:
        self._began = self._step_began = time.monotonic()
        self._number = 0

    def step(self, what: str) -> None:
        self._step_began = time.monotonic()
        self._number += 1
        print(f"{self._number}. {what} … ", end="", flush=True)

    def done(self, note: str = "done") -> None:
        print(f"{note} ({time.monotonic() - self._step_began:.1f} s)", flush=True)

    def total(self) -> float:
        return time.monotonic() - self._began


def up(layout: Layout, *, detach: bool) -> int:
    """Start the stack and wait until all of it is healthy. Raises Trouble.

    Detached, it returns then; otherwise it stays until Ctrl-C and stops the stack.
    """
    layout.make()
    lock = supervising.take_lock(layout)
    progress = Progress()
    if orphans.of(layout):
        progress.step("Ending what a killed stack left behind")
        progress.done(f"{orphans.end(layout)} processes")
    _install_servers(layout, progress)
    processes = [p for p in all_of(layout) if isinstance(p, Process)]
    _check_ports(layout, processes)
    progress.step("Preparing PostgreSQL, Valkey and the configurations")
    prepare_servers(layout)
    progress.done()
    supervising.start(layout, lock)
    # supervisor keeps the lock from here on: it is free when the stack has ended, whoever ends it.
    os.close(lock)
    try:
        _start_all(layout, processes, progress)
    except BaseException:
        print(flush=True)
        stopping.stop(layout)
        raise
    _welcome(layout, progress)
    return 0 if detach else _stay(layout)


def _start_all(layout: Layout, processes: list[Process], progress: Progress) -> None:
    environment = layout.environment()
    servers_ = [p for p in processes if p.stage == 1]
    progress.step(f"Starting {', '.join(p.name for p in servers_)}")
    _start(layout, servers_)
    if layout.embeds("DATABASE_URL"):
        create_database(layout)
    for name in ("postgres", "valkey"):
        _await(layout, name, environment, SERVERS_WITHIN_SECONDS)
    progress.done()
    progress.step("Migrating the database and collecting static files")
    prepare_site(layout)
    progress.done()
    rest = [p for p in processes if p.stage == 2]
    progress.step(f"Starting {', '.join(p.name for p in rest)}")
    _start(layout, rest)
    for process in processes:
        if process.required:
            _await(layout, process.name, environment, HEALTHY_WITHIN_SECONDS)
    progress.done()


def _install_servers(layout: Layout, progress: Progress) -> None:
    if not layout.embeds("PROMETHEUS_URL") and not layout.embeds("ALERTMANAGER_URL"):
        return
    wanted = packages.missing(packages.SERVERS)
    if not wanted:
        return
    progress.step(f"Installing {', '.join(wanted)} (without starting their services)")
    why_not = packages.install(wanted)
    progress.done("done" if not why_not else f"not done: {why_not}. Going on without")


def _check_ports(layout: Layout, processes: list[Process]) -> None:
    for process in processes:
        if process.name == "beat":
            continue
        port = layout.port(process.name)
        deadline = time.monotonic() + CLOSED_CONNECTION_SECONDS
        while not probes.port_is_free(port) and not probes.port_is_listened_on(port):
            if time.monotonic() > deadline:
                break
            time.sleep(0.5)
        if not probes.port_is_free(port):
            raise Trouble(
                f"Port {port} ({process.name}) is taken by another program. Nothing was started. "
                "Stop that program, or set GROWMIES_PORT_BASE to move every port."
            )


def prepare_servers(layout: Layout) -> None:
    """Make the data folders and configurations of the servers that are ours to run."""
    if layout.embeds("DATABASE_URL"):
        servers.make_postgres(layout.data_dir / "postgres", layout.secret("POSTGRES_PASSWORD"))
    if layout.embeds("REDIS_URL"):
        servers.make_valkey(layout)
    rendering.write(layout, layout.environment(), layout.data_dir)
    run = layout.data_dir / "run"
    _private(run / "postgres-password", layout.role_password("reader"))
    address = f"redis://127.0.0.1:{layout.port('valkey')}"
    of_exporter = layout.secret("VALKEY_EXPORTER_PASSWORD")
    _private(run / "valkey-password.json", json.dumps({address: of_exporter}))
    # The worker's multiprocess files belong to one start of the group.
    shutil.rmtree(run / "worker-metrics", ignore_errors=True)
    (run / "worker-metrics").mkdir()


def _private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(content)


def create_database(layout: Layout) -> None:
    """Wait until our PostgreSQL answers; make the site's database in it, and all roles.

    Raises Trouble.
    """
    deadline = time.monotonic() + SERVERS_WITHIN_SECONDS
    while True:
        try:
            with psycopg.connect(
                host="127.0.0.1",
                port=layout.port("postgres"),
                user=SUPERUSER,
                password=layout.secret("POSTGRES_PASSWORD"),
                dbname="postgres",
                autocommit=True,
            ) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'growmies'")
                if found.fetchone() is None:
                    connection.execute("CREATE DATABASE growmies")
                connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
                break
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                last = _last_line(layout, "postgres")
                raise Trouble(f"PostgreSQL did not start: {last}") from None
            time.sleep(0.05)
    roles.make(layout)


def prepare_site(layout: Layout) -> None:
    """One Django process migrates, collects static files and makes the practice accounts.

    The database must answer. Raises Trouble.
    """
    done = subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        env=layout.environment_of_owner() | {"GROWMIES_PROCESS": "prepare"},
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    _private(layout.log("prepare"), done.stdout + done.stderr)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Trouble(
            f"Preparing the site failed: {' '.join(last)} (all of it: {layout.log('prepare')})"
        )


def _start(layout: Layout, processes: list[Process]) -> None:
    supervisor = supervising.rpc(layout)
    for process in processes:
        try:
            supervisor.startProcess(process.name, False)
        except xmlrpc.client.Fault as fault:
            raise Trouble(f"{process.name} can't be started: {fault.faultString}") from fault


def _await(layout: Layout, name: str, environment: dict[str, str], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while why := probes.probe(layout, name, environment):
        state = supervising.states(layout).get(name, {}).get("statename", "")
        if state in {"FATAL", "EXITED"}:
            raise Trouble(f"{name} stopped: {_last_line(layout, name)}")
        if time.monotonic() > deadline:
            raise Trouble(f"{name} is not healthy after {seconds:.0f} s: {why}. ./dev logs {name}")
        time.sleep(0.1)


def _last_line(layout: Layout, name: str) -> str:
    try:
        lines = layout.log(name).read_text(errors="replace").strip().splitlines()
    except OSError:
        return "no output"
    return lines[-1][:400] if lines else "no output"


def _welcome(layout: Layout, progress: Progress) -> None:
    environment = layout.environment()
    print(f"\nGrowmies Admin runs: {environment['PUBLIC_URL']}  ({progress.total():.0f} s)")
    if layout.is_practice:
        practice = f"http://localhost:{layout.port('practice')}/practice/"
        print(f"Practice guild, in place of Discord: {practice}\n")
        print("Sign in with:")
        for account in status.accounts(layout):
            print(f"  {account['username']:<14} {account['password']:<22} {account['role']}")
    else:
        print("The first administrator: ./dev manage create_administrator NAME")
    print("\n./dev status shows what runs, ./dev down stops it.", flush=True)


def _stay(layout: Layout) -> int:
    """Until the stack ends, or Ctrl-C or SIGTERM asks us to end it."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    print("Ctrl-C stops everything.", flush=True)
    while supervising.is_running(layout):
        if asked.wait(0.5):
            print("\nStopping …", flush=True)
            return stopping.down(layout)
    return 0
