"""What alerts bring along may be huge: polls stay small, and a page says that there is more."""

import pytest
from django.urls import reverse

from monitoring import policy
from monitoring.alerts.models import Alert
from monitoring.incidents.models import Incident
from tests.monitoring.alerts.conftest import alert

pytestmark = pytest.mark.django_db
MEGABYTE = 1_000_000
A_POLL = 10_000  # bytes that one alert may add to what is polled, whatever it brings along


def hostile(number=1, text="<&x" * (MEGABYTE // 3), **labels):
    one = alert(number, **labels)
    one["annotations"] = {"summary": text, "description": text, "note": text}
    return one


def polls(at, incident):
    return [
        reverse("alert_rows"),
        reverse("alert", args=[at.pk]) + "?part=1",
        reverse("incidents") + "?part=list",
        reverse("incident", args=[incident.pk]) + "?part=live",
        reverse("mobile") + "?part=1",
        reverse("status_chip"),
        reverse("wall_main_panels"),
        reverse("wall_overview_panels"),
    ]


def sizes(client):
    at, incident = Alert.objects.get(), Incident.objects.get()
    return {url.split("?")[0]: len(client.get(url).content) for url in polls(at, incident)}


def test_it_works(clock, deliver, staff, sign_in):
    """Beside an alert of usual size, a megabyte of annotations adds next to nothing."""
    client = sign_in(staff("operator"))
    deliver(alert(1))
    usual = sizes(client)
    deliver(hostile(1))
    assert Alert.objects.get().annotations["note"].startswith("<&x")
    large = sizes(client)
    for url, size in large.items():
        assert size - usual[url] < A_POLL, url


def test_a_row_of_the_list_is_short(deliver, staff, sign_in):
    client = sign_in(staff("operator"))
    empty = len(client.get(reverse("alert_rows")).content)
    deliver(hostile(1))
    assert len(client.get(reverse("alert_rows")).content) - empty < A_POLL


def test_the_heading_has_200_characters(deliver, staff, sign_in):
    deliver(hostile(1, text="x" * MEGABYTE))
    found = Alert.objects.get()
    assert len(found.summary) == policy.ALERT_SUMMARY_SHOWN and found.summary.endswith("…")
    page = sign_in(staff("viewer")).get(reverse("alert", args=[found.pk])).content.decode()
    assert f"<h1>{found.summary}</h1>" in page


def test_the_page_of_the_alert_shows_10_kb_and_says_that_there_is_more(deliver, staff, sign_in):
    deliver(hostile(1, text="x" * MEGABYTE))
    page = sign_in(staff("viewer")).get(reverse("alert", args=[Alert.objects.get().pk]))
    text = page.content.decode()
    assert "x" * 9_000 in text and len(text) < 60_000
    assert "There is more: 1,99" in text and "characters are not shown" in text


def test_a_usual_alert_says_nothing_of_it(deliver, staff, sign_in):
    deliver(alert(1))
    page = sign_in(staff("viewer")).get(reverse("alert", args=[Alert.objects.get().pk]))
    assert "There is more" not in page.content.decode()


def test_a_label_is_bounded_too(clock, deliver, staff, sign_in):
    deliver(alert(1, instance="y" * MEGABYTE))
    client = sign_in(staff("operator"))
    page = client.get(reverse("alert", args=[Alert.objects.get().pk])).content.decode()
    assert "There is more" in page and len(page) < 60_000
    for url, size in sizes(client).items():
        assert size < 100_000, url
