"""./dev up, status, restart and down on a stack of its own, beside the one of the other tests."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from growmies_admin.stack import supervising
from growmies_admin.stack.layout import Layout
from tests.e2e.conftest import REPOSITORY, Stack, free_port_base

SECOND_START_SECONDS = 15


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


@pytest.fixture(scope="module")
def second(stack: Stack) -> Iterator[Stack]:
    """A second stack; the first one runs all the while."""
    data_dir = Path(tempfile.mkdtemp(prefix="growmies-e2e-second-"))
    base = free_port_base()
    environment = stack.environment | {
        "GROWMIES_DATA_DIR": str(data_dir),
        "GROWMIES_PORT_BASE": str(base),
    }
    other = dataclasses.replace(
        stack, port_base=base, data_dir=data_dir, environment=environment, accounts={}
    )
    try:
        up = other.dev("up", "--detach")
        assert up.returncode == 0, up.stdout + up.stderr
        yield other
    finally:
        other.dev("down", timeout=60)
        shutil.rmtree(data_dir, ignore_errors=True)


def test_two_stacks_run_side_by_side(stack: Stack, second: Stack) -> None:
    for one in (stack, second):
        assert httpx.get(f"{one.url}/ready", timeout=5, trust_env=False).status_code == 200
    first_guild = stack.practice("GET", "/guild")["token"]
    assert second.practice("GET", "/guild")["token"] != first_guild


def test_status_tells_every_process_and_exits_0(second: Stack) -> None:
    done = second.dev("status", "--json")
    status = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    expected = {"web", "worker", "beat", "bot", "postgres", "valkey", "prometheus"}
    assert expected | {"alertmanager", "practice"} <= status["processes"].keys()
    assert {p["state"] for p in status["processes"].values()} == {"healthy"}
    assert status["processes"]["web"]["url"] == second.url
    roles = {account["role"] for account in status["accounts"]}
    assert roles == {"viewer", "moderator", "compliance", "operator", "administrator", "display"}


def test_second_start_on_the_same_folder_is_refused(second: Stack) -> None:
    again = second.dev("up", "--detach")
    assert again.returncode != 0
    assert "runs in" in again.stderr and "already" in again.stderr
    assert httpx.get(f"{second.url}/ready", timeout=5, trust_env=False).status_code == 200


@pytest.mark.parametrize("name", ["postgres", "valkey", "prometheus", "web", "worker", "bot"])
def test_a_killed_process_comes_back(
    second: Stack, eventually: Callable[..., Any], name: str
) -> None:
    layout = Layout(second.data_dir, second.port_base, second.environment)
    pid = supervising.states(layout)[name]["pid"]
    os.kill(pid, signal.SIGKILL)

    def is_back() -> bool:
        info = supervising.states(layout)[name]
        return info["statename"] == "RUNNING" and info["pid"] != pid

    eventually(is_back, within_seconds=20)
    eventually(lambda: second.dev("status").returncode == 0, within_seconds=40, every_seconds=1)


def test_down_leaves_nothing_behind_and_the_next_start_is_quick(second: Stack) -> None:
    began = time.monotonic()
    down = second.dev("down", timeout=60)
    assert down.returncode == 0, down.stderr
    assert time.monotonic() - began < 15
    assert processes_of(second) == []
    log = (second.data_dir / "log" / "postgres.log").read_text().strip().splitlines()
    assert log[-1].endswith("database system is shut down")
    assert second.dev("status").returncode != 0

    began = time.monotonic()
    up = second.dev("up", "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    # The machine may be busy with another stack here; alone it takes half of this.
    assert time.monotonic() - began < 2 * SECOND_START_SECONDS


def test_interrupt_stops_a_stack_in_the_foreground(second: Stack) -> None:
    second.dev("down", timeout=60)
    running = subprocess.Popen(
        [str(REPOSITORY / "dev"), "up"],
        env=second.environment,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    for line in running.stdout:
        if "Ctrl-C stops everything" in line:
            break
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(20) == 0
    assert processes_of(second) == []
