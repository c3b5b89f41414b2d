"""./dev status: supervisor's word on each process, and each process' own."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from growmies_admin.stack import probes, supervising
from growmies_admin.stack.layout import Layout
from growmies_admin.stack.processes import Absent, Process, all_of

_WITH_URL = {
    "web",
    "bot",
    "practice",
    "prometheus",
    "alertmanager",
    "worker",
    "node-exporter",
    "postgres-exporter",
    "valkey-exporter",
}
_OUTSIDE = {
    "DATABASE_URL": "postgres",
    "REDIS_URL": "valkey",
    "PROMETHEUS_URL": "prometheus",
    "ALERTMANAGER_URL": "alertmanager",
}


def show(layout: Layout, *, as_json: bool) -> int:
    """Print the status; 0 only when everything is healthy."""
    found = collect(layout)
    healthy = all(entry["state"] == "healthy" for entry in found["processes"].values())
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        for name, entry in found["processes"].items():
            note = entry.get("reason") or entry.get("url", "")
            print(f"{name:<18} {entry['state']:<10} {note}")
    return 0 if healthy else 1


def collect(layout: Layout) -> dict[str, Any]:
    """{"processes": {name: {"state", "url"?, "reason"?}}, "accounts"?: […]}."""
    states = supervising.states(layout)
    environment = layout.environment()
    with ThreadPoolExecutor(8) as pool:
        entries = {
            process.name: pool.submit(_entry, layout, process, states, environment)
            for process in all_of(layout)
        }
        for variable, name in _OUTSIDE.items():
            if not layout.embeds(variable):
                entries[name] = pool.submit(_outside, layout, name, environment)
    found: dict[str, Any] = {
        "processes": {name: future.result() for name, future in entries.items()}
    }
    if layout.is_practice:
        found["accounts"] = accounts(layout)
    return found


def accounts(layout: Layout) -> list[dict[str, str]]:
    """The accounts of practice mode; the file is readable by us alone."""
    try:
        found: list[dict[str, str]] = json.loads(layout.accounts_file.read_text())
    except (OSError, ValueError):
        return []
    return found


def _entry(
    layout: Layout,
    process: Process | Absent,
    states: dict[str, dict[str, Any]],
    environment: dict[str, str],
) -> dict[str, str]:
    if isinstance(process, Absent):
        return {"state": "absent", "reason": process.reason}
    entry = {"state": "stopped"}
    if process.name in _WITH_URL:
        host = "localhost" if process.name in {"web", "practice"} else "127.0.0.1"
        entry["url"] = f"http://{host}:{layout.port(process.name)}"
    name = states.get(process.name, {}).get("statename", "STOPPED")
    if name in {"STARTING", "BACKOFF"}:
        entry["state"] = "starting"
    elif name in {"FATAL", "EXITED", "UNKNOWN"}:
        entry |= {"state": "unhealthy", "reason": f"ended; ./dev logs {process.name}"}
    elif name == "RUNNING":
        why = probes.probe(layout, process.name, environment)
        entry["state"] = "unhealthy" if why else "healthy"
        if why:
            entry["reason"] = why
    return entry


def _outside(layout: Layout, name: str, environment: dict[str, str]) -> dict[str, str]:
    why = probes.probe(layout, name, environment)
    if why:
        return {"state": "unhealthy", "reason": f"not ours, and it {why}"}
    return {"state": "healthy", "reason": "not ours"}
