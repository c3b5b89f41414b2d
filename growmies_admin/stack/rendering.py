"""The configurations of Prometheus and Alertmanager, filled in from docker/ and the environment.

An integration of a receiver, or a key of Alertmanager's `global`, that names a variable
which is not set is left out. So is a password of Prometheus' that is not set, but what is ours to
run is never without. The results have secrets: they are readable by us alone.
"""

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

import bcrypt
import yaml

from growmies_admin.stack.layout import MONITORING_USER, OFFSETS, REPOSITORY, Layout, Trouble
from growmies_admin.stack.processes import Process, all_of

# What a value must look like, in words, and how it is told.
_ADDRESS = "an address that begins with http:// or https://"
_MAIL = "an e-mail address, or several with commas between"
OPTIONAL = {
    "SMTP_HOST": "host:port of the mail server",
    "SMTP_FROM": _MAIL,
    "SMTP_USERNAME": "",
    "SMTP_PASSWORD": "",
    "ALERT_EMAIL_CRITICAL": _MAIL,
    "ALERT_EMAIL_COMPLIANCE": _MAIL,
    "ALERT_EMAIL_OPS": _MAIL,
    "PAGERDUTY_KEY": "",
    "SLACK_WEBHOOK_URL": _ADDRESS,
    "DISCORD_ALERT_WEBHOOK_URL": _ADDRESS,
    "WATCHDOG_HEARTBEAT_URL": _ADDRESS,
    "ALERT_WEBHOOK_TOKEN": "",
}
# Scrape jobs that are asked only where we run the process, or where it is somebody else's.
_PROCESS_OF = {
    "alertmanager": "alertmanager",
    "node": "node-exporter",
    "postgres": "postgres-exporter",
    "valkey": "valkey-exporter",
}
_NOTE = "# Written by ./dev from docker/{source}; what is changed here is lost at the next start.\n"
Values = Mapping[str, str | bool]
# Each wrong password costs the server some 15 ms; right ones it remembers.
_BCRYPT_ROUNDS = 8
_BCRYPT_BYTES = 72  # of a password; bcrypt takes no more


class _Unset(LookupError):
    """A placeholder whose variable is not set."""


def write(layout: Layout, environment: Mapping[str, str], folder: Path) -> list[Path]:
    """Write both configurations and their passwords below `folder`, mode 0600.

    The first two of what is returned are Prometheus' configuration and Alertmanager's. Raises
    Trouble for a malformed value.
    """
    found = [
        _write(folder / "prometheus" / "prometheus.yml", prometheus(layout, environment)),
        _write(folder / "alertmanager" / "alertmanager.yml", alertmanager(layout, environment)),
    ]
    for server, (user, password) in _accounts(environment).items():
        # What Prometheus shows when it asks, and by what each of them knows who asks.
        found.append(_write(folder / "prometheus" / f"{server}.password", password))
        place = "exporters" if server == "exporter" else server
        found.append(_write(folder / place / "web.yml", _web_config(server, user, password)))
    return found


def prometheus(layout: Layout, environment: Mapping[str, str]) -> str:
    """Prometheus' configuration, without scrape jobs of exporters that don't run here."""
    rules = Path(environment.get("PROMETHEUS_RULES_DIR") or _default_rules()).resolve()
    if not rules.is_dir():
        raise Trouble(f"PROMETHEUS_RULES_DIR must be a folder with rule files, not {rules}.")
    for name in ("PROMETHEUS_URL", "ALERTMANAGER_URL"):
        if "@" in urlsplit(layout.outside.get(name, "")).netloc:
            server = name.removesuffix("_URL")
            raise Trouble(
                f"{name} must hold no name and no password;"
                f" set {server}_USER and {server}_PASSWORD."
            )
    alertmanager_at = urlsplit(
        layout.outside.get("ALERTMANAGER_URL") or f"http://{_address(layout, 'alertmanager')}"
    )
    values = {name.replace("-", "_"): _address(layout, name) for name in (*OFFSETS, "bot")}
    values |= {
        "rules": str(rules),
        "alertmanager": alertmanager_at.netloc,
        "alertmanager_scheme": alertmanager_at.scheme,
        "alertmanager_path": alertmanager_at.path or "/",
    }
    accounts = _accounts(environment)
    values |= {
        f"{server}_user": accounts[server][0] if server in accounts else ""
        for server in ("prometheus", "alertmanager", "exporter")
    }
    source = "prometheus/prometheus.yml"
    found = _filled(_template(source), values)
    running = {process.name for process in all_of(layout) if isinstance(process, Process)}
    if layout.outside.get("ALERTMANAGER_URL"):
        running.add("alertmanager")
    found["scrape_configs"] = [
        job
        for job in found["scrape_configs"]
        if _PROCESS_OF.get(job["job_name"]) in running or job["job_name"] not in _PROCESS_OF
    ]
    asked = list(found["scrape_configs"])
    if "alertmanager" in running:
        asked += found["alerting"]["alertmanagers"]
    else:
        del found["alerting"]
    for one in asked:
        if not one.get("basic_auth", {}).get("username", "none"):
            del one["basic_auth"]
    return _text(source, found)


def alertmanager(layout: Layout, environment: Mapping[str, str]) -> str:
    """Alertmanager's configuration with the integrations whose variables are set."""
    values: dict[str, str | bool] = {"intake": f"http://{_address(layout, 'web')}/api/alerts/"}
    if layout.outside.get("ALERTMANAGER_URL"):  # it may be on another machine
        values["intake"] = f"{environment['PUBLIC_URL'].rstrip('/')}/api/alerts/"
    for name, what in OPTIONAL.items():
        if value := environment.get(name, "").strip():
            values[name] = _sound(name, value, what)
    tls = environment.get("SMTP_TLS", "").strip() or "1"
    if tls not in {"0", "1"}:
        raise Trouble("SMTP_TLS must be 1 or 0.")
    values["SMTP_TLS"] = tls == "1"
    source = "alertmanager/alertmanager.yml"
    found = _own(environment, "ALERTMANAGER_TEMPLATE") or _template(source)
    found["global"] = _set_keys(found["global"], values)
    found["receivers"] = [_receiver(receiver, values) for receiver in found["receivers"]]
    return _text(source, found)


def _accounts(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Server -> name and password, for those that ask for them."""
    found = {
        server: (environment.get(f"{server.upper()}_USER", ""), password)
        for server in ("prometheus", "alertmanager")
        if (password := environment.get(f"{server.upper()}_PASSWORD", ""))
    }
    if password := environment.get("EXPORTER_PASSWORD", ""):
        found["exporter"] = (MONITORING_USER, password)
    return found


def _web_config(server: str, user: str, password: str) -> str:
    """What a server of Prometheus' family takes as --web.config.file."""
    name = server.upper()
    if not user:
        raise Trouble(f"{name}_USER and {name}_PASSWORD must be set together.")
    if len(password.encode()) > _BCRYPT_BYTES:
        raise Trouble(f"{name}_PASSWORD must have {_BCRYPT_BYTES} bytes at most.")
    found = bcrypt.hashpw(password.encode(), bcrypt.gensalt(_BCRYPT_ROUNDS)).decode()
    return yaml.safe_dump({"basic_auth_users": {user: found}})


def _default_rules() -> Path:
    return REPOSITORY / "docker" / "prometheus" / "rules"


def _address(layout: Layout, name: str) -> str:
    return f"127.0.0.1:{layout.port(name)}"


def _sound(name: str, value: str, what: str) -> str:
    parts = urlsplit(value) if what == _ADDRESS else None
    wrong = (parts is not None and (parts.scheme not in {"http", "https"} or not parts.netloc)) or (
        what == _MAIL and not all("@" in part for part in value.split(","))
    )
    wrong = wrong or (name == "SMTP_HOST" and not value.rpartition(":")[2].isdigit())
    if wrong:
        raise Trouble(f"{name} must be {what}.")
    return value


def _template(source: str) -> Any:
    return yaml.safe_load((REPOSITORY / "docker" / source).read_text())


def _own(environment: Mapping[str, str], name: str) -> Any:
    """A template of the operator's own in place of ours; None without one."""
    chosen = environment.get(name, "").strip()
    if not chosen:
        return None
    try:
        found = yaml.safe_load(Path(chosen).read_text())
    except (OSError, ValueError, yaml.YAMLError):
        found = None
    if not isinstance(found, dict) or not {"global", "route", "receivers"} <= found.keys():
        raise Trouble(
            f"{name} must be a file like docker/alertmanager/alertmanager.yml, with global,"
            f" route and receivers, not {chosen}."
        )
    return found


def _receiver(receiver: dict[str, Any], values: Values) -> dict[str, Any]:
    found: dict[str, Any] = {"name": receiver["name"]}
    for kind, integrations in receiver.items():
        if kind == "name":
            continue
        filled = []
        for integration in integrations:
            try:
                filled.append(_filled(integration, values))
            except _Unset:
                continue
        if filled:
            found[kind] = filled
    return found


def _set_keys(mapping: dict[str, Any], values: Values) -> dict[str, Any]:
    found = {}
    for key, value in mapping.items():
        try:
            found[key] = _filled(value, values)
        except _Unset:
            continue
    return found


def _filled(node: Any, values: Values) -> Any:
    """The same structure with every $name replaced. Raises _Unset."""
    if isinstance(node, dict):
        return {key: _filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, values) for value in node]
    if not isinstance(node, str) or "$" not in node:
        return node
    try:
        if node[0] == "$" and node[1:] in values:
            return values[node[1:]]
        return Template(node).substitute(values)
    except KeyError as name:
        raise _Unset(*name.args) from None


def _text(source: str, found: Any) -> str:
    body: str = yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=1000)
    return _NOTE.format(source=source) + body


def _write(target: Path, text: str) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    target.chmod(0o600)
    target.write_text(text)
    return target
