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

# Offsets from the port base (docs/operations.md).
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
# With which Prometheus, Alertmanager and the exporters are asked, where they are ours.
MONITORING_USER = "growmies"
# Our PostgreSQL's first role: it makes the others, and nobody else uses it.
SUPERUSER = "growmies"
# What docker/postgres/roles.sql makes, as growmies_owner and so on.
ROLES = ("owner", "site", "reader", "backup", "maintenance")
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
            self._keep_logs_private()
            probe = self.data_dir / ".writable"
            probe.write_text("")
            probe.unlink()
        except OSError as error:
            raise Trouble(
                f"The data folder {self.data_dir} can't be written ({error.strerror}). "
                "Set GROWMIES_DATA_DIR to a folder of yours."
            ) from error
        self._make_secrets()

    def _keep_logs_private(self) -> None:
        """Nobody else reads logs; those that an earlier version left open neither."""
        folder = self.data_dir / "log"
        folder.chmod(0o700)
        for path in folder.iterdir():
            if path.is_file() and not path.is_symlink():
                path.chmod(0o600)

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
        """The environment of every process: the caller's, completed by what we embed.

        No process that serves anybody gets what the database's owner signs in with.
        """
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
            "DATABASE_URL": self._database_url("site"),
            "REDIS_URL": f"redis://:{kept['VALKEY_PASSWORD']}@127.0.0.1:{self.port('valkey')}/0",
            "PROMETHEUS_URL": f"http://127.0.0.1:{self.port('prometheus')}",
            "ALERT_WEBHOOK_TOKEN": kept["ALERT_WEBHOOK_TOKEN"],
            "ALERTMANAGER_URL": f"http://127.0.0.1:{self.port('alertmanager')}",
        } | self._passwords(kept)
        found.pop("GROWMIES_PRACTICE", None)
        found.pop("DATABASE_OWNER_URL", None)
        if self.embeds("DATABASE_URL"):
            found["DATABASE_MAINTENANCE_URL"] = self._database_url("maintenance")
            found["DATABASE_ROLES"] = "strict"
        if self.is_practice:
            found |= {
                "GROWMIES_PRACTICE": "1",
                "DISCORD_TOKEN": kept["PRACTICE_TOKEN"],
                "DISCORD_API_URL": f"http://127.0.0.1:{self.port('practice')}/api/v10",
                "PRACTICE_PORT": str(self.port("practice")),
            }
            if "PROVIDER_SECRET" in kept:  # a stack of an earlier version has none before `up`
                defaults |= self._practice_verification(kept["PROVIDER_SECRET"])
        for name, value in defaults.items():
            if not found.get(name):
                found[name] = value
        return found

    def _passwords(self, kept: dict[str, str]) -> dict[str, str]:
        """Of the monitoring that is ours; a stack of an earlier version has none before `up`."""
        found = {}
        for name in ("PROMETHEUS", "ALERTMANAGER"):
            if self.embeds(f"{name}_URL") and f"{name}_PASSWORD" in kept:
                found[f"{name}_USER"] = MONITORING_USER
                found[f"{name}_PASSWORD"] = kept[f"{name}_PASSWORD"]
        if "EXPORTER_PASSWORD" in kept:
            found["EXPORTER_PASSWORD"] = kept["EXPORTER_PASSWORD"]
        return found

    def environment_of_owner(self) -> dict[str, str]:
        """environment() for commands that a person or a start runs: these may migrate."""
        found = self.environment()
        if self.embeds("DATABASE_URL"):
            found["DATABASE_OWNER_URL"] = self._database_url("owner")
        elif given := self.outside.get("DATABASE_OWNER_URL"):
            found["DATABASE_OWNER_URL"] = given
        return found

    def _database_url(self, role: str) -> str:
        return (
            f"postgresql://{SUPERUSER}_{role}:{self.role_password(role)}"
            f"@127.0.0.1:{self.port('postgres')}/growmies"
        )

    def role_password(self, role: str) -> str:
        """Password of one of ROLES; empty in a stack of an earlier version before `up`."""
        return self._secrets().get(f"POSTGRES_{role.upper()}_PASSWORD", "")

    def _practice_verification(self, secret: str) -> dict[str, str]:
        """All ways of verification, so that each can be tried; the practice guild plays the
        provider."""
        return {
            "VERIFICATION_METHODS": "id_document,in_person,provider",
            "DISCORD_VERIFICATION_CHANNEL": "age-verification",
            "PROVIDER_URL": f"http://localhost:{self.port('practice')}"
            "/practice/provider/{reference}",
            "PROVIDER_NAME": "Practice age check",
            "PROVIDER_SECRET": secret,
        }

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
            **{f"POSTGRES_{role.upper()}_PASSWORD": secrets.token_urlsafe(24) for role in ROLES},
            "VALKEY_PASSWORD": secrets.token_urlsafe(24),
            "PROVIDER_SECRET": secrets.token_urlsafe(32),
            "ALERT_WEBHOOK_TOKEN": secrets.token_urlsafe(32),
            "PROMETHEUS_PASSWORD": secrets.token_urlsafe(32),
            "ALERTMANAGER_PASSWORD": secrets.token_urlsafe(32),
            "EXPORTER_PASSWORD": secrets.token_urlsafe(32),
            "VALKEY_EXPORTER_PASSWORD": secrets.token_urlsafe(32),
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
