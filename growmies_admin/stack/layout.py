"""Where a stack lives: its data folder, ports, secrets, and the environment of its processes."""

import base64
import contextlib
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

# contract.md, "Ports": offsets from the port base.
OFFSETS = {
    "web": 0,
    "practice": 1,
    "postgres": 2,
    "valkey": 3,
    "prometheus": 4,
    "alertmanager": 5,
    "worker": 6,
    "node-exporter": 7,
    "postgres-exporter": 8,
    "valkey-exporter": 9,
}
BOT_PORT = 3001
# The two ports that a person may move on their own.
_PORT_VARIABLES = {"bot": "BOT_HEALTH_PORT", "worker": "WORKER_METRICS_PORT"}


class Trouble(Exception):
    """Something a person has to know; the message is one clear line."""


@dataclass(frozen=True)
class Layout:
    """One stack. Two with different folders and port bases run side by side."""

    data_dir: Path
    port_base: int
    outside: dict[str, str]

    @classmethod
    def from_environment(cls) -> "Layout":
        """Read GROWMIES_DATA_DIR and GROWMIES_PORT_BASE. Raises Trouble."""
        given = os.environ.get("GROWMIES_PORT_BASE", "8000")
        if not given.isdigit() or not 5100 <= int(given) <= 65000:
            raise Trouble(f"GROWMIES_PORT_BASE must be a number from 5100 to 65000, not {given!r}.")
        data_dir = Path(os.environ.get("GROWMIES_DATA_DIR") or REPOSITORY / "var").resolve()
        return cls(data_dir, int(given), dict(os.environ))

    def make(self) -> None:
        """Create the data folder and its secrets. Raises Trouble when it can't be written."""
        try:
            self.data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
            for name in ("log", "run"):
                (self.data_dir / name).mkdir(exist_ok=True)
            probe = self.data_dir / ".writable"
            probe.write_text("")
            probe.unlink()
        except OSError as error:
            raise Trouble(
                f"The data folder {self.data_dir} can't be written ({error.strerror}). "
                "Set GROWMIES_DATA_DIR to a folder of yours."
            ) from error
        self._make_secrets()

    def port(self, name: str) -> int:
        given = self.outside.get(_PORT_VARIABLES.get(name, ""), "")
        if given.isdigit():
            return int(given)
        return BOT_PORT + self.port_base - 8000 if name == "bot" else self.port_base + OFFSETS[name]

    def log(self, name: str) -> Path:
        return self.data_dir / "log" / f"{name}.log"

    @cached_property
    def socket_dir(self) -> Path:
        """A short folder for supervisor's socket: a socket's path has 108 characters at most."""
        digest = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"growmies-{os.geteuid()}-{digest}"

    @property
    def accounts_file(self) -> Path:
        return self.data_dir / "run" / "accounts.json"

    @property
    def is_practice(self) -> bool:
        """Without a token of one's own, the practice guild stands in for Discord."""
        return not self.outside.get("DISCORD_TOKEN")

    def embeds(self, variable: str) -> bool:
        """Whether a server is ours to run: its URL was not given."""
        return not self.outside.get(variable)

    def environment(self) -> dict[str, str]:
        """The environment of every process: the caller's, completed by what we embed."""
        kept = self._secrets()
        found = {
            **self.outside,
            "GROWMIES_DATA_DIR": str(self.data_dir),
            "GROWMIES_PORT_BASE": str(self.port_base),
            "GROWMIES_STACK": str(self.data_dir),
            "DJANGO_SETTINGS_MODULE": "growmies_admin.settings",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(REPOSITORY),
            "BOT_HEALTH_PORT": str(self.port("bot")),
            "WORKER_METRICS_PORT": str(self.port("worker")),
        }
        defaults = {
            "SECRET_KEY": kept["SECRET_KEY"],
            "EVIDENCE_KEYS": kept["EVIDENCE_KEYS"],
            "PUBLIC_URL": f"http://localhost:{self.port('web')}",
            "DATABASE_URL": f"postgresql://growmies:{kept['POSTGRES_PASSWORD']}"
            f"@127.0.0.1:{self.port('postgres')}/growmies",
            "REDIS_URL": f"redis://:{kept['VALKEY_PASSWORD']}@127.0.0.1:{self.port('valkey')}/0",
            "PROMETHEUS_URL": f"http://127.0.0.1:{self.port('prometheus')}",
            "ALERT_WEBHOOK_TOKEN": kept["ALERT_WEBHOOK_TOKEN"],
            "ALERTMANAGER_URL": f"http://127.0.0.1:{self.port('alertmanager')}",
        }
        found.pop("GROWMIES_PRACTICE", None)
        if self.is_practice:
            found |= {
                "GROWMIES_PRACTICE": "1",
                "DISCORD_TOKEN": kept["PRACTICE_TOKEN"],
                "DISCORD_API_URL": f"http://127.0.0.1:{self.port('practice')}/api/v10",
                "PRACTICE_PORT": str(self.port("practice")),
            }
        for name, value in defaults.items():
            if not found.get(name):
                found[name] = value
        return found

    @property
    def _secrets_file(self) -> Path:
        return self.data_dir / "secrets.env"

    def secret(self, name: str) -> str:
        return self._secrets()[name]

    def _secrets(self) -> dict[str, str]:
        try:
            lines = self._secrets_file.read_text().splitlines()
        except FileNotFoundError:
            raise Trouble(
                f"There is no stack in {self.data_dir} yet; ./dev up makes one."
            ) from None
        except OSError as error:
            raise Trouble(f"{self._secrets_file} can't be read ({error.strerror}).") from error
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def _make_secrets(self) -> None:
        known: dict[str, str] = {}
        with contextlib.suppress(Trouble):
            known = self._secrets()
        bot_id = str(1_100_000_000_000_000_000 + secrets.randbelow(10**15))
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "EVIDENCE_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
            "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
            "VALKEY_PASSWORD": secrets.token_urlsafe(24),
            "ALERT_WEBHOOK_TOKEN": secrets.token_urlsafe(32),
            "PRACTICE_TOKEN": ".".join(
                [
                    base64.urlsafe_b64encode(bot_id.encode()).decode().rstrip("="),
                    secrets.token_urlsafe(4)[:6],
                    secrets.token_urlsafe(28)[:38],
                ]
            ),
        } | known
        if made == known:
            return
        part = self._secrets_file.with_suffix(".part")
        part.touch(mode=0o600)
        part.chmod(0o600)
        part.write_text("".join(f"{name}={value}\n" for name, value in made.items()))
        part.rename(self._secrets_file)
