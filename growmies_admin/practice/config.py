"""What the practice guild reads from the environment, in one place."""

import base64
import binascii
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

RATE_LIMIT_SPEEDS = ("brisk", "discord")


class ConfigError(Exception):
    """The start is refused; the text is the one line to show."""


@dataclass(frozen=True)
class Config:
    """Where the guild listens, where it keeps its state, which token it accepts."""

    host: str
    port: int
    state_dir: Path
    token: str | None = None
    heartbeat_interval_ms: int = 41_250
    rate_limits: str = "brisk"
    answer_deadline_seconds: float = 3.0
    site_url: str = ""  # whom the stand-in of an age-assurance service answers
    provider_secret: str = ""

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None) -> "Config":
        """Read the environment. Raises ConfigError with one clear line."""
        env = os.environ if env is None else env
        if env.get("GROWMIES_PRACTICE") != "1":
            raise ConfigError(
                "The practice guild starts only with GROWMIES_PRACTICE=1: it is not Discord."
            )
        token = env.get("DISCORD_TOKEN") or None
        if token is not None:
            bot_id_of(token)
        speed = env.get("PRACTICE_RATE_LIMITS") or "brisk"
        if speed not in RATE_LIMIT_SPEEDS:
            raise ConfigError(
                f"PRACTICE_RATE_LIMITS must be one of {', '.join(RATE_LIMIT_SPEEDS)}."
            )
        base = _number(env, "GROWMIES_PORT_BASE", 8000, 1, 65_000)
        return cls(
            host=_loopback(env.get("PRACTICE_HOST") or "127.0.0.1"),
            port=_number(env, "PRACTICE_PORT", base + 1, 0, 65_535),
            state_dir=Path(env.get("GROWMIES_DATA_DIR") or "./var").resolve() / "practice",
            token=token,
            heartbeat_interval_ms=_number(env, "PRACTICE_HEARTBEAT_MS", 41_250, 200, 600_000),
            rate_limits=speed,
            site_url=f"http://127.0.0.1:{base}",
            provider_secret=env.get("PROVIDER_SECRET") or "",
        )


def bot_id_of(token: str) -> str:
    """The bot's id inside a token of Discord's shape, base64(bot id).x.y. Raises ConfigError."""
    first, *rest = token.split(".")
    try:
        text = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    if len(rest) != 2 or not all(rest) or not text.isdigit() or not 0 < int(text) < 2**63:
        raise ConfigError("DISCORD_TOKEN is not of Discord's shape base64(bot id).x.y.")
    return text


def _loopback(host: str) -> str:
    if host == "localhost":
        return host
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise ConfigError(f"PRACTICE_HOST={host} is not a loopback address: the guild stays local.")


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or not low <= int(text) <= high:
        raise ConfigError(f"{name}={text} must be a number from {low} to {high}.")
    return int(text)
