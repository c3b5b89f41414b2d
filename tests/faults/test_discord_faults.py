"""Discord out, failing, slow, limiting, closing: everything arrives once, in the right state."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.conftest import FULL
from tests.faults.people import Crowd, Wave
from tests.running import HTTP

REQUESTS = 24 if FULL else 8
OUTAGE = 60 if FULL else 8
SECONDS = 15 if FULL else 8  # longer than the undo window, so that it meets the deliveries
LIMITED = 10 if FULL else 8

FAULTS: dict[str, dict[str, Any]] = {
    "outage": {"kind": "outage", "seconds": OUTAGE},
    "500": {"kind": "errors", "status": 500, "seconds": SECONDS},
    "429 of a bucket": {"kind": "ratelimit", "scope": "bucket", "seconds": LIMITED},
    "429 global": {"kind": "ratelimit", "scope": "global", "seconds": LIMITED},
    "slow": {"kind": "latency", "delay_seconds": 10 if FULL else 4, "seconds": SECONDS},
    "gateway closed": {"kind": "drop_gateway", "seconds": 4},
    "RESUME refused": {"kind": "refuse_resume", "seconds": 60},
}


@pytest.mark.parametrize("name", FAULTS)
def test_everything_arrives_once(crowd: Crowd, eventually: Callable[..., Any], name: str) -> None:
    wave = crowd.members(REQUESTS)
    before = met(crowd)

    def break_discord(_: Wave) -> None:
        crowd.stack.practice("POST", "/faults", **FAULTS[name])
        if name == "RESUME refused":
            crowd.stack.practice("POST", "/faults", kind="drop_gateway", seconds=1)

    crowd.decide_all(wave, meanwhile=break_discord)
    crowd.check(wave, within_seconds=FAULTS[name]["seconds"] + 75)
    kind = "refuse_resume" if name == "RESUME refused" else FAULTS[name]["kind"]
    eventually(lambda: met(crowd).get(kind, 0) > before.get(kind, 0), within_seconds=30)


def met(crowd: Crowd) -> dict[str, int]:
    """How often each kind of fault has hit the bot."""
    found: dict[str, int] = crowd.stack.practice("GET", "/stats")["faults_met"]
    return found


@pytest.mark.parametrize("name", ["500", "slow"])
def test_the_site_is_as_quick_as_ever_meanwhile(crowd: Crowd, name: str) -> None:
    """Slow and failing answers of Discord are nobody's wait but the bot's."""
    moderator, viewer = crowd.moderators[0], crowd.staff("viewer")
    places = ((moderator, "/queue/"), (viewer, "/wall/main/panels/"), (viewer, "/mobile/"))

    def medians() -> list[float]:
        found = []
        for who, path in places:
            taken = []
            for _ in range(11):
                began = time.monotonic()
                assert who.client.get(path).status_code == 200
                taken.append(time.monotonic() - began)
            found.append(sorted(taken)[5])
        return found

    def deciding() -> tuple[Wave, float]:
        wave = crowd.members(4)
        began = time.monotonic()
        crowd.decide_all(wave)
        return wave, time.monotonic() - began

    medians()
    usual, usual_wave = medians(), deciding()
    crowd.stack.practice("POST", "/faults", **(FAULTS[name] | {"seconds": 60, "delay_seconds": 4}))
    waiting, _ = deciding()
    time.sleep(4)  # the undo window is over: the bot is waiting for Discord
    wave, took = deciding()
    assert took < max(3 * usual_wave[1], 5)
    for now, before in zip(medians(), usual, strict=True):
        assert now < max(3 * before, 0.25)
    crowd.stack.practice("DELETE", "/faults")
    for one in (usual_wave[0], waiting, wave):
        crowd.check(one, within_seconds=60)
    viewer.client.close()


def test_health_says_that_discord_is_away(crowd: Crowd, eventually: Callable[..., Any]) -> None:
    crowd.stack.practice("POST", "/faults", kind="outage", seconds=30)

    def unhealthy() -> bool:
        answer = HTTP.get(f"{crowd.stack.bot_url}/health")
        return (
            answer.status_code == 503
            and answer.json()["checks"]["discord"]["status"] == "unhealthy"
        )

    eventually(unhealthy, within_seconds=60)
    assert HTTP.get(f"{crowd.stack.bot_url}/live").is_success
    crowd.stack.practice("DELETE", "/faults")
    eventually(crowd.stack.is_healthy, within_seconds=60, every_seconds=1)
