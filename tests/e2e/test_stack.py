"""./dev up, status, restart and down on a stack of its own, beside the one of the other tests."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.running import REPOSITORY, Stack, processes_of, running_stack


@pytest.fixture(scope="module")
def second(stack: Stack) -> Iterator[Stack]:
    """A second stack; the first one runs all the while."""
    with running_stack(first_start=True) as other:
        yield other


def test_two_stacks_run_side_by_side(stack: Stack, second: Stack) -> None:
    for one in (stack, second):
        assert httpx.get(f"{one.url}/ready", timeout=20, trust_env=False).status_code == 200
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
    assert roles == {"viewer", "moderator", "compliance", "operator", "administrator"}


def test_second_start_on_the_same_folder_is_refused(second: Stack) -> None:
    again = second.dev("up", "--detach")
    assert again.returncode != 0
    assert "runs in" in again.stderr and "already" in again.stderr
    assert httpx.get(f"{second.url}/ready", timeout=20, trust_env=False).status_code == 200


def test_down_leaves_nothing_behind_and_the_next_start_repeats_nothing(second: Stack) -> None:
    began = time.monotonic()
    down = second.dev("down", timeout=60)
    assert down.returncode == 0, down.stderr
    assert time.monotonic() - began < 15
    assert processes_of(second) == []
    log = (second.data_dir / "log" / "postgres.log").read_text().strip().splitlines()
    assert log[-1].endswith("database system is shut down")
    assert second.dev("status").returncode != 0

    collected = second.data_dir / "static" / ".collected"
    before = collected.stat().st_mtime_ns
    up = second.dev("up", "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    assert collected.stat().st_mtime_ns == before, "collected and compressed again"
    assert "Applying" not in second.layout.log("prepare").read_text(), "migrated again"


def test_interrupt_stops_a_stack_in_the_foreground(second: Stack) -> None:
    second.dev("down", timeout=60)
    # As from a script's background job, which ignores the interrupt until somebody asks for it.
    running = subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" INT; exec "$0" up', str(REPOSITORY / "dev")],
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
    assert running.wait(60) == 0
    assert processes_of(second) == []
