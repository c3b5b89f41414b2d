"""The whole running stack for browser tests: `./dev up --detach` with ports and data of its own."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

REPOSITORY = Path(__file__).resolve().parents[2]
# Addresses that the test runner made for unit tests; the stack brings its own.
OF_THE_RUNNER = {
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "EVIDENCE_KEYS",
    "PROMETHEUS_URL",
    "ALERTMANAGER_URL",
    "DISCORD_TOKEN",
    "DISCORD_API_URL",
    "PUBLIC_URL",
    "STATIC_ROOT",
    "GROWMIES_PRACTICE",
    "DJANGO_SETTINGS_MODULE",
}


@dataclass
class Stack:
    """A running stack: addresses, the accounts of practice mode, the practice guild."""

    port_base: int
    data_dir: Path
    environment: dict[str, str]
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port_base}"

    @property
    def practice_url(self) -> str:
        return f"http://127.0.0.1:{self.port_base + 1}/practice"

    @property
    def prometheus_url(self) -> str:
        return f"http://127.0.0.1:{self.port_base + 4}"

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{3001 + self.port_base - 8000}"

    def dev(self, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(REPOSITORY / "dev"), *arguments],
            env=self.environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def practice(self, method: str, path: str, **body: Any) -> Any:
        answer = httpx.request(
            method, f"{self.practice_url}{path}", json=body or None, timeout=15, trust_env=False
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def query(self, promql: str) -> float:
        """Value of an instant query; 0.0 when there is no such series yet."""
        answer = httpx.get(
            f"{self.prometheus_url}/api/v1/query",
            params={"query": promql},
            timeout=10,
            trust_env=False,
        )
        result = answer.json()["data"]["result"]
        return float(result[0]["value"][1]) if result else 0.0


def free_port_base() -> int:
    """A base whose ten ports and bot port are all free."""
    for base in range(18000, 28000, 20):
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


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    data_dir = Path(tempfile.mkdtemp(prefix="growmies-e2e-"))
    base = free_port_base()
    environment = {k: v for k, v in os.environ.items() if k not in OF_THE_RUNNER}
    environment |= {"GROWMIES_DATA_DIR": str(data_dir), "GROWMIES_PORT_BASE": str(base)}
    running = Stack(base, data_dir, environment)
    try:
        up = running.dev("up", "--detach")
        assert up.returncode == 0, f"./dev up --detach failed:\n{up.stdout}\n{up.stderr}"
        status = json.loads(running.dev("status", "--json").stdout)
        running.accounts = {a["username"]: a for a in status["accounts"]}
        yield running
    finally:
        running.dev("down", timeout=60)
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's chromium; as root it has no sandbox to drop into."""
    arguments = ["--disable-gpu", "--disable-quic", "--no-first-run"]
    arguments += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": arguments}


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own; fails the test on any console error or CSP report."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        # A refused form answers 4xx by design, and the browser logs that as an error.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_(width: int = 1440, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def sign_in(stack: Stack, open_page: Callable[..., Page]) -> Callable[..., Page]:
    def sign_in_(username: str, **options: Any) -> Page:
        page = open_page(**options)
        page.goto(f"{stack.url}/accounts/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password", exact=True).fill(stack.accounts[username]["password"])
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    return sign_in_


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


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    return eventually
