"""/appeals/: what waits, one appeal with its decision, and the acts on it."""

import re

import pytest
from django.utils import timezone

from compliance.appeals.models import Appeal
from compliance.quality.models import SecondReview
from tests.pages import in_one_line

pytestmark = pytest.mark.django_db


def test_it_works(appealed, ada, bo, sign_in):
    appeal = appealed(ada, "fern")
    client = sign_in(bo)
    assert "fern" in client.get("/appeals/").content.decode()
    page = client.get(f"/appeals/{appeal.pk}/").content.decode()
    for text in ("It can be read.", "Denied: unreadable", "ada", "Uphold the denial"):
        assert text in page
    assert "Reverse: approve" not in page, "that is for compliance"
    form = {"outcome": "upheld", "version": "1", "note": "Too dark."}
    answer = client.post(f"/appeals/{appeal.pk}/decide/", form, follow=True)
    assert "Denial upheld" in answer.content.decode() and "Undo" in answer.content.decode()
    answer = client.post(f"/appeals/{appeal.pk}/undo/", follow=True)
    assert "The appeal is open again." in answer.content.decode()


def test_lists(appealed, ada, bo, sign_in):
    first, second = appealed(ada, "fern"), appealed(ada, "basil")
    client = sign_in(bo)
    client.post(f"/appeals/{first.pk}/decide/", {"outcome": "granted", "version": "1"})
    assert f'href="/appeals/{first.pk}/"' not in client.get("/appeals/").content.decode()
    decided = client.get("/appeals/?show=decided").content.decode()
    assert "fern" in decided and "May send again" in decided and "basil" not in decided
    assert "basil" in client.get("/appeals/?q=bas").content.decode()
    assert "None found" in client.get("/appeals/?q=zz").content.decode()
    assert "basil" in client.get(f"/appeals/?q={second.member_id}").content.decode()


def test_pages_by_keyset(monkeypatch, appealed, ada, bo, sign_in):
    monkeypatch.setattr("compliance.appeals.listing.PAGE", 2)
    for number in range(3):
        appealed(ada, f"fern{number}")
    client = sign_in(bo)
    page = client.get("/appeals/").content.decode()
    assert "fern0" in page and "fern1" in page and "fern2" not in page
    more = re.search(r'href="(\?[^"]*after=[^"]+)">More<', page)[1].replace("&amp;", "&")
    rest = client.get(f"/appeals/{more}").content.decode()
    assert "fern2" in rest and "fern1" not in rest


def test_the_author_sees_why_not(appealed, ada, sign_in):
    appeal = appealed(ada)
    client = sign_in(ada)
    page = client.get(f"/appeals/{appeal.pk}/").content.decode()
    assert "The denial is yours" in page and "Uphold" not in page
    form = {"outcome": "granted", "version": "1"}
    assert client.post(f"/appeals/{appeal.pk}/decide/", form).status_code == 403


def test_the_navigation_counts_what_one_may_decide(appealed, ada, bo, sign_in):
    appealed(ada)
    assert 'href="/appeals/"> Appeals <span class="count"' in _nav(sign_in(bo))
    assert 'href="/appeals/"> Appeals </a>' in _nav(sign_in(ada))


def _nav(client):
    return in_one_line(client.get("/queue/"))


def test_refusals(appealed, ada, bo, sign_in):
    appeal = appealed(ada)
    client = sign_in(bo)
    url = f"/appeals/{appeal.pk}/decide/"
    assert client.post(url, {"outcome": "upheld", "version": "1"}).status_code == 422
    assert client.post(url, {"outcome": "other", "version": "1"}).status_code == 422
    assert client.post(url, {"outcome": "granted", "version": "x"}).status_code == 422
    assert client.post(url, {"outcome": "granted", "version": "7"}).status_code == 409
    assert client.post("/appeals/999/undo/").status_code == 404
    assert Appeal.objects.get().state == "open"


def test_blind_reviewers_do_not_see_it(appealed, ada, bo, sign_in):
    """An appeal tells that it was denied: first the blind second review, then the appeal."""
    appeal = appealed(ada, "fern")
    SecondReview.objects.create(
        request=appeal.decision.request,
        decision=appeal.decision,
        first_by=ada,
        due_at=timezone.now(),
    )
    client = sign_in(bo)
    assert "fern" not in client.get("/appeals/").content.decode()
    assert client.get(f"/appeals/{appeal.pk}/").status_code == 404
    form = {"outcome": "granted", "version": "1"}
    assert client.post(f"/appeals/{appeal.pk}/decide/", form).status_code == 404
    assert Appeal.objects.get().state == "open"


def test_what_one_decided_can_be_taken_back_from_every_page(appealed, ada, bo, sign_in):
    first, second = appealed(ada, "fern"), appealed(ada, "basil")
    client = sign_in(bo)
    for appeal in (first, second):
        form = {"outcome": "upheld", "version": "1", "note": "Too dark."}
        client.post(f"/appeals/{appeal.pk}/decide/", form)
    for page in ("/appeals/", f"/appeals/{first.pk}/", "/queue/"):
        shown = client.get(page).content.decode()
        newest, older = (
            shown.index(f'action="/appeals/{appeal.pk}/undo/"') for appeal in (second, first)
        )
        assert newest < shown.index('data-key="u"') < older, page
