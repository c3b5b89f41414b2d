"""An incident as a Markdown file: what people and alerts wrote stays text in a viewer."""

import markdown
import pytest
from django.urls import reverse

from monitoring.incidents import export, moving, opening
from tests.monitoring.alerts.conftest import alert

HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>&lt;b&gt;"
LINK = "![pixel](https://attacker.example/p.png) [here](javascript:alert(3)) `x` a|b \\|c"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(staff):
    return staff("operator", username="ada")


def opened(by, **more):
    return opening.open_by_hand(
        by=by, severity="critical", **{"title": "Down", "text": "", "service": ""} | more
    )


def rendered(incident):
    """As a viewer that lets HTML through shows it."""
    return markdown.markdown(export.markdown(incident), extensions=["tables"])


def test_it_works(ada, sign_in):
    incident = opened(ada, title="Discord is down", text="Nobody can write.")
    moving.add_note(incident.pk, "It is the network.", by=ada)
    answer = sign_in(ada).get(reverse("incident_export", args=[incident.pk]))
    body = answer.content.decode()
    assert body.startswith(f"# INC-{incident.pk}: Discord is down")
    assert "It is the network. | ada |" in body
    assert answer["Content-Disposition"].startswith("attachment;")


def test_no_tag_of_anybody_gets_through(ada):
    incident = opened(ada, title=HTML, text=HTML, service=HTML)
    moving.add_note(incident.pk, HTML, by=ada)
    moving.acknowledge(incident.pk, by=ada, comment=HTML)
    moving.move(incident.pk, "resolved", by=ada, reason=f"Done:\n\n{HTML}")
    moving.move(incident.pk, "closed", by=ada, reason=f"- learned\n- {HTML}")
    incident.refresh_from_db()
    shown = rendered(incident)
    for tag in ("<script", "<img", "<b>"):
        assert tag not in shown
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
    assert "&amp;lt;b&amp;gt;" in shown  # as it was written, not as a tag
    assert "<li>learned</li>" in shown  # a review may be Markdown


def test_no_tag_of_an_alert_gets_through(deliver):
    incident = deliver(
        alert(1, alertname=HTML, service=HTML)
        | {"annotations": {"summary": HTML, "description": HTML, "runbook_url": HTML}}
    )
    for tag in ("<script", "<img", "<b>"):
        assert tag not in rendered(incident)


def test_no_link_picture_or_cell_of_a_note(ada):
    incident = opened(ada, title=LINK)
    moving.add_note(incident.pk, LINK, by=ada)
    shown = rendered(incident)
    for made in ("<img", 'javascript:alert(3)"', "<code>x"):
        assert made not in shown
    rows = [line for line in export.markdown(incident).splitlines() if "pixel" in line]
    assert any("a\\|b" in row for row in rows)
