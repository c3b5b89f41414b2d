"""Everything that one running practice guild has, in one object."""

import asyncio
import secrets
from base64 import urlsafe_b64encode
from collections import Counter
from pathlib import Path

from aiohttp import web

from growmies_admin.practice import seed
from growmies_admin.practice.config import Config, bot_id_of
from growmies_admin.practice.errors import Json
from growmies_admin.practice.faults import SESSIONS_A_DAY, Faults
from growmies_admin.practice.interactions import Interactions
from growmies_admin.practice.ratelimits import RateLimits
from growmies_admin.practice.sessions import Hub
from growmies_admin.practice.state import World
from growmies_admin.practice.store import Journal

KEPT_FILES = 64


class Practice:
    """The guild, its gateway sessions, its limits and its faults. Raises StateInUse."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.port = config.port
        self.journal = Journal(config.state_dir)
        self.world = World(self.journal)
        seed.plant(self.world, bot_id_of(config.token) if config.token else None)
        self.token = config.token or _kept_token(config.state_dir, self.world.bot_id)
        self.hub = Hub()
        self.faults = Faults()
        self.limits = RateLimits(config.rate_limits)
        self.interactions = Interactions()
        self.connections: set[web.WebSocketResponse] = set()
        self.files: dict[str, tuple[bytes, str]] = {}
        self.identifies = 0
        self.calls: Counter[str] = Counter()
        self.stopping = asyncio.Event()

    @property
    def gateway_url(self) -> str:
        """Where the gateway listens."""
        return f"ws://{self.config.host}:{self.port}"

    @property
    def api_url(self) -> str:
        """Where REST listens."""
        return f"http://{self.config.host}:{self.port}/api/v10"

    @property
    def webhook_url(self) -> str:
        """Where webhooks are executed, as people copy it."""
        return f"http://{self.config.host}:{self.port}/api/webhooks"

    def starts_total(self) -> int:
        """Sessions that may begin; the fault `session_limit` sets fewer."""
        found = [fault for fault in self.faults.active() if fault.kind == "session_limit"]
        return min((fault.total for fault in found), default=SESSIONS_A_DAY)

    def starts_left(self) -> int:
        """Sessions that may still begin. At 0 Discord takes the token away."""
        return max(0, self.starts_total() - self.identifies)

    def dispatch(self, event: str, data: Json, *, in_guild: bool = True) -> None:
        """Send an event of the guild, or of a direct channel, to the sessions that want it."""
        self.hub.dispatch(event, data, in_guild=in_guild)

    def keep_file(self, file_id: str, content: bytes, content_type: str) -> None:
        """Keep an attachment in memory, for as long as there is room."""
        self.files[file_id] = (content, content_type)
        while len(self.files) > KEPT_FILES:
            del self.files[next(iter(self.files))]

    def close(self) -> None:
        """Write the state and let go of its folder."""
        self.journal.close()


def practice_of(request: web.Request) -> Practice:
    """The practice guild that serves this request."""
    practice: Practice = request.config_dict[PRACTICE]
    return practice


PRACTICE: web.AppKey[Practice] = web.AppKey("practice", Practice)


def _kept_token(folder: Path, bot_id: str) -> str:
    path = folder / "token"
    if path.exists():
        token = path.read_text(encoding="ascii").strip()
        if bot_id_of(token) == bot_id:
            return token
    first = urlsafe_b64encode(bot_id.encode()).decode().rstrip("=")
    token = f"{first}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(token + "\n", encoding="ascii")
    fresh.replace(path)
    return token
