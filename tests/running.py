"""A whole running stack for tests: `./dev up --detach` with ports and data of its own."""

import contextlib
import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from growmies_admin.stack import servers, starting, status, supervising
from growmies_admin.stack.layout import Layout

REPOSITORY = Path(__file__).resolve().parents[1]
# Addresses that the test runner made for unit tests; the stack brings its own.
OF_THE_RUNNER = {
    "DATABASE_URL",
    "DATABASE_ROLES",
    "REDIS_URL",
    "SECRET_KEY",
    "EVIDENCE_KEYS",
    "PROMETHEUS_URL",
    "ALERTMANAGER_URL",
    "PROMETHEUS_USER",
    "PROMETHEUS_PASSWORD",
    "ALERTMANAGER_USER",
    "ALERTMANAGER_PASSWORD",
    "EXPORTER_PASSWORD",
    "DISCORD_TOKEN",
    "DISCORD_API_URL",
    "PUBLIC_URL",
    "STATIC_ROOT",
    "GROWMIES_PRACTICE",
    "VERIFICATION_METHODS",
    "PROVIDER_URL",
    "PROVIDER_NAME",
    "PROVIDER_SECRET",
    "DISCORD_VERIFICATION_CHANNEL",
    "DJANGO_SETTINGS_MODULE",
}

_OF_THE_HOST = ("RESOURCE_CPU_PERCENT", "RESOURCE_MEMORY_PERCENT", "RESOURCE_DISK_PERCENT")

# Reads scripts, one JSON string a line, and answers {"printed"} or {"error"}.
_SHELL = """
import contextlib, io, json, sys, traceback
from django.db import connections
for line in sys.stdin:
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(json.loads(line), {})
        answer = {"printed": out.getvalue()}
    except Exception:
        answer = {"error": traceback.format_exc()}
    finally:
        connections.close_all()
    print(json.dumps(answer), flush=True)
"""

# One client: each makes a TLS context, which takes 20 ms. Connections don't outlive a question,
# for servers are killed between them.
HTTP = httpx.Client(timeout=15, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass
class Stack:
    """A running stack: addresses, the accounts of practice mode, the practice guild."""

    port_base: int
    data_dir: Path
    environment: dict[str, str]
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    _shell: subprocess.Popen[str] | None = None
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port_base}"

    @property
    def practice_url(self) -> str:
        return f"http://127.0.0.1:{self.port_base + 1}/practice"

    @property
    def prometheus_url(self) -> str:
        return f"http://127.0.0.1:{self.port_base + 4}"

    def password_of(self, server: str) -> tuple[str, str]:
        """User and password of PROMETHEUS or ALERTMANAGER."""
        found = self.layout.environment()
        return found[f"{server}_USER"], found[f"{server}_PASSWORD"]

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{3001 + self.port_base - 8000}"

    @property
    def layout(self) -> Layout:
        return Layout(self.data_dir, self.port_base, self.environment)

    def dev(self, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(REPOSITORY / "dev"), *arguments],
            env=self.environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def python(self, script: str) -> Any:
        """Run a script inside the site's own Django; what it prints is JSON.

        One process runs them all: starting Django takes seconds.
        """
        with self._one_at_a_time:
            if self._shell is None or self._shell.poll() is not None:
                self._shell = subprocess.Popen(
                    [str(REPOSITORY / "dev"), "manage", "shell", "-v", "0", "-c", _SHELL],
                    env=self.environment | {"LOG_LEVEL": "ERROR"},
                    cwd=REPOSITORY,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            assert self._shell.stdin is not None and self._shell.stdout is not None
            self._shell.stdin.write(json.dumps(script) + "\n")
            self._shell.stdin.flush()
            answer = json.loads(self._shell.stdout.readline())
        assert "error" not in answer, answer["error"]
        return json.loads(answer["printed"])

    def end_shell(self) -> None:
        if self._shell is not None:
            self._shell.kill()
            self._shell.wait()
            self._shell = None

    def practice(self, method: str, path: str, **body: Any) -> Any:
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = self._ask(method, path, body)
                break
            except httpx.TransportError:  # it was killed: it is back within seconds
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def verify(self, member: str, method: str = "id_document") -> dict[str, Any]:
        """The member types /verify and chooses a way; what the bot answers to that."""
        said = self.practice("POST", f"/members/{member}/commands", name="verify")["responses"][0]
        if f"verify:method:{method}" in json.dumps(said):
            chosen = self.press(member, f"verify:method:{method}")
            assert chosen["ephemeral"] is True
            return chosen
        return said

    def press(self, member: str, custom_id: str) -> dict[str, Any]:
        """The member presses a button that they see; what the bot answers."""
        path = f"/members/{member}/clicks"
        said: dict[str, Any] = self.practice("POST", path, custom_id=custom_id)["responses"][0]
        return said

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        return HTTP.request(method, f"{self.practice_url}{path}", json=body or None)

    def query(self, promql: str) -> float:
        """Value of an instant query; 0.0 when there is no such series yet."""
        answer = HTTP.get(
            f"{self.prometheus_url}/api/v1/query",
            params={"query": promql},
            auth=self.password_of("PROMETHEUS"),
        )
        result = answer.json()["data"]["result"]
        return float(result[0]["value"][1]) if result else 0.0

    def pid(self, name: str) -> int:
        pid: int = supervising.states(self.layout)[name]["pid"]
        return pid

    def stop(self, name: str) -> None:
        """Stop one process until start()."""
        supervising.rpc(self.layout).stopProcess(name)

    def start(self, name: str) -> None:
        supervising.rpc(self.layout).startProcess(name)

    def runs(self, name: str) -> bool:
        found: str = supervising.states(self.layout)[name]["statename"]
        return found in {"RUNNING", "STARTING"}

    def is_healthy(self) -> bool:
        """What `./dev status` says, without a process for each question."""
        found = status.collect(self.layout)["processes"].values()
        return all(entry["state"] == "healthy" for entry in found)

    def evidence_files(self) -> list[Path]:
        return [p for p in (self.data_dir / "evidence").rglob("*") if p.is_file()]


def free_port_base() -> int:
    """A base whose ten ports and bot port are all free; each process of xdist has its own range.

    In any order: another run of the tests on this machine may look at the same time.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 18000 + 2000 * worker
    for base in random.sample(range(first, first + 2000, 20), 100):
        ports = [*range(base, base + 10), 3001 + base - 8000]
        with contextlib.ExitStack() as held:
            try:
                for port in ports:
                    probe = held.enter_context(socket.socket())
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return base
    raise RuntimeError("no ten free ports in a row")


def _copy_first_set_up(data_dir: Path, environment: dict[str, str]) -> None:
    """A migrated database and collected files, made once for all stacks of a test run."""
    kept = Path(os.environ["GROWMIES_FIRST_SET_UP"])
    kept.mkdir(exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "whole").exists():
            shutil.rmtree(kept / "part", ignore_errors=True)
            _set_up(Layout(kept / "part", free_port_base(), environment))
            (kept / "part").rename(kept / "whole")
    shutil.copytree(kept / "whole", data_dir, dirs_exist_ok=True)


def _set_up(layout: Layout) -> None:
    """What `./dev up` does at a first start, up to the processes of the site."""
    layout.make()
    starting.prepare_servers(layout)
    command = servers.postgres_command(
        layout.data_dir / "postgres", layout.port("postgres"), for_tests=True
    )
    with layout.log("postgres").open("wb") as log:
        postgres = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        starting.create_database(layout)
        starting.prepare_site(layout)
    finally:
        postgres.send_signal(signal.SIGINT)
        postgres.wait(60)


@contextlib.contextmanager
def running_stack(*, first_start: bool = False, **extra: str) -> Iterator[Stack]:
    """A stack from start to end; `extra` are further variables of its environment.

    With `first_start` on an empty data folder; otherwise what a first start makes is there.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="growmies-e2e-"))
    base = free_port_base()
    environment = {k: v for k, v in os.environ.items() if k not in OF_THE_RUNNER}
    environment |= {"GROWMIES_DATA_DIR": str(data_dir), "GROWMIES_PORT_BASE": str(base)}
    # No lot decides what a test sees, and no busy machine: who wants either says so.
    environment |= {"SECOND_REVIEW_SHARE": "0", **dict.fromkeys(_OF_THE_HOST, "100"), **extra}
    running = Stack(base, data_dir, environment)
    try:
        if not first_start:
            _copy_first_set_up(data_dir, environment)
        up = running.dev("up", "--detach")
        assert up.returncode == 0, f"./dev up --detach failed:\n{up.stdout}\n{up.stderr}"
        status = json.loads(running.dev("status", "--json").stdout)
        running.accounts = {a["username"]: a for a in status["accounts"]}
        yield running
    finally:
        running.end_shell()
        running.dev("down", timeout=60)
        shutil.rmtree(data_dir, ignore_errors=True)


def processes_of(stack: Stack) -> list[psutil.Process]:
    """Living processes that carry the stack's mark; a zombie is dead already."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.environ().get("GROWMIES_STACK") == str(stack.data_dir)
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def eventually(
    what: Callable[[], Any], *, within_seconds: float, every_seconds: float = 0.1
) -> Any:
    """The first truthy answer of `what`; fails when there is none in time."""
    deadline = time.monotonic() + within_seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {within_seconds} s; last: {answer!r}"
        time.sleep(every_seconds)
