"""Reads the environment for settings.py; what is malformed stops the start with one line."""

import base64
import binascii
import hashlib
import re
import sys
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from math import inf, nan
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

import environ

from monitoring.delivery.setting import Kind, Setting

env = environ.Env()
Network = IPv4Network | IPv6Network
_OTHER_BOT = re.compile(r"([a-z0-9._-]{1,32})=([a-z_]{1,32})(?::(\d{15,20}))?")
_CHANNEL = re.compile(r"[^\s,]{1,100}")
_KPI_TARGET = re.compile(r"([a-z0-9-]{1,40})=(\d{1,9}(?:\.\d{1,6})?)")
_PROBE = re.compile(r"[a-z0-9_-]{1,32}")


def stop(line: str) -> NoReturn:
    sys.stderr.write(f"Growmies Admin can't start: {line}\n")
    raise SystemExit(2)


def required(name: str, what: str) -> str:
    value: str = env.str(name, default="")
    if not value:
        stop(f"the environment variable {name} is missing ({what}).")
    return value


def integer(name: str, default: int, least: float = -inf, most: float = inf) -> int:
    try:
        whole = int(env.str(name, default="") or default)
    except ValueError:
        stop(f"{name} must be a whole number.")
    if not least <= whole <= most:
        stop(f"{name} must be a whole number from {least:.15g} to {most:.15g}.")
    return whole


def number(name: str, default: float, least: float, most: float) -> float:
    try:
        found = float(env.str(name, default="") or default)
    except ValueError:
        found = nan
    if not least <= found <= most:
        stop(f"{name} must be a number from {least:.15g} to {most:.15g}.")
    return found


def port(name: str, default: int) -> int:
    return integer(name, default, 1, 65_535)


def url(name: str, value: str, *schemes: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in schemes and bool(parts.netloc) and parts.port != 0
    except ValueError:  # a port that is no number
        sound = False
    if not sound:
        stop(f"{name} must be a URL that begins with {' or '.join(s + '://' for s in schemes)}")
    return value


def database(name: str, value: str) -> dict[str, Any]:
    """Django's settings of a PostgreSQL, from its URL.

    The scheme is looked at first: the parser warns of others with the whole URL, password and all.
    """
    found: dict[str, Any] = env.db_url_config(url(name, value, "postgresql", "postgres"))
    if not found["NAME"]:
        stop(f"{name} must name a database: postgresql://user:password@host:port/name")
    return found


def other_database(name: str) -> dict[str, Any] | None:
    """The same for a second role; None when the variable is not set."""
    value = env.str(name, default="")
    return database(name, value) if value else None


def service(name: str, default: str = "") -> str:
    """The address of a service that may be absent, without a slash at its end."""
    value = env.str(name, default="") or default
    return url(name, value, "http", "https").rstrip("/") if value else ""


def networks(name: str, default: str = "") -> tuple[Network, ...]:
    """Addresses and networks, separated by commas."""
    try:
        return tuple(
            ip_network(part.strip())
            for part in (env.str(name, default="") or default).split(",")
            if part.strip()
        )
    except ValueError:
        stop(f"{name} must be addresses or networks, such as 127.0.0.1 or 10.0.0.0/8.")


def monitor(name: str) -> tuple[str, str, str]:
    """Address, user and password of Prometheus or Alertmanager; each may be empty.

    An address stands in errors and logs, so it may hold no password.
    """
    address = service(f"{name}_URL")
    if "@" in urlsplit(address).netloc:
        stop(f"{name}_URL must hold no name and no password; set {name}_USER and {name}_PASSWORD.")
    user = env.str(f"{name}_USER", default="")
    password = env.str(f"{name}_PASSWORD", default="")
    if bool(user) != bool(password) or ":" in user:
        stop(f"{name}_USER and {name}_PASSWORD must be set together; a user has no colon.")
    return address, user, password


def methods(value: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in value.split(","))
    known = {"id_document", "in_person", "provider"}
    if len(set(names)) != len(names) or not known.issuperset(names):
        stop(
            "VERIFICATION_METHODS must name some of id_document, in_person, provider, each "
            "once, separated by commas."
        )
    return names


def commit() -> str:
    """The beginning of the checked-out commit's name; empty outside of a git checkout."""
    try:
        folder = Path(__file__).resolve().parent.parent / ".git"
        if folder.is_file():  # a worktree
            folder = Path(folder.read_text().removeprefix("gitdir:").strip())
        head = (folder / "HEAD").read_text().strip()
        if head.startswith("ref: "):
            common = folder / "commondir"
            root = folder / common.read_text().strip() if common.exists() else folder
            head = (root / head.removeprefix("ref: ")).read_text().strip()
    except OSError:
        return ""
    return head[:7]


def evidence_keys(value: str) -> tuple[bytes, ...]:
    keys = []
    for part in value.split(","):
        try:
            key = base64.b64decode(part.strip(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            stop("EVIDENCE_KEYS must be base64 of 32 bytes each, separated by commas.")
        keys.append(key)
    return tuple(keys)


def other_bots(value: str) -> tuple[tuple[str, str, int | None], ...]:
    """(name, what it is for, user id or None) of each bot; "none" is no bot at all."""
    found = []
    for part in [] if value == "none" else value.split(","):
        match = _OTHER_BOT.fullmatch(part.strip())
        if match is None:
            stop("THIRD_PARTY_BOTS must look like name=function:user id,name=function")
        found.append((match[1], match[2], int(match[3]) if match[3] else None))
    return tuple(found)


def channels(name: str, default: str) -> tuple[str, ...]:
    """Names of channels, separated by commas, without their number sign; "none" is none."""
    given = (env.str(name, default="") or default).split(",")
    found = tuple(dict.fromkeys(part.strip().removeprefix("#") for part in given))
    if not all(_CHANNEL.fullmatch(part) for part in found):
        stop(f"{name} must be names of channels, separated by commas, or none.")
    return () if found == ("none",) else found


def kpi_targets(name: str) -> dict[str, float]:
    """KPI -> limit."""
    found = {}
    for part in filter(None, env.str(name, default="").split(",")):
        match = _KPI_TARGET.fullmatch(part.strip())
        if match is None:
            stop(f"{name} must look like daily-active-users=50,retention=60")
        found[match[1]] = float(match[2])
    return found


def probes(value: str) -> dict[str, str]:
    """Further addresses to look at: name=https://host/path, separated by blanks."""
    found: dict[str, str] = {}
    for part in value.split():
        name, _, address = part.partition("=")
        if not _PROBE.fullmatch(name) or name == "public" or len(found) == 20:
            stop("PROBE_URLS must look like name=https://host/path name=https://…, 20 at most")
        found[name] = url("PROBE_URLS", address, "http", "https")
    return found


def addresses(name: str) -> list[str]:
    """Addresses of e-mail, separated by commas."""
    given = [part.strip() for part in env.str(name, default="").split(",") if part.strip()]
    if not all("@" in address for address in given):
        stop(f"{name} must be e-mail addresses, separated by commas.")
    return given


def named(variable: str) -> dict[str, str]:
    """`name=value` in each word -> name: value."""
    found = {}
    for part in env.str(variable, default="").split():
        name, sign, value = part.partition("=")
        if not (name and sign and value):
            stop(f"{variable} must be name=address, separated by spaces.")
        found[name[:80]] = value
    return found


def declared(settings: Iterable[Setting[Any]]) -> dict[str, Any]:
    """The values of settings that rooms declare, by name."""
    return {one.name: _declared(one) for one in settings}


def _declared(one: Setting[Any]) -> Any:
    value = _read(one)
    if wrong := one.check(value):
        stop(f"{one.name} {wrong}")
    return value


def _read(one: Setting[Any]) -> Any:
    match one.kind:
        case Kind.URL:
            return service(one.name, one.default)
        case Kind.NAMED:
            return named(one.name)
        case Kind.ADDRESSES:
            return addresses(one.name)
        case Kind.TEXT:
            return env.str(one.name, default="") or one.default


def smtp_url() -> str:
    """The mail server that Alertmanager uses too, as Django wants it."""
    host = env.str("SMTP_HOST", default="")
    if not host:
        return ""
    name, password = env.str("SMTP_USERNAME", default=""), env.str("SMTP_PASSWORD", default="")
    who = f"{quote(name, safe='')}:{quote(password, safe='')}@" if name else ""
    scheme = "smtp+tls" if env.str("SMTP_TLS", default="") != "0" else "smtp"
    return f"{scheme}://{who}{host}"


def fingerprint(root: Path) -> str:
    """Differs whenever code, a template, a style or a script does; the same on every machine."""
    found = hashlib.sha256()
    patterns = ("growmies_admin/**/*.py", "compliance/**/*.py", "monitoring/**/*.py")
    for pattern in (*patterns, "templates/**/*.*", "static/css/*", "static/js/*"):
        for path in sorted(root.glob(pattern)):
            found.update(path.relative_to(root).as_posix().encode())
            found.update(path.read_bytes())
    return found.hexdigest()[:12]
