"""Grafana's files are made from the panels, have the expressions agreed on, and fit its schema."""

import json
import re
from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from monitoring.panels import grafana
from monitoring.panels.boards import Board

# The expressions agreed on, by dashboard and panel.
GUIDE = {
    "Growmies NJ - System Overview": {
        "Bot Status": ['up{job="discord-bot"}'],
        "Active Users": ["discord_active_users"],
        "Command Execution Rate": ["rate(discord_commands_total[5m])"],
        "Memory Usage": ["process_resident_memory_bytes / 1024 / 1024"],
        "Age Verification Status": ["sum by (status) (age_verification_total)"],
        "Compliance Violations (24h)": ["increase(compliance_violations_total[24h])"],
    },
    "Growmies NJ - Community Health": {
        "Member Growth": [
            "discord_guild_members",
            'discord_active_users{channel_type="verified"}',
        ],
        "Channel Activity Heatmap": ["rate(discord_messages_total[1h])"],
        "Growing Help Requests": ['discord_messages_total{channel="growing-help"}'],
        "Educational Content Engagement": [
            'discord_messages_total{contains_cannabis_content="true"}'
        ],
        "Moderation Actions": ["sum by (action, reason) (content_moderation_total)"],
        "Third-Party Bot Health": ["third_party_bot_health"],
    },
}
# The types agreed on, where Grafana has them still: `graph` and `pie` are called otherwise now.
TYPES = {"stat", "timeseries", "heatmap", "piechart", "table"}


@pytest.fixture(params=[Board.OVERVIEW, Board.COMMUNITY])
def dashboard(request):
    return grafana.dashboard(request.param)


def test_the_files_in_the_repository_are_those_of_the_panels():
    stored = {
        str(path.relative_to(grafana.FOLDER)): path.read_text()
        for path in grafana.FOLDER.rglob("*")
        if path.is_file()
    }
    assert stored == grafana.files(), "run ./dev manage export_grafana"


def test_the_command_writes_them(tmp_path):
    out = StringIO()
    call_command("export_grafana", to=tmp_path, stdout=out)
    assert len(out.getvalue().split()) == len(grafana.files()) == 4
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4


def test_six_panels_with_the_guides_expressions(dashboard):
    guide = GUIDE[dashboard["title"]]
    assert [panel["title"] for panel in dashboard["panels"]] == list(guide)
    for panel in dashboard["panels"]:
        for target, expression in zip(panel["targets"], guide[panel["title"]], strict=True):
            # As it stands there, or with the series that it has put together, or the bot's alone.
            plain = re.sub(r"^(sum|max)( by \(\w+\))? ?\((.*)\)$", r"\3", target["expr"])
            of_the_bot = plain.removesuffix('{job="discord-bot"}')
            assert expression in (target["expr"], plain, of_the_bot)


def test_it_fits_grafanas_schema(dashboard):
    """Parsed into Grafana's own types and written again it says the same: no key is unknown."""
    parsed = Dashboard.from_json(dashboard)
    again = json.loads(json.dumps(parsed, cls=JSONEncoder))
    missing = list(_missing(dashboard, again))
    assert not missing
    assert {panel["type"] for panel in dashboard["panels"]} <= TYPES


def _missing(ours, theirs, path=""):
    if isinstance(ours, dict):
        for key, value in ours.items():
            if key not in theirs:
                yield f"{path}.{key}"
            else:
                yield from _missing(value, theirs[key], f"{path}.{key}")
    elif isinstance(ours, list):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _missing(one, other, f"{path}[{number}]")
    elif ours != theirs:
        yield f"{path}: {ours!r} became {theirs!r}"


def test_panels_fill_the_grid_without_overlapping(dashboard):
    cells = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        mine = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not mine & cells
        cells |= mine
    assert len({panel["id"] for panel in dashboard["panels"]}) == 6


def test_data_source_and_folders_are_provisioned():
    files = grafana.files()
    source = yaml.safe_load(files["provisioning/datasources/prometheus.yml"])["datasources"][0]
    used = {
        target["datasource"]["uid"]
        for name, text in files.items()
        if name.endswith(".json")
        for panel in json.loads(text)["panels"]
        for target in panel["targets"]
    }
    assert used == {source["uid"]}
    provider = yaml.safe_load(files["provisioning/dashboards/growmies.yml"])["providers"][0]
    assert provider["options"]["foldersFromFilesStructure"] is True
    folders = {name.split("/")[1] for name in files if name.startswith("dashboards/")}
    assert folders == {"Operations", "Community"}
