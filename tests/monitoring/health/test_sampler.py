"""The sampler: all checks at once, each bounded, none hides another, none is asked twice."""

import threading
import time
from concurrent.futures import wait
from datetime import timedelta

import pytest

from monitoring.health import registry
from monitoring.health.registry import Check, Degraded, Unhealthy, register
from monitoring.health.sampler import Sampler

BOUND = timedelta(seconds=0.2)
WEB = "sampled here"  # the site's own sampler may run in a thread: these checks are none of its


@pytest.fixture
def checks(monkeypatch):
    """Registers checks in an empty registry: `checks(name, run, critical=True)`."""
    monkeypatch.setattr(registry, "_CHECKS", {})

    def add(name, run, *, critical=True, bound=BOUND):
        where = frozenset({WEB})
        register(Check(name, run, critical, where, runbook=f"docs/{name}.md", bound=bound))

    return add


def failing():
    raise Unhealthy("it is away")


@pytest.fixture
def hang():
    """A check that hangs until it is let go; it counts how often it was started."""
    free = threading.Event()

    def run():
        run.started += 1
        free.wait(10)
        return {"late": True}

    run.started, run.let_go = 0, free.set
    yield run
    free.set()


def test_it_works(checks):
    checks("one", lambda: {"answer": 42})
    sample = Sampler(WEB).sample()
    assert sample["status"] == "healthy"
    assert sample["checks"] == {"one": {"status": "healthy", "answer": 42}}


def test_one_that_fails_hides_no_other(checks):
    checks("bad", failing)
    checks("worse", lambda: 1 / 0)
    checks("good", lambda: {})
    sample = Sampler(WEB).sample()
    assert sample["status"] == "unhealthy"
    assert sample["checks"] == {
        "bad": {"status": "unhealthy", "error": "it is away", "runbook": "docs/bad.md"},
        "worse": {"status": "unhealthy", "error": "ZeroDivisionError", "runbook": "docs/worse.md"},
        "good": {"status": "healthy"},
    }


def test_one_that_is_not_critical_only_degrades(checks):
    checks("side", failing, critical=False)
    checks("good", lambda: {})
    assert Sampler(WEB).sample()["status"] == "degraded"


def test_what_is_missing_is_said_with_what_is_known(checks):
    def some():
        raise Degraded("xenon offline", services={"xenon": {"status": "offline"}})

    checks("thirdParty", some, critical=False)
    found = Sampler(WEB).sample()["checks"]["thirdParty"]
    assert found["status"] == "degraded"
    assert found["services"] == {"xenon": {"status": "offline"}}


def test_all_run_at_the_same_time(checks):
    for number in range(12):
        checks(f"c{number}", lambda: time.sleep(0.5) or {}, bound=timedelta(seconds=4))
    began = time.monotonic()
    assert Sampler(WEB).sample()["status"] == "healthy"
    assert time.monotonic() - began < 3, "one after the other would take six"


def test_one_that_hangs_is_bounded_and_not_asked_again(checks, hang):
    checks("slow", hang)
    checks("good", lambda: {})
    sampler = Sampler(WEB)
    for _ in range(3):
        began = time.monotonic()
        sample = sampler.sample()
        assert time.monotonic() - began < 5
        assert sample["checks"]["slow"]["error"] == "no answer within 0.2 s"
        assert sample["checks"]["good"]["status"] == "healthy"
    assert hang.started == 1


def test_an_answer_that_came_late_is_dropped(checks, hang):
    checks("slow", hang)
    sampler = Sampler(WEB)
    sampler.sample()
    hang.let_go()
    wait([sampler._running["slow"]], timeout=10)
    assert sampler.sample()["checks"]["slow"] == {"status": "healthy", "late": True}
    assert hang.started == 2, "asked anew, not served what it said too late"


def test_asking_never_waits(checks, hang):
    checks("slow", hang, bound=timedelta(seconds=9))
    sampler = Sampler(WEB)
    sampling = threading.Thread(target=sampler.sample)
    sampling.start()
    began = time.monotonic()
    for _ in range(1_000):
        sampler.last()
    assert time.monotonic() - began < 5, "it waited for the check"
    hang.let_go()
    sampling.join()


def test_no_secret_of_a_foreign_error_is_shown(checks):
    def leaks():
        raise RuntimeError("postgresql://growmies:hunter2@db/growmies")

    checks("bad", leaks)
    assert "hunter2" not in str(Sampler(WEB).sample())


def test_every_check_has_a_runbook(monkeypatch):
    from growmies_admin.bot.checks import register_bot
    from growmies_admin.stack.layout import REPOSITORY

    monkeypatch.setattr(registry, "_CHECKS", dict(registry._CHECKS))
    register_bot(None)
    for check in registry._CHECKS.values():
        assert (REPOSITORY / check.runbook).is_file(), check.name


def test_what_fails_beside_a_critical_one_makes_it_no_better(checks):
    checks("critical", failing)
    checks("beside", failing, critical=False, bound=BOUND * 2)  # looked at last
    assert Sampler(WEB).sample()["status"] == "unhealthy"
