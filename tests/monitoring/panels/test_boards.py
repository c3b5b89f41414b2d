"""What boards say without Prometheus, when data is old, and that all tell the same score."""

import re
import time
from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from monitoring import policy
from monitoring.alerts import fingerprints
from monitoring.health import scoring
from monitoring.health.answers import web_sampler
from monitoring.health.score import Fires, Firing, firing, formula, of
from monitoring.panels import board as boards
from monitoring.panels import drawing
from monitoring.panels.boards import Board
from monitoring.panels.registry import panel
from monitoring.panels.shown import Shown
from monitoring.prometheus.client import Sample
from monitoring.prometheus.keeping import Kept, keeper
from monitoring.tones import Tone

pytestmark = pytest.mark.django_db

WELL = {"checks": {"database": {"status": "healthy"}}}


def section(page, slug):
    found = re.search(rf'<section[^>]*data-panel="{slug}".*?</section>', page, re.S)
    assert found, f"there is no panel {slug}"
    return found[0]


def keep(slug, seconds_old):
    """As if the panel had been read so long ago, and its source had failed since."""
    shown = Shown(figure="17", unit="online")
    at = time.time() - seconds_old
    keeper._kept[f"panel:{slug}"] = Kept((shown, "v1"), at, slot=2**62, failed="Away.")


def test_it_works(sign_in, staff):
    page = sign_in(staff("viewer")).get("/wall/main/")
    assert page.status_code == 200
    text = page.content.decode()
    assert len(re.findall(r'<section class="panel', text)) == 12
    assert 'aria-label="Memory/CPU Usage"' in section(text, "memory-cpu-usage")
    assert "Memory and CPU" in section(text, "memory-cpu-usage")


def test_without_prometheus_each_panel_says_why(sign_in, staff):
    text = sign_in(staff("viewer")).get("/wall/main/").content.decode()
    users = section(text, "active-user-count")
    assert "Prometheus is not installed or not configured here." in users
    assert "No data" in users


@pytest.mark.parametrize(
    ("path", "slug", "words"),
    [
        ("/wall/main/", "backup-status", "Backups are not set up yet"),
        ("/wall/secondary/", "system-logs", "Logs are not collected in one place yet."),
    ],
)
def test_what_is_not_built_says_so(sign_in, staff, path, slug, words):
    found = section(sign_in(staff("viewer")).get(path).content.decode(), slug)
    assert words in found
    assert "Not measured" in found
    assert 'class="figure' not in found


def test_old_data_stays_and_says_its_age(sign_in, staff):
    limit = panel("active-user-count").stale_after.total_seconds()
    viewer = sign_in(staff("viewer"))
    keep("active-user-count", limit - 5)
    fresh = section(viewer.get("/wall/main/panels/").content.decode(), "active-user-count")
    assert "17" in fresh and "stale" not in fresh.split(">")[0].split('"')[1]
    keep("active-user-count", limit + 120)
    old = section(viewer.get("/wall/main/panels/").content.decode(), "active-user-count")
    assert "17" in old and 'class="panel stale"' in old
    assert re.search(r"data-age>2 m \d\d s old<", old)


def test_a_display_that_has_everything_gets_facts_only(sign_in, staff):
    viewer = sign_in(staff("viewer"))
    keep("active-user-count", 1)
    first = viewer.get("/wall/main/panels/").content.decode()
    seen = re.search(r'data-seen="(\w+)"', first)[1]
    again = viewer.get("/wall/main/panels/", {"seen": seen}).content.decode()
    assert "active-user-count=" in again, "its age is not told"
    assert "<section" not in again
    assert len(again) < 1000


def test_figures_of_charts_come_by_panel(sign_in, staff):
    shown = Shown(chart={"data": [], "layout": {}})
    keeper._kept["panel:community-activity-heat-map"] = Kept((shown, "v"), time.time(), 2**62)
    answer = sign_in(staff("viewer")).get("/wall/main/charts/").json()
    assert answer == {"community-activity-heat-map": {"data": [], "layout": {}}}


def test_the_score_is_the_same_everywhere(sign_in, staff):
    sample = web_sampler.sample()
    scoring._export(sample)
    metric = REGISTRY.get_sample_value("system_health_score")
    viewer = sign_in(staff("viewer"))
    wall = section(viewer.get("/wall/main/").content.decode(), "system-status-overview")
    phone = section(viewer.get("/mobile/").content.decode(), "system-health-score")
    figure = int(re.search(r'class="figure[^"]*">\s*(\d+)', wall)[1])
    assert figure == int(re.search(r'aria-label="(\d+) of 100"', phone)[1])
    assert figure == metric == scoring.current().value


def test_the_phones_headline_and_its_score_are_of_one_moment(sign_in, staff, monkeypatch):
    viewer = sign_in(staff("viewer"))
    viewer.get("/mobile/")
    sample = {"checks": {"database": {"status": "unhealthy", "error": "It does not answer."}}}
    monkeypatch.setattr(web_sampler, "last", lambda: sample)
    page = viewer.get("/mobile/").content.decode()
    assert "items need attention" in page or "1 item needs attention" in page
    assert f'aria-label="{scoring.current().value} of 100"' in page


def test_what_is_not_known_beside_known_alerts():
    confirmed = Firing(of_names("WorkerDown"), [], 0)
    assert of(WELL, confirmed).unknown == ""
    assert of(WELL, None).unknown == "Alerts are not known at the moment."
    old = Firing(of_names("WorkerDown"), [], 0, is_confirmed=False)
    assert of(WELL, old).unknown == "Newer alerts are not known at the moment."


def test_what_died_has_no_figure_now(monkeypatch):
    """A line that ended half an hour ago is history, and the chart goes on to now."""
    now = int(time.time()) // 60 * 60

    def ranged(promql, **span):
        ends = now - 1800 if "commands" in promql else now
        return [Sample({"command": "help"}, 2.0, ((ends - 60.0, 2.0), (float(ends), 2.0)))]

    monkeypatch.setattr(drawing, "query_range", ranged)
    shown = boards.shown_by(panel("command-execution-rate"))
    assert [row[1] for row in shown.chart_table.rows] == ["–"]
    last = datetime.fromisoformat(shown.chart["layout"]["xaxis"]["range"][1])
    assert last.timestamp() == pytest.approx(
        datetime.fromtimestamp(now, tz=drawing._NEW_YORK).replace(tzinfo=None).timestamp(), abs=61
    )
    alive = boards.shown_by(panel("active-users"))
    assert [row[1] for row in alive.chart_table.rows] == ["2"]


def test_a_bot_that_is_down_runs_no_commands(monkeypatch):
    from growmies_admin.bot import panels as of_the_bot
    from monitoring.prometheus.keeping import NothingMeasured

    for up, says in ((1.0, ""), (0.0, "The bot is down: nothing is counted.")):
        answers = {"up": up}
        monkeypatch.setattr(
            of_the_bot, "value", lambda promql, a=answers: a["up"] if "max(up" in promql else 0.0
        )
        monkeypatch.setattr(of_the_bot, "line", lambda *args, **more: None)
        monkeypatch.setattr(of_the_bot, "query", lambda promql: [])
        for slug in ("live-command-activity", "error-rate-trends"):
            if says:
                with pytest.raises(NothingMeasured, match=says):
                    boards.shown_by(panel(slug))
            else:
                assert boards.shown_by(panel(slug)).figure == "0"


def test_the_formula_is_on_the_page(sign_in, staff):
    phone = section(
        sign_in(staff("viewer")).get("/mobile/").content.decode(), "system-health-score"
    )
    for words, points in (
        ("Each critical check that fails", policy.SCORE_CRITICAL_CHECK),
        ("Each other check that fails", policy.SCORE_OTHER_CHECK),
        ("Each critical alert that needs attention, 40 at most", policy.SCORE_CRITICAL_ALERT),
        ("Each warning that needs attention, 10 at most", policy.SCORE_WARNING),
        ("Each overdue review, 6 at most", policy.SCORE_OVERDUE_REVIEW),
        ("No good backup under 24 hours old", policy.SCORE_OLD_BACKUP),
    ):
        assert re.search(rf"{words}.*?−{points}<", phone, re.S), words
    assert "Database" in formula()[0].what and "Valkey" in formula()[1].what


def of_names(*names):
    return [Fires(name, name) for name in names]


def test_what_the_score_deducts():
    fires = Firing(critical=of_names("A", "B", "C"), warning=of_names("D"), overdue_reviews=2)
    score = of(WELL, fires)
    assert [found.points for found in score.deductions] == [20, 20, 0, 4, 2]
    assert score.value == 54
    assert of(WELL, None).not_measured == ["alerts", "backups"]


def test_a_failing_check_that_is_critical_stands_before_what_came_first():
    """A wall cuts the list, and the phone names its first one."""
    checks = {
        "auditHeads": {"status": "degraded", "critical": False},
        "discord": {"status": "unhealthy", "critical": True},
    }
    score = of({"checks": checks}, Firing([], [], 0))
    assert [found.words.partition(":")[0] for found in score.deductions] == [
        "Discord connection",
        "Audit trail",
    ]


def test_every_check_has_a_title_for_people():
    from monitoring.health import registry, score

    names = {
        check.name for where in (registry.WEB, registry.BOT) for check in registry.checks_of(where)
    }
    assert names <= score._TITLES.keys()


def test_alerts_of_one_name_are_one_line_of_the_score():
    score = of(WELL, Firing(of_names("Burn", "Burn", "Down"), [], 0))
    assert [(d.words, d.points) for d in score.deductions] == [("Burn ×2", 40), ("Down", 0)]


def test_what_the_application_raises_costs_points_too(monkeypatch):
    from monitoring.alerts import raising
    from monitoring.health import score

    monkeypatch.setattr(score, "query", lambda promql: [])
    kind = raising.Kind("HighResourceUsage", "warning", "infrastructure")
    raising.raise_alert(kind, summary="CPU usage is high: 97 %", labels={"resource": "cpu"})
    raising.raise_alert(kind, summary="Disk usage is high: 96 %", labels={"resource": "disk"})
    found = of(WELL, score.firing()).deductions
    assert [(one.words, one.points) for one in found] == [
        ("CPU usage is high: 97 %", policy.SCORE_WARNING),
        ("Disk usage is high: 96 %", policy.SCORE_WARNING),
    ]
    raising.lower(kind, labels={"resource": "cpu"})
    raising.lower(kind, labels={"resource": "disk"})
    assert score.firing().warning == []


def test_what_only_prometheus_knows_is_said_in_words(monkeypatch):
    from monitoring.alerts import firing as of_the_record
    from monitoring.health import score
    from monitoring.prometheus.client import Sample

    labels = {"alertname": "PostgresDown", "severity": "critical"}
    sample = Sample(labels | {"__name__": "ALERTS", "alertstate": "firing"}, 1.0)
    monkeypatch.setattr(score, "query", lambda promql: [sample] if "ALERTS" in promql else [])
    known = [{"labels": labels, "annotations": {"summary": "PostgreSQL is down"}}]
    monkeypatch.setattr(of_the_record, "firing_alerts", lambda: known)
    assert score.firing().critical == [Fires("PostgresDown", "PostgreSQL is down")]


def test_what_is_handled_is_said_in_words(operator_has):
    from monitoring.walls.views import _lead

    assert _lead(True, of(WELL, firing()), []) == (
        "Bot online. Being handled: Age verification fails (acknowledged by olga)."
    )


@pytest.fixture
def operator_has(fires, staff, monkeypatch):
    """An operator has acknowledged what fires."""
    from monitoring.alerts import acknowledging
    from monitoring.health import score

    fires.labels = {"alertname": fires.name, "severity": "critical"}
    fires.fingerprint = fingerprints.of(fires.labels)
    fires.save()
    monkeypatch.setattr(score, "query", lambda promql: [])
    acknowledging.acknowledge(fires.pk, by=staff("operator", username="olga"))


def test_the_phone_page_has_its_four_panels(sign_in, staff):
    page = sign_in(staff("viewer")).get("/mobile/").content.decode()
    assert re.findall(r'data-panel="([\w-]+)"', page) == [
        one.slug
        for one in (
            panel("bot-online-status"),
            panel("critical-alerts"),
            panel("emergency-contact-info"),
            panel("system-health-score"),
        )
    ]
    assert "tabler" not in page


def test_it_can_be_installed(client):
    manifest = client.get("/mobile/manifest.webmanifest").json()
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    assert any(icon["purpose"] == "maskable" for icon in manifest["icons"])
    worker = client.get("/mobile/worker.js")
    assert worker["Content-Type"].startswith("text/javascript")


def test_signing_out_clears_what_is_kept_offline(sign_in, staff):
    viewer = sign_in(staff("viewer"))
    assert "Clear-Site-Data" not in viewer.get("/mobile/")
    assert "storage" in viewer.post("/accounts/logout/")["Clear-Site-Data"]


def test_who_never_opened_the_phone_page_keeps_their_storage(sign_in, staff):
    viewer = sign_in(staff("viewer"))
    assert viewer.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'


def test_alerts_that_fire_come_first_on_the_boards(sign_in, staff):
    from django.utils import timezone

    from monitoring.alerts.models import Alert, Status

    now = timezone.now()
    for name, severity, ended in (
        ("Over", "critical", now),
        ("Slow", "warning", None),
        ("Down", "critical", None),
        (policy.WATCHDOG, "info", None),
    ):
        status = Status.RESOLVED if ended else Status.FIRING
        Alert.objects.create(
            fingerprint=name, starts_at=now, ends_at=ended, name=name, severity=severity,
            status=status, annotations={"summary": f"{name} it is"},
        )  # fmt: skip
    view = boards.now(Board.MAIN).of("recent-alerts").shown
    assert [item.words for item in view.items] == ["Down", "Slow", "Over"]
    assert (view.chip, view.chip_tone) == ("2 firing", Tone.CRITICAL)
    phone = boards.now(Board.MOBILE).of("critical-alerts").shown
    assert [item.words for item in phone.items] == ["Down it is"]
    history = boards.now(Board.SECONDARY).of("alert-history").shown
    assert {item.words for item in history.items} == {"Down", "Slow", "Over"}


@pytest.fixture
def fires():
    """A critical alert in the record and in the score."""
    from django.utils import timezone

    from monitoring.alerts.models import Alert

    return Alert.objects.create(
        fingerprint="f1",
        name="AgeVerificationFailure",
        severity="critical",
        labels={},
        annotations={"summary": "Age verification fails"},
        status="firing",
        starts_at=timezone.now() - timedelta(minutes=14),
        last_received_at=timezone.now(),
    )


def test_an_alert_that_our_record_still_has_costs_its_points(fires, monkeypatch):
    from monitoring.health import score
    from monitoring.prometheus.client import Sample

    fires.labels = {"alertname": fires.name, "severity": "critical"}
    fires.save()
    monkeypatch.setattr(score, "query", lambda promql: [])
    assert [one.name for one in score.firing().critical] == [fires.name]
    same = Sample(fires.labels | {"__name__": "ALERTS", "alertstate": "firing"}, 1.0)
    monkeypatch.setattr(score, "query", lambda promql: [same] if "ALERTS" in promql else [])
    assert [one.name for one in score.firing().critical] == [fires.name], "it is counted once"


def test_an_alert_of_our_record_costs_its_points_without_prometheus(fires, settings):
    settings.PROMETHEUS_URL = ""
    fires.labels = {"alertname": fires.name, "severity": "critical"}
    fires.fingerprint = fingerprints.of(fires.labels)
    fires.save()
    score = of(WELL, firing())
    assert [found.words for found in score.deductions] == ["Age verification fails"]
    assert score.not_measured == ["Prometheus' alerts", "backups"]


def test_the_phone_says_a_critical_alert_in_words(fires):
    from monitoring.panels.shown import Item
    from monitoring.walls.views import _lead

    item = Item("Age verification fails", "", alert=fires.name, lasts="14 min")
    score = of(WELL, Firing([Fires(fires.name, fires.summary)], [], 0))
    assert _lead(True, score, [item]) == "Bot online. Age verification fails, for 14 min."
    assert _lead(False, score, []).endswith("Discord. Age verification fails.")


def test_before_the_first_sample_the_phone_says_neither_good_nor_bad(sign_in, staff):
    page = sign_in(staff("viewer")).get("/mobile/").content.decode()
    assert '<h1 class="answer tone-muted">Not measured yet</h1>' in page
    assert '<p class="lead">Whether the bot is online is not known yet.</p>' in page
    health = section(page, "system-health-score")
    assert "No check has run yet." in health and "100 of 100" not in health


def test_before_the_first_sample_no_board_and_no_desk_page_is_green(sign_in, staff):
    viewer = sign_in(staff("viewer"))
    wall = section(viewer.get("/wall/main/").content.decode(), "system-status-overview")
    assert "tone-ok" not in wall and "Not measured" in wall
    chip = viewer.get("/status-chip/").content.decode()
    assert "tone-muted" in chip and "Not measured yet" in chip


def test_before_the_first_sample_an_alert_is_told_all_the_same(fires, sign_in, staff):
    fires.labels = {"alertname": fires.name, "severity": "critical"}
    fires.save()
    page = sign_in(staff("viewer")).get("/mobile/").content.decode()
    assert '<h1 class="answer tone-critical">1 item needs attention</h1>' in page


def test_an_alert_is_acknowledged_from_the_phone(sign_in, staff, fires):
    operator = sign_in(staff("operator"))
    ack = f"/alerts/{fires.pk}/acknowledge/"
    assert ack in operator.get("/mobile/").content.decode()
    answer = operator.post(ack, {"next": "/mobile/"})
    assert answer["Location"] == "/mobile/"
    assert ack not in operator.get("/mobile/").content.decode()
    assert fires.acknowledgements.open().count() == 1


def test_only_who_may_acknowledge_has_the_button(sign_in, staff, fires):
    page = sign_in(staff("viewer")).get("/mobile/").content.decode()
    assert "Age verification fails" in page and "/acknowledge/" not in page


def test_an_acknowledgement_goes_back_to_no_other_place(sign_in, staff, fires):
    operator = sign_in(staff("operator"))
    ack = f"/alerts/{fires.pk}/acknowledge/"
    assert (
        operator.post(ack, {"next": "https://example.org/"})["Location"] == f"/alerts/{fires.pk}/"
    )


def test_the_boards_queue_has_every_kind_of_work(monkeypatch):
    from compliance.desk import kinds
    from compliance.moderation import panels

    monkeypatch.setattr(panels, "value", lambda promql: 3.0)
    shown = Shown()
    panels._queue(panel("moderation-queue"), shown)
    named = " ".join(item.words.lower() for item in shown.items)
    assert all(kind.title.lower() in named for kind in kinds.every()), named
    assert shown.figure == f"{3 * (len(shown.items) - 1)}"


def test_of_several_figures_the_worst_sets_the_tone(monkeypatch):
    one, shown = panel("third-party-bot-health"), Shown()
    monkeypatch.setattr(drawing, "_now", lambda panel: [("mee6", 1.0), ("dyno", 0.0)])
    drawing._stat(one, shown)
    assert (shown.tone, [item.words for item in shown.items]) == (
        one.threshold(0).tone, ["dyno", "mee6"],
    )  # fmt: skip
    assert one.threshold(0).tone != one.threshold(1).tone


@pytest.mark.parametrize(("seconds_old", "is_said"), [(0, True), (3_600, False)])
def test_the_phone_says_bot_online_of_a_fresh_figure_alone(sign_in, staff, seconds_old, is_said):
    at = time.time() - seconds_old
    shown = Shown(figure="Online")
    keeper._kept["panel:bot-online-status"] = Kept((shown, "v1"), at, slot=2**62)
    web_sampler.sample()
    page = sign_in(staff("viewer")).get("/mobile/").content.decode()
    lead = re.search(r'class="lead[^"]*"[^>]*>(.*?)<', page, re.DOTALL)
    assert ("Bot online." in (lead[1] if lead else page)) is is_said
