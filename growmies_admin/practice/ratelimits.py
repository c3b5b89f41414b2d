"""Rate limits as Discord states them: a bucket a route and major parameter, and 50 a second."""

import hashlib
import time
from collections import deque
from dataclasses import dataclass

GLOBAL_PER_SECOND = 50
INVALID_LIMIT = 10_000
INVALID_WINDOW_SECONDS = 600

# (method, route) → (requests, seconds). "brisk" keeps demos and tests quick.
_DEFAULT = {"brisk": (50, 1.0), "discord": (10, 1.0)}
_ROUTES: dict[str, dict[tuple[str, str], tuple[int, float]]] = {
    "brisk": {
        ("POST", "/channels/{channel_id}/messages"): (5, 1.0),
        ("PATCH", "/channels/{channel_id}/messages/{message_id}"): (5, 1.0),
        ("DELETE", "/channels/{channel_id}/messages/{message_id}"): (10, 1.0),
        ("POST", "/webhooks/{webhook_id}/{token}"): (5, 1.0),
        ("POST", "/users/@me/channels"): (20, 1.0),
        ("PUT", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"): (20, 1.0),
        ("DELETE", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"): (20, 1.0),
    },
    "discord": {
        ("POST", "/channels/{channel_id}/messages"): (5, 5.0),
        ("PATCH", "/channels/{channel_id}/messages/{message_id}"): (5, 5.0),
        ("DELETE", "/channels/{channel_id}/messages/{message_id}"): (5, 1.0),
        ("POST", "/webhooks/{webhook_id}/{token}"): (5, 2.0),
        ("POST", "/users/@me/channels"): (10, 10.0),
        ("PUT", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"): (10, 10.0),
        ("DELETE", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"): (10, 10.0),
        ("PUT", "/guilds/{guild_id}/bans/{user_id}"): (5, 1.0),
    },
}


@dataclass
class Bucket:
    """One limit's window: it opens with the first request and empties as a whole."""

    name: str
    limit: int
    per_seconds: float
    remaining: int = 0
    resets_at: float = 0.0

    def take(self) -> bool:
        """Use one request; False when none is left."""
        moment = time.time()
        if moment >= self.resets_at:
            self.remaining = self.limit
            self.resets_at = moment + self.per_seconds
        if self.remaining == 0:
            return False
        self.remaining -= 1
        return True

    def close_for(self, seconds: float) -> None:
        """Let nothing through for a while (an injected fault)."""
        self.remaining = 0
        self.resets_at = time.time() + seconds

    def reset_after(self) -> float:
        """Seconds until the window ends."""
        return max(0.0, self.resets_at - time.time())

    def headers(self) -> dict[str, str]:
        """The five headers, which come all or none."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": f"{self.resets_at:.3f}",
            "X-RateLimit-Reset-After": f"{self.reset_after():.3f}",
            "X-RateLimit-Bucket": self.name,
        }


class RateLimits:
    """All buckets of one speed ("brisk" or "discord"), the global one, and invalid requests."""

    def __init__(self, speed: str) -> None:
        self._speed = speed
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._global = Bucket("global", GLOBAL_PER_SECOND, 1.0)
        self._invalid: deque[float] = deque()
        self._overrides: dict[tuple[str, str], tuple[int, float]] = {}

    def bucket(self, method: str, route: str, major: str) -> Bucket:
        """The bucket of a route template and its major parameters."""
        name = hashlib.sha256(f"{method} {route}".encode()).hexdigest()[:32]
        found = self._buckets.get((name, major))
        if found is None:
            limit, per_seconds = self._figures(method, route)
            found = self._buckets[name, major] = Bucket(name, limit, per_seconds)
        return found

    def take_global(self) -> float:
        """Use one of the 50 a second; the seconds to wait when there is none, else 0."""
        return 0.0 if self._global.take() else max(self._global.reset_after(), 0.001)

    def set_route(self, method: str, route: str, limit: int, per_seconds: float) -> None:
        """Another speed for one route, from now on (for tests)."""
        self._overrides[method, route] = (limit, per_seconds)
        self._buckets.clear()

    def reset(self) -> None:
        """Forget what was used and what was set."""
        self._buckets.clear()
        self._overrides.clear()
        self._invalid.clear()

    def count_invalid(self) -> None:
        """Count an answer of 401, 403 or 429."""
        self._invalid.append(time.monotonic())

    def invalid_count(self) -> int:
        """Invalid requests of the last ten minutes."""
        limit = time.monotonic() - INVALID_WINDOW_SECONDS
        while self._invalid and self._invalid[0] < limit:
            self._invalid.popleft()
        return len(self._invalid)

    def is_banned(self) -> bool:
        """Whether the address is shut out, as Discord's front does after 10,000."""
        return self.invalid_count() >= INVALID_LIMIT

    def _figures(self, method: str, route: str) -> tuple[int, float]:
        if (method, route) in self._overrides:
            return self._overrides[method, route]
        return _ROUTES[self._speed].get((method, route), _DEFAULT[self._speed])
