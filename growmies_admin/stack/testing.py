"""./dev test: quick checks first, then every test, the browser last; ./dev bench."""

import base64
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg

from growmies_admin.stack import packages, rendering, servers
from growmies_admin.stack.layout import REPOSITORY, Layout, Trouble

_E2E = "tests/e2e"
_FAULTS = "tests/faults"
# These tests wait more than they work: a stack for each of two processes.
_TWO_STACKS = ("-n", "2", "--dist", "loadfile")
# So do these; tests/faults/conftest.py says which of them share one.
_SHARED_STACKS = ("-n", "3")
_IN_FULL_LENGTH = ("-n", "4")  # they wait even more


@dataclass(frozen=True)
class Step:
    name: str
    command: list[str]


def run(arguments: list[str]) -> int:
    """All checks and tests; with arguments only pytest with these. 0 when all passed.

    --faults runs the tests that break a running stack, and those in full length.
    """
    wanted = packages.missing(packages.SERVERS | packages.BROWSER)
    if wanted:
        print(f"Installing {', '.join(wanted)} (without starting their services) …", flush=True)
        if why_not := packages.install(wanted):
            raise Trouble(f"the tests need {', '.join(wanted)}: {why_not}")
    with _test_servers() as environment:
        if "--faults" in arguments:
            others = [argument for argument in arguments if argument != "--faults"]
            environment["GROWMIES_FAULTS"] = "full"
            return _call(_pytest(_FAULTS, *_IN_FULL_LENGTH, *others), environment)
        if arguments:
            return _call(_pytest(*arguments), environment)
        return _all(environment)


def bench(arguments: list[str]) -> int:
    """Run tests/bench/, all or `name`: each prints its ratio, the goal and its yardstick."""
    folder = REPOSITORY / "tests" / "bench"
    if not folder.exists():
        print("There are no benchmarks yet.")
        return 0
    chosen = ["-k", arguments[0]] if arguments else []
    with _test_servers() as environment:
        environment["LOG_LEVEL"] = "ERROR"
        return _call(_pytest("-q", "--no-header", str(folder), *chosen), environment)


def _all(environment: dict[str, str]) -> int:
    reports = Path(tempfile.mkdtemp(prefix="growmies-reports-"))
    failed = _two_at_a_time(_checks(reports), environment)
    steps = []
    parallel = ["-n", "2", "--dist", "loadfile"]
    for elsewhere in (_E2E, _FAULTS, "tests/bench"):
        parallel += ["--ignore", elsewhere]
    steps.append(
        Step("tests", _pytest("-q", "tests", *parallel, f"--junitxml={reports / 'unit.xml'}"))
    )
    report = f"--junitxml={reports / 'faults.xml'}"
    steps.append(Step("faults", _pytest("-q", _FAULTS, *_SHARED_STACKS, report)))
    report = f"--junitxml={reports / 'e2e.xml'}"
    steps.append(Step("browser", _pytest("-q", _E2E, *_TWO_STACKS, report)))
    for step in steps:
        print(f"\n== {step.name}", flush=True)
        began = time.monotonic()
        if _call(step.command, environment):
            failed.append(step.name)
            print(f"== {step.name} FAILED", flush=True)
        print(f"== {step.name}: {time.monotonic() - began:.1f} s", flush=True)
    passed, broken = _count(reports)
    shutil.rmtree(reports, ignore_errors=True)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll steps passed.")
    print(f"{passed} passed, {broken} failed", flush=True)
    return 1 if failed else 0


def _two_at_a_time(steps: list[Step], environment: dict[str, str]) -> list[str]:
    """Run checks that each keep one core busy; the names of those that failed."""

    def captured(step: Step) -> tuple[float, subprocess.CompletedProcess[str]]:
        began = time.monotonic()
        done = subprocess.run(
            step.command,
            env=environment,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return time.monotonic() - began, done

    failed = []
    with ThreadPoolExecutor(2) as pool:
        for step, (seconds, done) in zip(steps, pool.map(captured, steps), strict=True):
            print(f"\n== {step.name}\n{done.stdout}", end="", flush=True)
            if done.returncode:
                failed.append(step.name)
                print(f"== {step.name} FAILED", flush=True)
            print(f"== {step.name}: {seconds:.1f} s", flush=True)
    return failed


def _checks(scratch: Path) -> list[Step]:
    python = sys.executable
    tools = Path(python).parent
    manage = [python, "manage.py"]
    prometheus, alertmanager = rendering.write(Layout(scratch, 8000, {}), {}, scratch)
    rule_tests = sorted(str(path) for path in (REPOSITORY / "tests" / "prometheus").glob("*.yml"))
    return [
        Step("lint", [str(tools / "ruff"), "check", "."]),
        Step("format", [str(tools / "ruff"), "format", "--check", "."]),
        Step("import contracts", [str(tools / "lint-imports"), "--no-cache"]),
        Step("alert rules", _tool("promtool", "test", "rules", *rule_tests)),
        Step("types", [str(tools / "mypy")]),
        Step("Django", [*manage, "check", "--fail-level", "WARNING"]),
        Step("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Step("Prometheus' configuration", _tool("promtool", "check", "config", str(prometheus))),
        Step("Alertmanager's configuration", _tool("amtool", "check-config", str(alertmanager))),
    ]


def _tool(name: str, *arguments: str) -> list[str]:
    return [servers.debian_program(name) or name, *arguments]


def _pytest(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


def _call(command: list[str], environment: dict[str, str]) -> int:
    return subprocess.run(
        command, env=environment, cwd=REPOSITORY, stdin=subprocess.DEVNULL
    ).returncode


def _count(reports: Path) -> tuple[int, int]:
    passed = broken = 0
    for report in reports.glob("*.xml"):
        for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 - our own pytest's file
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            broken += bad
            passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
    return passed, broken


@contextlib.contextmanager
def _test_servers() -> Iterator[dict[str, str]]:
    """The environment of the tests, with a PostgreSQL and a Valkey of their own.

    Servers of TEST_DATABASE_URL and TEST_REDIS_URL are used instead where given.
    """
    scratch = Path(tempfile.mkdtemp(prefix="growmies-test-"))
    if os.geteuid() == 0:
        scratch.chmod(0o755)
    environment = {
        **os.environ,
        "SECRET_KEY": secrets.token_urlsafe(32),
        "EVIDENCE_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "GROWMIES_DATA_DIR": str(scratch / "data"),
        "GROWMIES_PRACTICE": "1",
        "GROWMIES_FIRST_SET_UP": str(scratch / "first"),
        "PYTHONPATH": str(REPOSITORY),
        # Sync Playwright runs an event loop beside the ORM in the same thread.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }
    for name in ("PROMETHEUS_URL", "ALERTMANAGER_URL", "DISCORD_TOKEN", "DISCORD_API_URL"):
        environment.pop(name, None)
    (scratch / "data").mkdir()
    running: list[tuple[subprocess.Popen[bytes], int]] = []
    try:
        environment["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or _postgres(
            scratch, running
        )
        environment["REDIS_URL"] = os.environ.get("TEST_REDIS_URL") or _valkey(scratch, running)
        yield environment
    finally:
        for process, stop_signal in reversed(running):
            process.send_signal(stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
        shutil.rmtree(scratch, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log.open("wb"), stderr=subprocess.STDOUT
    )


def _postgres(scratch: Path, running: list[tuple[subprocess.Popen[bytes], int]]) -> str:
    port, password = _free_port(), secrets.token_urlsafe(16)
    servers.make_postgres(scratch / "postgres", password)
    command = servers.postgres_command(scratch / "postgres", port, for_tests=True)
    running.append((_spawn(command, scratch / "postgres.log"), signal.SIGINT))
    url = f"postgresql://growmies:{password}@127.0.0.1:{port}"
    deadline = time.monotonic() + 30
    while True:
        try:
            with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE growmies")
            return f"{url}/growmies"
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                log = (scratch / "postgres.log").read_text()[-500:]
                raise Trouble(f"the tests' PostgreSQL did not start: {log}") from None
            time.sleep(0.1)


def _valkey(scratch: Path, running: list[tuple[subprocess.Popen[bytes], int]]) -> str:
    port = _free_port()
    command = [servers.valkey_program(), "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--dir", str(scratch)]
    running.append((_spawn(command, scratch / "valkey.log"), signal.SIGTERM))
    return f"redis://127.0.0.1:{port}/0"
