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
SECONDS = 20 if FULL else 4

FAULTS: dict[str, dict[str, Any]] = {
    "outage": {"kind": "outage", "seconds": OUTAGE},
    "500": {"kind": "errors", "status": 500, "seconds": SECONDS},
    "429 of a bucket": {"kind": "ratelimit", "scope": "bucket", "seconds": SECONDS / 2},
    "429 global": {"kind": "ratelimit", "scope": "global", "seconds": SECONDS / 2},
    "slow": {"kind": "latency", "delay_seconds": 10 if FULL else 4, "seconds": SECONDS},
    "gateway closed": {"kind": "drop_gateway", "seconds": 4},
    "RESUME refused": {"kind": "refuse_resume", "seconds": SECONDS},
}


@pytest.mark.parametrize("name", FAULTS)
def test_everything_arrives_once(crowd: Crowd, name: str) -> None:
    wave = crowd.members(REQUESTS)

    def break_discord(_: Wave) -> None:
        crowd.stack.practice("POST", "/faults", **FAULTS[name])
        if name == "RESUME refused":
            crowd.stack.practice("POST", "/faults", kind="drop_gateway", seconds=1)

    crowd.decide_all(wave, meanwhile=break_discord)
    crowd.check(wave, within_seconds=FAULTS[name]["seconds"] + 75)


def test_the_site_is_as_quick_as_ever_meanwhile(crowd: Crowd) -> None:
    """Slow answers of Discord are nobody's wait but the bot's."""

    def median_of_page() -> float:
        taken = []
        for _ in range(15):
            began = time.monotonic()
            assert crowd.moderators[0].client.get("/queue/").status_code == 200
            taken.append(time.monotonic() - began)
        return sorted(taken)[7]

    crowd.moderators[0].client.get("/queue/")
    before = median_of_page()
    wave = crowd.members(4)
    crowd.stack.practice("POST", "/faults", kind="latency", delay_seconds=3, seconds=20)
    crowd.decide_all(wave)
    time.sleep(4)  # the undo window is over: the bot is waiting for Discord
    assert median_of_page() < max(3 * before, 0.25)
    crowd.stack.practice("DELETE", "/faults")
    crowd.check(wave, within_seconds=60)


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
