"""./dev test: quick checks first, then every test, the browser last; ./dev bench."""

import base64
import contextlib
import itertools
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

from growmies_admin.stack import choosing, packages, rendering, servers
from growmies_admin.stack.layout import REPOSITORY, Layout, Trouble

_E2E = "tests/e2e"
_FAULTS = "tests/faults"
_JUDGED = tuple(f"{_E2E}/test_{name}.py" for name in ("pages", "accessibility", "boards"))
# By name: sorted by their number of tests, files with one long test would come last, and alone.
_TRANSPORTS = "monitoring/delivery/transports"  # their tests lie in their folders
_BY_FILE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
# These wait more than they work; tests/faults/conftest.py says which of them share one.
_SHARED_STACKS = ("-n", "3")
_IN_FULL_LENGTH = ("-n", "4")  # they wait even more
_LONG_TESTS = "--timeout=1500"  # seconds for one; pyproject.toml says how many others have
_A_STEP_SECONDS = 2400
_QUICK_CHECKS = (
    "lint",
    "format",
    "templates",
    "JavaScript",
    "import contracts",
    "types",
    "migrations",
)
_JAVASCRIPT = ("--ignore-pattern", "static/vendor", "static", "templates/mobile/worker.js")
_OF_A_MONITOR = ("URL", "USER", "PASSWORD")
_NOT_FOR_TESTS = (
    "DATABASE_OWNER_URL",
    "DATABASE_MAINTENANCE_URL",
    "DISCORD_TOKEN",
    "DISCORD_API_URL",
    "EXPORTER_PASSWORD",
)


@dataclass(frozen=True)
class Step:
    name: str
    command: list[str]


def run(arguments: list[str]) -> int:
    """All checks and tests; with arguments only pytest with these. 0 when all passed.

    --quick runs the checks and the tests of what changed since main, for an answer in two minutes;
    --faults runs the tests that break a running stack, and those in full length; --pages the
    browser tests in full length: every page for all roles, 2,000 refreshes of a wall.
    """
    wanted = packages.missing(packages.SERVERS | packages.BROWSER)
    if wanted:
        print(f"Installing {', '.join(wanted)} (without starting their services) …", flush=True)
        if why_not := packages.install(wanted):
            raise Trouble(f"the tests need {', '.join(wanted)}: {why_not}")
    with _test_servers() as environment:
        if "--quick" in arguments:
            return _quick(environment)
        if "--faults" in arguments:
            others = [argument for argument in arguments if argument != "--faults"]
            environment["GROWMIES_FAULTS"] = "full"
            return _call(_pytest(_FAULTS, *_IN_FULL_LENGTH, _LONG_TESTS, *others), environment)
        if "--pages" in arguments:
            others = [argument for argument in arguments if argument != "--pages"]
            environment["GROWMIES_PAGES"] = "full"
            return _call(_pytest(*_JUDGED, *_BY_FILE, _LONG_TESTS, *others), environment)
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
        environment["GROWMIES_BENCH"] = "full"
        return _call(_pytest("-q", "--no-header", _LONG_TESTS, str(folder), *chosen), environment)


def _quick(environment: dict[str, str]) -> int:
    paths = choosing.changed()
    chosen = choosing.tests_of(paths)
    scratch = Path(tempfile.mkdtemp(prefix="growmies-reports-"))
    steps = [step for step in _checks(scratch) if step.name in _QUICK_CHECKS]
    failed = _two_at_a_time(steps, environment)
    print(f"\n== tests: {len(chosen)} files about {len(paths)} that changed", flush=True)
    if chosen and _call(_pytest("-q", *_BY_FILE, *chosen), environment, _A_STEP_SECONDS):
        failed.append("tests")
    shutil.rmtree(scratch, ignore_errors=True)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll of this passed.", flush=True)
    return 1 if failed else 0


def _all(environment: dict[str, str]) -> int:
    reports = Path(tempfile.mkdtemp(prefix="growmies-reports-"))
    failed = _two_at_a_time(_checks(reports), environment)
    steps = []
    parallel = list(_BY_FILE)
    for elsewhere in (_E2E, _FAULTS):
        parallel += ["--ignore", elsewhere]
    steps.append(
        Step(
            "tests",
            _pytest("-q", "tests", _TRANSPORTS, *parallel, f"--junitxml={reports / 'unit.xml'}"),
        )
    )
    report = f"--junitxml={reports / 'faults.xml'}"
    steps.append(Step("faults", _pytest("-q", _FAULTS, *_SHARED_STACKS, report)))
    report = f"--junitxml={reports / 'e2e.xml'}"
    steps.append(Step("browser", _pytest("-q", _E2E, *_BY_FILE, report)))
    for step in steps:
        print(f"\n== {step.name}", flush=True)
        began = time.monotonic()
        if _call(step.command, environment, _A_STEP_SECONDS):
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
    prometheus, alertmanager, *_ = rendering.write(Layout(scratch, 8000, {}), {}, scratch)
    rule_tests = sorted(str(path) for path in (REPOSITORY / "tests" / "prometheus").glob("*.yml"))
    return [
        Step("lint", [str(tools / "ruff"), "check", "."]),
        Step("format", [str(tools / "ruff"), "format", "--check", "."]),
        Step("templates", [str(tools / "djlint"), "--lint", "--check", "--quiet", "templates"]),
        Step("JavaScript", [str(tools / "oxlint"), "--deny-warnings", *_JAVASCRIPT]),
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


def _call(command: list[str], environment: dict[str, str], seconds: float | None = None) -> int:
    """Its exit code; 124 when it took longer than `seconds` and was ended."""
    try:
        done = subprocess.run(
            command, env=environment, cwd=REPOSITORY, stdin=subprocess.DEVNULL, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        print(f"== not over after {seconds:.0f} s: ended", flush=True)
        return 124
    return done.returncode


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
        # The tests' own role makes and drops databases: it may do anything.
        "DATABASE_ROLES": "off",
        "GROWMIES_FIRST_SET_UP": str(scratch / "first"),
        "PYTHONPATH": str(REPOSITORY),
        # Sync Playwright runs an event loop beside the ORM in the same thread.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }
    for name in _NOT_FOR_TESTS:
        environment.pop(name, None)
    for server, what in itertools.product(("PROMETHEUS", "ALERTMANAGER"), _OF_A_MONITOR):
        environment.pop(f"{server}_{what}", None)
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
