"""Who is told of what: the routes by amtool, the receivers by what the environment has."""

import itertools
import stat
import subprocess

import pytest
import yaml

from growmies_admin.stack.layout import REPOSITORY, Trouble
from growmies_admin.stack.servers import debian_program
from tests.growmies_admin.stack.conftest import ALL, NOTHING, receivers

MAIL = {name: ALL[name] for name in ("SMTP_HOST", "SMTP_FROM", "ALERT_EMAIL_CRITICAL")}
ENVIRONMENTS = {
    "nothing": NOTHING,
    "all": ALL,
    "mail only": MAIL,
    "addresses without a mail server": {"ALERT_EMAIL_CRITICAL": "ops-team@example.org"},
    "mail without encryption": MAIL | {"SMTP_TLS": "0"},
    "Discord only": {"DISCORD_ALERT_WEBHOOK_URL": ALL["DISCORD_ALERT_WEBHOOK_URL"]},
    "PagerDuty and Slack": {
        name: ALL[name] for name in ("PAGERDUTY_KEY", "SLACK_WEBHOOK_URL", "ALERT_WEBHOOK_TOKEN")
    },
}
OTHERS = ("discord-bot", "discord-api", "third-party-integration")
ROUTES = {
    ("critical", "compliance"): "growmies-admin,critical-alerts,compliance-team",
    ("critical", "infrastructure"): "growmies-admin,critical-alerts",
    ("warning", "compliance"): "growmies-admin,compliance-team",
    ("warning", "infrastructure"): "growmies-admin,ops-team",
    **{("critical", other): "growmies-admin,critical-alerts" for other in OTHERS},
    **{("warning", other): "growmies-admin,default" for other in OTHERS},
}
DIRECT = ("WebDown", "WorkerDown", "PostgresDown", "ValkeyDown")


def amtool(*arguments):
    done = subprocess.run(
        [debian_program("amtool"), *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def route(path, **labels):
    """The receivers of an alert with these labels, as amtool names them."""
    command = [debian_program("amtool"), "config", "routes", "test", f"--config.file={path}"]
    command += [f"{name}={value}" for name, value in labels.items()]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def rules():
    for path in sorted((REPOSITORY / "docker" / "prometheus" / "rules").glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_amtool_accepts_it(rendered, environment):
    code, output = amtool("check-config", str(rendered(environment)[1]))
    assert code == 0, output


@pytest.mark.parametrize(("pair", "expected"), ROUTES.items(), ids=str)
def test_every_pair_reaches_its_receivers(rendered, pair, expected):
    severity, service = pair
    for environment in (NOTHING, ALL):
        path = rendered(environment)[1]
        assert route(path, alertname="Any", severity=severity, service=service) == expected


def test_the_pairs_are_those_of_the_rules():
    used = {(rule["labels"]["severity"], rule["labels"]["service"]) for rule in rules()}
    severities, services = {s for s, _ in ROUTES}, {s for _, s in ROUTES}
    assert used - {("none", "infrastructure")} <= set(ROUTES)
    assert set(ROUTES) == set(itertools.product(severities, services))


def test_the_watchdog_goes_its_own_way(rendered):
    path = rendered(ALL)[1]
    labels = {"alertname": "Watchdog", "severity": "none", "service": "infrastructure"}
    assert route(path, **labels) == "watchdog"


@pytest.mark.parametrize("name", DIRECT)
def test_what_silences_the_site_is_told_by_alertmanager(rendered, name):
    assert name in {rule["alert"] for rule in rules()}
    found = route(rendered(ALL)[1], alertname=name, severity="critical", service="infrastructure")
    assert found == "growmies-admin,application-down,critical-alerts"


def test_the_guides_grouping_and_intervals(rendered):
    top = yaml.safe_load(rendered(NOTHING)[1].read_text())["route"]
    assert top["group_by"] == ["alertname", "service"]
    assert [top[k] for k in ("group_wait", "group_interval", "repeat_interval")] == [
        "30s",
        "5m",
        "12h",
    ]
    (critical,) = (r for r in top["routes"] if r["receiver"] == "critical-alerts")
    assert (critical["group_wait"], critical["repeat_interval"]) == ("10s", "1h")


def test_without_settings_the_receivers_are_there_and_silent(rendered):
    found = receivers(rendered(NOTHING)[1])
    assert {"default", "critical-alerts", "compliance-team", "ops-team"} <= found.keys()
    assert not any(found.values())


def test_each_team_has_its_channels(rendered):
    found = receivers(rendered(ALL)[1])
    assert found["growmies-admin"].keys() == {"webhook_configs"}
    assert found["critical-alerts"].keys() == {
        "email_configs",
        "pagerduty_configs",
        "slack_configs",
    }
    assert found["compliance-team"].keys() == {"email_configs"}
    assert found["ops-team"].keys() == {"email_configs", "slack_configs"}
    assert [name for name, kinds in found.items() if "discord_configs" in kinds] == [
        "application-down"
    ]
    urls = [webhook["url"] for webhook in found["watchdog"]["webhook_configs"]]
    assert urls == ["http://127.0.0.1:8000/api/alerts/", ALL["WATCHDOG_HEARTBEAT_URL"]]
    (webhook,) = found["growmies-admin"]["webhook_configs"]
    assert webhook["http_config"]["authorization"] == {"credentials": ALL["ALERT_WEBHOOK_TOKEN"]}


def test_mail_needs_server_sender_and_address(rendered):
    assert "email_configs" in receivers(rendered(MAIL)[1])["critical-alerts"]
    assert "email_configs" not in receivers(rendered(MAIL)[1])["compliance-team"]
    for missing in MAIL:
        less = {name: value for name, value in MAIL.items() if name != missing}
        assert "email_configs" not in receivers(rendered(less)[1])["critical-alerts"]


def test_secrets_are_kept_as_they_are_and_readable_by_us_alone(rendered):
    path = rendered(ALL)[1]
    assert yaml.safe_load(path.read_text())["global"]["smtp_auth_password"] == ALL["SMTP_PASSWORD"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_WEBHOOK_URL", "hooks.slack.example.org"),
        ("DISCORD_ALERT_WEBHOOK_URL", "https://"),
        ("SMTP_HOST", "mail.example.org"),
        ("SMTP_TLS", "yes"),
        ("ALERT_EMAIL_OPS", "ops"),
    ],
)
def test_a_malformed_value_stops_with_its_name(rendered, name, value):
    with pytest.raises(Trouble, match=f"^{name} must be"):
        rendered(ALL | {name: value})


def test_an_alertmanager_elsewhere_is_sent_to_the_public_address(rendered):
    path = rendered(
        ALL | {"PUBLIC_URL": "https://admin.example.org"}, ALERTMANAGER_URL="http://10.0.0.9:9093"
    )[1]
    (webhook,) = receivers(path)["growmies-admin"]["webhook_configs"]
    assert webhook["url"] == "https://admin.example.org/api/alerts/"


def test_inhibition_names_alerts_that_exist(rendered):
    known = {rule["alert"] for rule in rules()}
    named = set()
    for rule in yaml.safe_load(rendered(NOTHING)[1].read_text())["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            name, _, value = matcher.partition("=")
            if name == "alertname":
                named |= set(value.lstrip("~").strip('"').split("|"))
    assert named and named <= known


def test_routes_of_ones_own(rendered, tmp_path):
    own = yaml.safe_load((REPOSITORY / "docker" / "alertmanager" / "alertmanager.yml").read_text())
    own["route"]["group_wait"] = "7s"
    path = tmp_path / "own.yml"
    path.write_text(yaml.safe_dump(own))
    found = yaml.safe_load(rendered(ALL | {"ALERTMANAGER_TEMPLATE": str(path)})[1].read_text())
    assert found["route"]["group_wait"] == "7s"
    assert "critical-alerts" in {receiver["name"] for receiver in found["receivers"]}


@pytest.mark.parametrize("text", ["route: {}", "- a", "{", None])
def test_a_template_that_is_none(rendered, tmp_path, text):
    path = tmp_path / "own.yml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Trouble, match="ALERTMANAGER_TEMPLATE"):
        rendered({"ALERTMANAGER_TEMPLATE": str(path)})
