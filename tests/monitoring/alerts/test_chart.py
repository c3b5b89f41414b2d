"""Which figure an alert's page draws, and of what time."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from monitoring.alerts import chart
from monitoring.alerts.models import Alert
from monitoring.prometheus.client import query_between
from tests.monitoring.alerts.conftest import alert
from tests.monitoring.alerts.servers import edge

pytestmark = pytest.mark.django_db
RULE = "max(pg_up) == 0 or max(health_check_up) == 0"


@pytest.fixture(autouse=True)
def no_workers(nothing_queued):
    """Nobody is told of these alerts."""


@pytest.fixture
def prometheus(settings):
    """Answers with its rule first, then with what each test gives."""
    with edge() as found:
        settings.PROMETHEUS_URL = found.url
        rule = {"name": "DiscordBotDown", "query": RULE}
        found.answers.append(answer({"groups": [{"rules": [rule]}]}))
        yield found


def answer(data):
    return 200, {"status": "success", "data": data}, {}


def series(*values, **labels):
    points = [[1776702000 + 15 * at, str(value)] for at, value in enumerate(values)]
    return answer({"result": [{"metric": labels, "values": points}]})


NOTHING = answer({"result": []})


def drawn(deliver):
    deliver(alert(1))
    return chart.of(Alert.objects.get())


def test_the_condition_that_held_is_drawn(prometheus, deliver):
    prometheus.answers += [NOTHING, series(0, 0), series(1, 0)]
    found = drawn(deliver)
    assert (found.promql, found.limit, found.why_not) == ("max(health_check_up)", 0.0, "")


def test_the_first_is_drawn_when_prometheus_knows_of_none(prometheus, deliver):
    prometheus.answers += [NOTHING, NOTHING, series(1, 1)]
    assert drawn(deliver).promql == "max(pg_up)"


def test_a_condition_that_held_for_another_alert_is_not_drawn(prometheus, deliver):
    prometheus.answers += [series(0, service="web"), series(0, service="bot"), series(1)]
    assert drawn(deliver).promql == "max(health_check_up)"


def test_a_long_query_of_another_time_is_another_question(prometheus):
    prometheus.answers[:] = [series(1), series(2)]
    long = " + ".join(["vector(1)"] * 40)
    found = [query_between(long, start=start, end=start + 600) for start in (60_000, 90_000)]
    assert [samples[0].value for samples in found] == [1.0, 2.0]


@pytest.mark.parametrize("after", [0, 7, 29])
def test_what_began_a_moment_ago_has_a_point(prometheus, after):
    """Points are 30 s apart here: they count back from the end, not from a round half minute."""
    prometheus.answers[:] = [series(1)]
    start, end = 1776702003, 1776702003 + 3600 + after
    query_between("up", start=start, end=end)
    asked = dict(parse_qsl(urlsplit(prometheus.asked[-1][1]).query))
    assert end - int(asked["end"]) < 5
    assert (int(asked["end"]) - int(asked["start"])) % int(asked["step"]) == 0
    assert start <= int(asked["start"]) < start + int(asked["step"])
