"""A payload of numbers, times and shapes that Alertmanager never sends is refused with 400."""

import json

import pytest

from monitoring.alerts.models import Alert
from tests.monitoring.alerts.conftest import alert, webhook

pytestmark = pytest.mark.django_db
TOKEN = "a token of Alertmanager"
NUMBERS = ["1" + "0" * 400, "1" + "0" * 6_000, "NaN", "Infinity", "-Infinity", "1e999", "-1", "1.5"]
SHAPES = ["true", "null", '"7"', "[]", "{}", "[" * 900 + "]" * 900]
PLACE = '"PLACE"'


@pytest.fixture
def post(client, settings):
    settings.ALERT_WEBHOOK_TOKEN = TOKEN

    def send(body, **headers):
        headers = {"Authorization": f"Bearer {TOKEN}"} | headers
        return client.post("/api/alerts/", body, "application/json", headers=headers)

    return send


def with_(value, *, in_alert="", in_payload=""):
    """A payload with this JSON in one place."""
    one = alert(1) | ({in_alert: "PLACE"} if in_alert else {})
    more = {in_payload: "PLACE"} if in_payload else {}
    return json.dumps(webhook(one) | more).replace(PLACE, value)


def test_it_works(post):
    answer = post(with_("1000000", in_payload="truncatedAlerts"))
    assert (answer.status_code, Alert.objects.count()) == (200, 1)


@pytest.mark.parametrize("value", NUMBERS + SHAPES + ["1000001"])
def test_the_number_of_those_left_out(post, value):
    assert post(with_(value, in_payload="truncatedAlerts")).status_code == 400
    assert not Alert.objects.exists()


@pytest.mark.parametrize("value", NUMBERS + [one for one in SHAPES if one != "null"])
@pytest.mark.parametrize(
    "field", ["status", "labels", "annotations", "startsAt", "fingerprint", "generatorURL"]
)
def test_each_field_of_an_alert(post, field, value):
    wrong = with_(value, in_alert=field)
    if (field, value) in {("labels", "{}"), ("annotations", "{}"), ("generatorURL", '"7"')}:
        return  # these are right
    if (field, value) == ("fingerprint", '"7"'):
        return
    assert post(wrong).status_code == 400
    assert not Alert.objects.exists()


@pytest.mark.parametrize("value", NUMBERS + SHAPES)
@pytest.mark.parametrize("field", ["version", "alerts"])
def test_each_field_of_a_payload(post, field, value):
    assert post(with_(value, in_payload=field)).status_code == 400


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-12:00",
        "3000-01-01T00:00:00Z",
        "1969-12-31T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "2026-04-20T16:20:00",
        "2026-04-20T16:20:00+99:99",
        "now",
        "\\u0000",
    ],
)
def test_times_that_are_none(post, moment):
    assert post(with_(f'"{moment}"', in_alert="startsAt")).status_code == 400
    resolved = alert(1, end=5) | {"endsAt": "PLACE"}
    body = json.dumps(webhook(resolved)).replace("PLACE", moment)
    assert post(body).status_code == 400


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 200_000, b"7", b"NaN", b'"a"', b"{}"])
def test_bodies_that_are_no_payload(post, body):
    assert post(body).status_code == 400


def test_texts_that_postgresql_can_not_keep_are_mended(post):
    strange = alert(1) | {"labels": {"alertname": "a\x00b", "x\ud800": "\udfff"}}
    assert post(json.dumps(webhook(strange))).status_code == 200
    assert Alert.objects.get().name == "ab"


def test_a_length_of_five_thousand_digits(post):
    assert post(b"{}", **{"Content-Length": "9" * 5_000}).status_code in (400, 413)
