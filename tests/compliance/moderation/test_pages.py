"""/moderation/, one case, the form, and the section on a member's page."""

import re
import uuid

import pytest

from compliance.effects.models import Effect
from compliance.moderation import overruling
from compliance.moderation.models import Case
from tests.pages import in_one_line

pytestmark = pytest.mark.django_db


def text_of(answer):
    return in_one_line(answer)


def test_record_from_the_members_page(fern, ada, sign_in):
    client = sign_in(ada)
    page = text_of(client.get(f"/members/{fern.pk}/"))
    assert "Nothing about their conduct was written down." in page
    url = f"/members/{fern.pk}/record/"
    form = text_of(client.get(f"{url}?kind=warn"))
    key = re.search(r'name="key" value="([^"]+)"', form)[1]
    said = {"kind": "warn", "reason": "spam", "words": "Three links.", "note": "", "key": key}
    answer = client.post(url, said)
    assert answer["Location"] == "/moderation/1/"
    assert client.post(url, said)["Location"] == "/moderation/1/", "sent twice"
    assert Case.objects.get().by == ada
    page = text_of(client.get("/moderation/1/"))
    assert "This is a warning, because you posted spam or advertising." in page
    assert "Message on its way" in page
    assert "Case 1: warning" in text_of(client.get(f"/members/{fern.pk}/"))
    assert "Case 1: warning" in text_of(client.get("/moderation/"))


def test_undo_on_the_page(case, ada, sign_in):
    case(ada)
    client = sign_in(ada)
    assert "Recorded case 1" in text_of(client.get("/moderation/1/"))
    client.post("/moderation/1/take-back/")
    page = text_of(client.get("/moderation/1/"))
    assert "Taken back. The member is told nothing." in page
    assert Effect.objects.get().state == "superseded"


def test_note_and_overrule(case, ada, bo, sign_in, later):
    later(case(ada))
    client = sign_in(bo)
    client.post("/moderation/1/notes/", {"text": "Spoke with them."})
    answer = client.post("/moderation/1/overrule/", {"why": "A joke."}, follow=True)
    page = text_of(answer)
    assert "Spoke with them." in page and "A joke." in page
    assert "overruled" in page


def test_refusals_keep_the_page_and_what_was_written(case, ada, bo, sign_in, later):
    later(case(ada))
    answer = sign_in(ada).post("/moderation/1/overrule/", {"why": "A joke."})
    assert answer.status_code == 403
    assert "The case is yours; somebody else decides whether it stands." in text_of(answer)
    answer = sign_in(bo).post("/moderation/1/overrule/", {"why": ""})
    assert (answer.status_code, "Say why, for the record." in text_of(answer)) == (422, True)
    answer = sign_in(bo).post("/moderation/1/notes/", {"text": "x" * 3000})
    assert answer.status_code == 422 and "x" * 3000 in answer.content.decode()


def test_a_form_that_is_refused_keeps_its_words(fern, ada, sign_in):
    said = {"kind": "note", "reason": "spam", "note": "", "words": "Hello.", "key": uuid.uuid4()}
    answer = sign_in(ada).post(f"/members/{fern.pk}/record/", said)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "A note needs words." in page and "Hello." in page
    assert re.search(r'value="spam" selected', page)


@pytest.mark.parametrize("bad", [{"kind": "ban"}, {"reason": "huh"}, {"key": "5"}])
def test_a_damaged_form(fern, ada, sign_in, bad):
    said = {"kind": "warn", "reason": "spam", "key": str(uuid.uuid4())} | bad
    assert sign_in(ada).post(f"/members/{fern.pk}/record/", said).status_code == 422
    assert not Case.objects.exists()


def test_ones_own_page_has_no_form(fern, ada, sign_in):
    ada.discord_id = fern.pk
    ada.save()
    client = sign_in(ada)
    assert "Somebody else records what concerns you." in text_of(client.get(f"/members/{fern.pk}/"))
    assert client.get(f"/members/{fern.pk}/record/").status_code == 403
    said = {"kind": "warn", "reason": "spam", "key": uuid.uuid4()}
    assert client.post(f"/members/{fern.pk}/record/", said).status_code == 403
    assert not Case.objects.exists()


def test_a_member_nobody_has_seen(ada, sign_in):
    assert sign_in(ada).get("/members/1187342001234567999/record/").status_code == 404
    assert sign_in(ada).get("/moderation/7/").status_code == 404


def test_filters(case, member, ada, bo, sign_in):
    case(ada, reason="spam"), case(bo, "note", reason="scam", note="x", of=member("moss"))
    client = sign_in(ada)

    def listed(query):
        return re.findall(r"Case (\d+):", text_of(client.get(f"/moderation/{query}")))

    assert listed("") == ["2", "1"]
    assert listed("?kind=warn") == ["1"]
    assert listed("?reason=scam") == ["2"]
    assert listed("?show=mine") == ["1"]
    assert listed("?q=moss") == ["2"]
    assert listed("?kind=ban&reason=huh&after=broken") == ["2", "1"]
    assert "No case fits this filter." in text_of(client.get("/moderation/?q=nobody"))


def test_pages_of_the_list(case, ada, sign_in, monkeypatch):
    monkeypatch.setattr("compliance.moderation.listing.PAGE", 2)
    for _ in range(3):
        case(ada)
    client = sign_in(ada)
    first = text_of(client.get("/moderation/"))
    assert re.findall(r"Case (\d):", first) == ["3", "2"]
    after = re.search(r"after=([^\"&]+)\"[^>]*>Older", first)[1]
    assert re.findall(r"Case (\d):", text_of(client.get(f"/moderation/?after={after}"))) == ["1"]


def test_a_list_costs_the_same_however_long(case, ada, sign_in, statements):
    client = sign_in(ada)
    case(ada)
    client.get("/moderation/")  # what a process asks once
    few = statements(lambda: client.get("/moderation/"))
    for _ in range(12):
        case(ada)
    assert statements(lambda: client.get("/moderation/")) == few <= 17


def test_who_was_erased_is_named_nowhere(case, fern, ada, bo, sign_in):
    from django.db import connection

    made = case(ada, words="Three links.", note="Ask.")
    overruling.overrule(made.number, staff=bo, why="A joke.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT moderation_forget(%s)", [fern.pk])
    client = sign_in(bo)
    page = text_of(client.get("/moderation/1/"))
    assert "about somebody who was erased" in page
    assert "erased" in text_of(client.get("/moderation/"))
    for secret in ("fern", "Three links.", "Ask.", "A joke."):
        assert secret not in page
    assert client.post("/moderation/1/notes/", {"text": "More."}).status_code == 409
