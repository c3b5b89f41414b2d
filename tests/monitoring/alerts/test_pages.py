"""/alerts/…: lists, filters and pages, one alert, acts, silences, channels."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import acknowledging, listing
from monitoring.alerts.models import Alert
from monitoring.delivery.models import Message
from monitoring.incidents.models import MaintenanceWindow
from tests.monitoring.alerts.conftest import START, alert

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def no_workers(nothing_queued):
    """Nothing is delivered here."""


@pytest.fixture
def operator(staff):
    return staff("operator", username="ada")


def names(answer):
    return [row.alert.name for row in answer.context["page"].rows]


def test_nothing_fires(operator, sign_in):
    assert "No alerts firing" in sign_in(operator).get("/alerts/").content.decode()


def test_firing_is_most_urgent_first(deliver, operator, sign_in):
    deliver(
        alert(1, alertname="A", severity="info"),
        alert(2, alertname="B", severity="critical"),
        alert(3, alertname="C", severity="warning"),
        alert(4, alertname="D", severity="critical"),
        alert(5, alertname="E", end=3),
    )
    client = sign_in(operator)
    assert names(client.get("/alerts/")) == ["D", "B", "C", "A"]
    assert names(client.get("/alerts/?tab=history")) == ["E", "D", "C", "B", "A"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("severity=critical", ["B", "A"]),
        ("service=compliance", ["C"]),
        ("name=A", ["A"]),
        ("acknowledged=yes", ["B"]),
        ("acknowledged=no", ["A", "C"]),
        ("tab=history&status=resolved", ["E"]),
        ("tab=history&severity=nonsense&after=x.y", ["E", "C", "B", "A"]),
    ],
)
def test_filters(deliver, operator, sign_in, query, found):
    deliver(
        alert(1, alertname="A"),
        alert(2, alertname="B"),
        alert(3, alertname="C", severity="warning", service="compliance"),
        alert(5, alertname="E", severity="warning", end=3),
    )
    acknowledging.acknowledge(Alert.objects.get(name="B").pk, by=operator)
    assert names(sign_in(operator).get(f"/alerts/?{query}")) == found


def test_pages_by_keyset(deliver, operator, sign_in):
    deliver(*(alert(n, severity=("critical", "warning")[n % 2]) for n in range(60)))
    client = sign_in(operator)
    for tab in ("firing", "history"):
        seen, after = [], ""
        while True:
            answer = client.get(f"/alerts/?tab={tab}&after={after}")
            seen += [row.alert.pk for row in answer.context["page"].rows]
            if not (after := answer.context["page"].next):
                break
        assert len(seen) == len(set(seen)) == 60


def test_acknowledged_oldest_first(deliver, operator, sign_in):
    deliver(*(alert(n, alertname=f"A{n}") for n in range(30)))
    for number, row in enumerate(Alert.objects.order_by("-id")):
        made = acknowledging.acknowledge(row.pk, by=operator)
        made.at = START + timedelta(minutes=number)
        made.save()
    client = sign_in(operator)
    first = client.get("/alerts/?tab=acknowledged")
    assert names(first)[:2] == ["A29", "A28"]
    rest = client.get("/alerts/", {"tab": "acknowledged", "after": first.context["page"].next})
    assert names(rest)[-1] == "A0"


def test_queries_do_not_grow(deliver, operator, sign_in, statements):
    client = sign_in(operator)
    deliver(alert(1))
    few = statements(lambda: client.get("/alerts/"))
    deliver(*(alert(n) for n in range(2, 25)))
    assert statements(lambda: client.get("/alerts/")) <= few


def test_a_poll_brings_nothing_when_nothing_changed(deliver, operator, sign_in):
    deliver(alert(1))
    client = sign_in(operator)
    seen = client.get("/alerts/").context["version"]
    assert client.get(f"/alerts/rows/?seen={seen}", headers=HTMX).status_code == 204
    deliver(alert(2))
    listing.forget_totals()
    answer = client.get(f"/alerts/rows/?seen={seen}", headers=HTMX)
    assert answer.status_code == 200 and "<html" not in answer.content.decode()


def test_the_navigation_counts(deliver, operator, sign_in):
    deliver(alert(1), alert(2, severity="warning"), alert(3, severity="info"))
    client = sign_in(operator)
    badge = 'class="count tone-critical" aria-label="3 firing"'
    assert badge in client.get("/maintenance/").content.decode()
    page = client.get("/alerts/").content.decode()
    assert 'data-nav-count="/alerts/" data-nav-counted="firing" data-nav-tone="critical">3<' in page


def test_what_is_handled_is_not_red_in_the_navigation(deliver, operator, sign_in):
    deliver(alert(1))
    client = sign_in(operator)
    client.post(f"/alerts/{Alert.objects.get().pk}/acknowledge/")
    badge = 'class="count tone-info" aria-label="1 firing"'
    assert badge in client.get("/maintenance/").content.decode()


def test_one_alert(deliver, operator, sign_in):
    one = alert(1, instance="<b>x</b>")
    one["annotations"] |= {"runbook_url": "docs/runbooks/BreakGlassUsed.md", "description": "Since"}
    deliver(one)
    page = sign_in(operator).get(f"/alerts/{Alert.objects.get().pk}/").content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "Somebody ran <code>./dev manage break_glass NAME</code>" in page
    assert "critical-alerts" in page  # who is being told


@pytest.mark.parametrize(
    "runbook",
    [
        "docs/runbooks/../../growmies_admin/settings.md",
        "docs/runbooks/none.md",
        "javascript:alert(1)",
    ],
)
def test_runbooks_that_are_none(deliver, operator, sign_in, runbook):
    deliver(alert(1) | {"annotations": {"runbook_url": runbook}})
    page = sign_in(operator).get(f"/alerts/{Alert.objects.get().pk}/").content.decode()
    assert "is not written yet" in page and 'href="javascript' not in page


def test_no_such_alert(operator, sign_in):
    client = sign_in(operator)
    assert client.get("/alerts/77/").status_code == 404
    assert client.post("/alerts/77/acknowledge/").status_code == 404


def test_acknowledge_and_withdraw(deliver, operator, sign_in):
    deliver(alert(1))
    pk, client = Alert.objects.get().pk, sign_in(operator)
    answer = client.post(f"/alerts/{pk}/acknowledge/", {"comment": "On it"}, follow=True)
    assert "On it" in answer.content.decode()
    answer = client.post(f"/alerts/{pk}/acknowledge/", follow=True)
    assert "ada has acknowledged it already." in answer.content.decode()
    client.post(f"/alerts/{pk}/withdraw/")
    assert not Alert.objects.get().acknowledgements.open().exists()


def test_acknowledge_in_the_list(deliver, operator, sign_in):
    deliver(alert(1))
    pk, client = Alert.objects.get().pk, sign_in(operator)
    headers = HTMX | {"HX-Target": f"alert-{pk}"}
    answer = client.post(f"/alerts/{pk}/acknowledge/", headers=headers)
    assert answer.content.decode().strip().startswith("<tr")
    assert "ada" in answer.content.decode()
    assert client.post(f"/alerts/{pk}/acknowledge/", headers=headers).status_code == 409


def test_what_needs_nobody_says_why(deliver, operator, sign_in):
    deliver(alert(1))
    client, pk = sign_in(operator), Alert.objects.get().pk
    url = f"/alerts/{pk}/"
    before = client.get(url).context["version"]
    row = client.get("/alerts/").context["version"]
    now = timezone.now()
    MaintenanceWindow.objects.create(
        title="Restart",
        service="bot",
        starts_at=now,
        ends_at=now + timedelta(hours=1),
        made_by=operator,
    )
    for address in ("/alerts/", url):
        page = client.get(address).content.decode()
        assert "maintenance: Restart" in page
        assert "Nobody has acknowledged it." not in page
    assert client.get(url).context["version"] != before, "whoever looks at it learns it"
    assert client.get("/alerts/").context["version"] != row
    headers = HTMX | {"HX-Target": f"alert-{pk}"}
    answer = client.post(f"/alerts/{pk}/acknowledge/", headers=headers).content.decode()
    assert "maintenance: Restart" not in answer, "who has it says more"


def test_silence(deliver, operator, sign_in, alertmanager):
    deliver(alert(1))
    pk, client = Alert.objects.get().pk, sign_in(operator)
    client.post(f"/alerts/{pk}/silence/", {"hours": "4", "comment": "Planned"})
    (body,) = alertmanager.bodies()
    assert (body["createdBy"], body["comment"]) == ("ada", "Planned")
    assert {m["name"] for m in body["matchers"]} == {"alertname", "service", "severity"}
    assert Alert.objects.get().is_silenced


@pytest.mark.parametrize(
    "form", [{}, {"until": "2020-01-01T10:00"}, {"until": "x"}, {"hours": "9999"}]
)
def test_silences_that_are_refused(deliver, operator, sign_in, alertmanager, form):
    deliver(alert(1))
    pk = Alert.objects.get().pk
    answer = sign_in(operator).post(f"/alerts/{pk}/silence/", form, follow=True)
    assert "A silence must end in the future" in answer.content.decode()
    assert not alertmanager.asked


def test_alertmanager_is_away(deliver, operator, sign_in, settings):
    settings.ALERTMANAGER_URL = "http://127.0.0.1:9"
    deliver(alert(1))
    client = sign_in(operator)
    answer = client.post(f"/alerts/{Alert.objects.get().pk}/silence/", {"hours": "1"}, follow=True)
    assert "Alertmanager does not answer" in answer.content.decode()
    assert not Alert.objects.get().is_silenced
    page = client.get("/alerts/silences/")
    assert (page.status_code, "does not answer" in page.content.decode()) == (200, True)


def test_silences_of_others(operator, sign_in, alertmanager):
    now = timezone.now()
    alertmanager.usual["GET /api/v2/silences"] = [
        {
            "id": "5b0c1a9e-0000-4000-8000-000000000001",
            "matchers": [{"name": "job", "value": "a|b", "isRegex": True, "isEqual": False}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "createdBy": "amtool",
            "comment": "elsewhere",
            "status": {"state": "active"},
        }
    ]
    page = sign_in(operator).get("/alerts/silences/").content.decode()
    assert "amtool" in page and "job!~&quot;a|b&quot;" in page


def test_send_a_test(operator, sign_in, discord):
    client = sign_in(operator)
    page = client.get("/alerts/channels/").content.decode()
    assert "Not set up: PAGERDUTY_KEY" in page
    form = {"channel": "discord", "target": "DISCORD_ALERT_WEBHOOK_URL"}
    for _ in range(4):
        answer = client.post("/alerts/channels/test/", form, follow=True)
    assert "That is a lot of tests" in answer.content.decode()
    assert Message.objects.filter(kind="test").count() == 3


def test_tests_of_somebody_else_are_not_ones_own(operator, staff, sign_in, discord):
    form = {"channel": "discord", "target": "DISCORD_ALERT_WEBHOOK_URL"}
    for _ in range(3):
        sign_in(operator).post("/alerts/channels/test/", form)
    sign_in(staff("operator", username="second")).post("/alerts/channels/test/", form)
    assert Message.objects.filter(kind="test").count() == 4


def test_a_test_that_nothing_sends_does_not_stay_on_its_way(operator, sign_in, discord):
    client = sign_in(operator)
    form = {"channel": "discord", "target": "DISCORD_ALERT_WEBHOOK_URL"}
    page = client.post("/alerts/channels/test/", form, follow=True).content.decode()
    assert "on its way" in page and "is the worker running?" not in page
    Message.objects.update(not_before=timezone.now() - policy.DELIVERY_LEFT_LYING * 2)
    page = client.get("/alerts/channels/").content.decode()
    assert "not sent yet" in page and "is the worker running?" in page
    Message.objects.update(state="sent", sent_at=timezone.now(), shown=1)
    assert "is the worker running?" not in client.get("/alerts/channels/").content.decode()


def test_a_test_of_what_is_not_there(operator, sign_in):
    form = {"channel": "sms", "target": "nobody"}
    answer = sign_in(operator).post("/alerts/channels/test/", form, follow=True)
    assert "There is no such target" in answer.content.decode()
