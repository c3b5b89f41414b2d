"""Grafana's files from the declarations of panels: dashboards, data source, folders.

The form is that of dashboards provisioned from files (schema version 39, Grafana 11 and newer):
the dashboard itself, without the `{"dashboard": …}` that its HTTP API wants.
"""

import json
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from monitoring import policy
from monitoring.panels.boards import GRAFANA, LAYOUTS, Board
from monitoring.panels.registry import Kind, Panel, Unit, panels_of
from monitoring.tones import Tone

FOLDER = settings.BASE_DIR / "docker" / "grafana"
SCHEMA_VERSION = 39
_SOURCE = {"type": "prometheus", "uid": "growmies-prometheus"}
_WIDTH, _HEIGHT = 24, 9  # Grafana's grid has 24 columns
_TYPES = {
    Kind.STAT: "stat",
    Kind.LINES: "timeseries",
    Kind.HEATMAP: "heatmap",
    Kind.PIE: "piechart",
    Kind.TABLE: "table",
    Kind.LIST: "table",
}
_UNITS = {
    Unit.NUMBER: "short",
    Unit.PER_SECOND: "cps",
    Unit.SECONDS: "s",
    Unit.MEGABYTES: "mbytes",
    Unit.PERCENT: "percent",
    Unit.STATE: "none",
    Unit.POINTS: "none",
}
_COLOURS = {
    Tone.OK: "green",
    Tone.WARN: "orange",
    Tone.CRITICAL: "red",
    Tone.INFO: "blue",
    Tone.MUTED: "text",
}
_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}


def files() -> dict[str, str]:
    """Every file below docker/grafana that is made here: path -> text."""
    found = {
        "provisioning/datasources/prometheus.yml": _yaml(_data_sources()),
        "provisioning/dashboards/growmies.yml": _yaml(_providers()),
    }
    for board in GRAFANA:
        text = json.dumps(dashboard(board), indent=2, ensure_ascii=False) + "\n"
        found[f"dashboards/{LAYOUTS[board].folder}/{_uid(board)}.json"] = text
    return found


def write(folder: Path) -> list[Path]:
    """Write them below a folder."""
    written = []
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        written.append(path)
    return written


def dashboard(board: Board) -> dict[str, Any]:
    layout = LAYOUTS[board]
    panels = panels_of(board)
    slowest = max(panel.span for panel in panels)
    return {
        "uid": _uid(board),
        "title": layout.title,
        "description": "Made by ./dev manage export_grafana; changes here are overwritten.",
        "tags": ["growmies"],
        "timezone": policy.BOARD_ZONE,
        "editable": False,
        "graphTooltip": 1,
        "time": {"from": f"now-{int(slowest.total_seconds() // 3600)}h", "to": "now"},
        "refresh": f"{int(min(panel.refresh for panel in panels).total_seconds())}s",
        "schemaVersion": SCHEMA_VERSION,
        "panels": [_panel(panel, layout.columns) for panel in panels],
    }


def _panel(panel: Panel, columns: int) -> dict[str, Any]:
    row, column = divmod(panel.position - 1, columns)
    width = _WIDTH // columns
    found: dict[str, Any] = {
        "id": panel.position,
        "type": _TYPES[panel.kind],
        "title": panel.title,
        "description": f"{panel.about} Runbook: {panel.runbook}",
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": width, "x": column * width, "y": row * _HEIGHT},
        "targets": [_target(panel, number) for number in range(len(panel.queries))],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
    }
    if panel.kind == Kind.TABLE:
        hidden = {"excludeByName": {"Time": True}}
        found["transformations"] = [{"id": "organize", "options": hidden}]
    return found


def _target(panel: Panel, number: int) -> dict[str, Any]:
    query = panel.queries[number]
    found: dict[str, Any] = {
        "refId": chr(ord("A") + number),
        "datasource": _SOURCE,
        "expr": query.promql,
        "legendFormat": query.legend,
    }
    if panel.kind == Kind.HEATMAP:
        return found | {"format": "time_series", "range": True, "interval": "1h"}
    if panel.kind == Kind.LINES:
        return found | {"format": "time_series", "range": True}
    shape = "table" if panel.kind in (Kind.TABLE, Kind.LIST) else "time_series"
    return found | {"format": shape, "instant": True, "range": False}


def _defaults(panel: Panel) -> dict[str, Any]:
    """Unit, colours, and words instead of 0 and 1 where the figure is a state."""
    found: dict[str, Any] = {"unit": _UNITS[panel.unit], "noValue": panel.empty}
    steps: list[dict[str, Any]] = [{"color": _COLOURS[Tone.OK], "value": None}]
    if panel.thresholds and panel.thresholds[0].value == 0:
        steps = [{"color": _COLOURS[panel.thresholds[0].tone], "value": None}]
    steps += [
        {"color": _COLOURS[one.tone], "value": one.value} for one in panel.thresholds if one.value
    ]
    found["thresholds"] = {"mode": "absolute", "steps": steps}
    if panel.kind == Kind.STAT:
        found["color"] = {"mode": "thresholds"}
    if panel.kind in (Kind.LINES, Kind.PIE):
        found["color"] = {"mode": "palette-classic"}
    if panel.kind == Kind.LINES:
        found["custom"] = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 10}
        found["min"] = 0
    if panel.unit == Unit.STATE:
        states = {"0": {"text": "Offline", "index": 0}, "1": {"text": "Online", "index": 1}}
        found["mappings"] = [{"type": "value", "options": states}]
    return found


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == Kind.STAT:
        return {
            "colorMode": "background",
            "graphMode": "none",
            "justifyMode": "auto",
            "orientation": "auto",
            "textMode": "value_and_name" if panel.unit == Unit.STATE else "value",
            "wideLayout": True,
            "showPercentChange": False,
            "percentChangeColorMode": "standard",
            "reduceOptions": _LAST,
        }
    if panel.kind == Kind.LINES:
        return {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
    if panel.kind == Kind.PIE:
        legend = {**_LEGEND, "placement": "right", "values": ["value", "percent"]}
        return {
            "pieType": "donut",
            "displayLabels": ["name", "percent"],
            "legend": legend,
            "reduceOptions": _LAST,
            "tooltip": {"mode": "single", "sort": "none"},
        }
    if panel.kind == Kind.HEATMAP:
        return {
            "calculate": False,
            "color": {
                "mode": "scheme",
                "scheme": "Greens",
                "steps": 64,
                "exponent": 0.5,
                "fill": "dark-orange",
                "reverse": False,
            },
            "cellGap": 2,
            "filterValues": {"le": 1e-9},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "showValue": "never",
            "tooltip": {"mode": "single", "yHistogram": False, "showColorScale": False},
            "yAxis": {"axisPlacement": "left", "reverse": False},
            "exemplars": {"color": "rgba(255,0,255,0.7)"},
        }
    return {"showHeader": True, "cellHeight": "sm"}


def _uid(board: Board) -> str:
    return LAYOUTS[board].title.lower().replace(" nj - ", "-").replace(" ", "-")


def _data_sources() -> dict[str, Any]:
    return {
        "apiVersion": 1,
        "datasources": [
            {
                "name": "Growmies Prometheus",
                "uid": _SOURCE["uid"],
                "type": "prometheus",
                "access": "proxy",
                "url": "$PROMETHEUS_URL",
                "isDefault": True,
                "editable": False,
                "basicAuth": True,
                "basicAuthUser": "$PROMETHEUS_USER",
                "secureJsonData": {"basicAuthPassword": "$PROMETHEUS_PASSWORD"},
                "jsonData": {
                    "httpMethod": "POST",
                    "timeInterval": f"{int(policy.SCRAPE_EVERY.total_seconds())}s",
                },
            }
        ],
    }


def _providers() -> dict[str, Any]:
    """One provider; its folders are those below /var/lib/grafana/dashboards."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": "growmies",
                "type": "file",
                "disableDeletion": True,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {
                    "path": "/var/lib/grafana/dashboards",
                    "foldersFromFilesStructure": True,
                },
            }
        ],
    }


def _yaml(content: dict[str, Any]) -> str:
    head = "# Made by ./dev manage export_grafana; see docs/boards.md.\n"
    return head + yaml.safe_dump(content, sort_keys=False)
