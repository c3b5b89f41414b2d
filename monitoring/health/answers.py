"""What /live, /ready, /health and /up say. None of them waits for anything."""

from typing import Any

from monitoring.health.sampler import HEALTHY, UNHEALTHY, Sampler, http_status

UP, DOWN = "GROWMIES-UP", "GROWMIES-DOWN"  # outside monitors look for these: never change them
RETRY_AFTER_SECONDS = 5
_PAGE = "<!doctype html>\n<title>Growmies Admin</title>\n<p>{}</p>\n"

web_sampler = Sampler("web")


def live() -> tuple[int, dict[str, Any]]:
    """The process answers. Restarting probes use this, so that no outage restarts it."""
    return 200, {"status": "alive"}


def ready() -> tuple[int, dict[str, Any]]:
    """200 when requests can be served: the database answered the last sample."""
    sample = web_sampler.last()
    database = sample["checks"].get("database", {})
    if "error" in sample or database.get("status") != HEALTHY:
        return 503, {"status": "not ready"}
    return 200, {"status": "ready"}


def health() -> tuple[int, dict[str, Any]]:
    """The last sample of the checks; 503 when a critical one fails."""
    sample = web_sampler.last()
    return http_status(sample), sample


def up() -> tuple[int, str]:
    """A page for outside monitors that look for a word: the site serves, or it does not."""
    down = web_sampler.last()["status"] == UNHEALTHY
    return (503, _PAGE.format(DOWN)) if down else (200, _PAGE.format(UP))
