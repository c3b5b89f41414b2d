"""The member's page behind the one-time link, over HTTP."""

import io
import re
import struct
import zlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from compliance import policy
from compliance.desk.models import Claim
from compliance.evidence.models import Evidence
from compliance.members.models import Consent
from compliance.uploads import opening
from compliance.uploads.models import UploadLink
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from tests.pages import in_one_line

AGREED = str(policy.CONSENT_VERSION)


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def as_file(content, name="id.jpg", content_type="image/jpeg"):
    return SimpleUploadedFile(name, content, content_type)


@pytest.fixture
def link(opened):
    return f"/verify/{opened('fern').token}/"


@pytest.fixture
def send(client, link):
    """`send(picture())`: posts the form; `send(a, b, consent="3", url=…)`."""

    def post(*pictures, consent=AGREED, url=None, **headers):
        form = {"picture": [p if hasattr(p, "read") else as_file(p) for p in pictures]}
        if consent is not None:
            form["consent"] = consent
        return client.post(url or link, form, headers=headers, follow=True)

    return post


def text(answer):
    return answer.content.decode()


@pytest.fixture
def refused(send, client, link, evidence_dir, picture):
    """Posts, checks that nothing was kept and the link still works; returns the answer."""

    def post(*pictures, **more):
        answer = send(*pictures, **more)
        assert files(evidence_dir) == []
        assert not Evidence.objects.exists()
        assert not Consent.objects.exists()
        assert VerificationRequest.objects.get().state == State.OPENED
        assert client.get(link).status_code == 200
        assert send(picture()).status_code == 200
        assert VerificationRequest.objects.get().state == State.PENDING
        return answer

    return post


def shown(answer):
    """The refusal that the form shows."""
    return re.search(r'id="refusal">.*?<span>(.*?)</span>', text(answer), re.DOTALL)[1]


def test_it_works(send, picture):
    answer = send(picture())
    assert answer.status_code == 200
    assert "Sent for review" in text(answer)
    request = VerificationRequest.objects.get()
    assert (request.state, request.evidence.count()) == (State.PENDING, 1)


def test_looking_uses_nothing_up(client, link, send, picture):
    for _ in range(3):
        answer = client.get(link)
        assert answer.status_code == 200
        assert "I agree to this one check" in text(answer)
    assert client.head(link).status_code == 200
    assert UploadLink.objects.get().used_at is None
    assert send(picture()).status_code == 200


def test_an_accepted_upload_uses_the_link_up(send, picture):
    send(picture())
    assert UploadLink.objects.get().used_at is not None


def test_a_used_link(send, picture, evidence_dir):
    send(picture())
    before = files(evidence_dir)
    answer = send(picture("PNG"))
    assert answer.status_code == 200
    assert "Sent for review" in text(answer)
    assert "Of what came after it nothing was kept." in text(answer)
    assert Evidence.objects.count() == 1
    assert files(evidence_dir) == before


def test_looking_again_after_sending_says_that_it_was_sent(client, link, send, picture):
    send(picture())
    answer = client.get(link)
    assert answer.status_code == 200
    assert "Sent for review" in text(answer)


def test_an_expired_link(client, link, send, picture, evidence_dir):
    past = timezone.now() - timedelta(minutes=31)
    UploadLink.objects.update(issued_at=past, expires_at=past + timedelta(minutes=30))
    for answer in (client.get(link), send(picture())):
        assert answer.status_code == 410
        assert "This link has expired. Type /verify in Discord" in text(answer)
    assert files(evidence_dir) == []


def test_a_link_that_a_newer_one_replaced(client, link, opened):
    opening.open_request(VerificationRequest.objects.get().member)
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("change", [lambda t: t[:-3] + "xxx", lambda t: "x" + t, lambda t: "x"])
def test_a_forged_link(client, link, send, picture, change, evidence_dir):
    forged = f"/verify/{change(link.split('/')[2])}/"
    for answer in (client.get(forged), send(picture(), url=forged)):
        assert answer.status_code == 404
        assert "This link is not one of ours." in text(answer)
    assert files(evidence_dir) == []


def test_a_forged_link_asks_the_database_nothing(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/verify/AAAA.BBBB/")


@pytest.mark.parametrize(
    ("kind", "name"),
    [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp"), ("HEIF", "IMG_1.HEIC")],
)
def test_what_phones_send(send, picture, kind, name):
    assert send(as_file(picture(kind), name, "application/octet-stream")).status_code == 200
    assert Evidence.objects.count() == 1


def test_exif_and_place_are_gone(send, picture, staff, sign_in):
    exif = Image.Exif()
    exif[0x010E] = "SECRET-DESCRIPTION"
    exif.get_ifd(0x8825).update({1: "N", 2: (40.0, 44.0, 0.0)})
    upload = picture(exif=exif)
    assert b"SECRET-DESCRIPTION" in upload
    send(upload + b"TRAILING-BYTES")
    request = VerificationRequest.objects.get()
    desk = sign_in(staff("moderator"))
    desk.post(f"/queue/{request.pk}/claim/")
    stored = desk.post(f"/queue/{request.pk}/pictures/1/").content
    assert b"SECRET-DESCRIPTION" not in stored and b"TRAILING-BYTES" not in stored
    assert dict(Image.open(io.BytesIO(stored)).getexif()) == {}


def test_no_temporary_file_is_written(send, picture, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    large = picture("PNG", size=(300, 200)) + bytes(6 * 1024 * 1024)
    assert send(large).status_code == 200


def png_of(width, height):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(width + 1)) for _ in range(height)) + rows.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_a_bomb_of_100_megapixels(refused):
    answer = refused(as_file(png_of(10_000, 10_000), "id.png", "image/png"))
    assert answer.status_code == 422
    assert shown(answer).startswith("That picture has too many pixels (67 megapixels at most, ")


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
        b"%PDF-1.7\n1 0 obj<<>>endobj\n",
        b"MZ\x90\x00" + bytes(200),
        b"GIF89a" + bytes(30),
        b"plain words",
    ],
)
def test_what_is_no_picture_but_called_jpg(refused, content):
    answer = refused(content)
    assert answer.status_code == 422
    assert shown(answer).startswith("That is not a JPEG, PNG, WebP or HEIC picture")


def test_an_empty_file(refused):
    answer = refused(b"")
    assert answer.status_code == 422
    assert shown(answer) == "Choose a picture of your ID first."


def test_no_file(refused):
    assert shown(refused()) == "Choose a picture of your ID first."


@pytest.mark.parametrize("count", [3, 4, 5, 9, 200])
def test_more_than_two_pictures(refused, picture, count):
    """Without JavaScript the browser sends all that were chosen."""
    answer = refused(*[picture(size=(40, 30))] * count)
    assert answer.status_code == 422
    assert shown(answer) == "At most 2 pictures, please; nothing was kept."
    assert answer["Cache-Control"] == "no-store"


def test_nine_pictures_by_a_script(refused, picture):
    answer = refused(*[picture(size=(40, 30))] * 9, accept="application/json")
    assert answer.status_code == 422
    assert answer.json()["code"] == "picture_too_many"


def test_nine_pictures_through_a_link_that_is_over(client, link, send, picture):
    assert send(*[picture(size=(40, 30))] * 9, url="/verify/forged.x/").status_code == 404
    send(picture())
    answer = send(*[picture(size=(40, 30))] * 9)
    assert answer.status_code == 200
    assert "uploads/upload_sent.html" in {template.name for template in answer.templates}


def test_nine_pictures_by_a_browser(link, picture, evidence_dir):
    """Where the token of the form is looked for, the files are taken apart before any view."""
    browser = Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text(browser.get(link)))[1]
    nine = [as_file(picture(size=(40, 30))) for _ in range(9)]
    form = {"csrfmiddlewaretoken": token, "picture": nine, "consent": AGREED}
    answer = browser.post(link, form)
    assert answer.status_code == 422
    assert shown(answer) == "At most 2 pictures, please; nothing was kept."
    assert files(evidence_dir) == [] and UploadLink.objects.get().attempts == 0
    assert browser.post(link, form | {"picture": as_file(picture())})["Location"] == link


def test_nine_files_to_another_address(link, picture):
    browser = Client(enforce_csrf_checks=True)
    browser.get(link)
    nine = [as_file(picture(size=(40, 30))) for _ in range(9)]
    assert browser.post(f"{link}withdraw/", {"picture": nine}).status_code == 400
    assert VerificationRequest.objects.get().state == State.OPENED


def test_11_megabytes(refused, picture):
    answer = refused(picture() + bytes(11 * 1024 * 1024))
    assert answer.status_code == 413
    assert shown(answer).startswith("A picture may have 10 MB at most")


def test_a_damaged_picture(refused, picture):
    answer = refused(picture(size=(900, 900))[:2000])
    assert answer.status_code == 422
    assert shown(answer).startswith("That picture can&#x27;t be read")


@pytest.mark.parametrize("consent", [None, "", "yes", "²", "-4", "9" * 5000])
def test_without_consent(refused, picture, consent):
    answer = refused(picture(), consent=consent)
    assert answer.status_code == 422
    assert shown(answer).startswith("Tick that you agree to this check first")


@pytest.mark.parametrize("consent", ["3", str(policy.CONSENT_VERSION + 1), "999999999"])
def test_consent_to_another_text(refused, picture, consent):
    answer = refused(picture(), consent=consent)
    assert answer.status_code == 422
    assert shown(answer).startswith("The consent text has changed. Read it again")


def test_a_store_that_can_not_be_written(send, picture, evidence_dir):
    evidence_dir.parent.mkdir(exist_ok=True)
    evidence_dir.write_text("not a folder")
    answer = send(picture())
    assert answer.status_code == 503
    assert "can&#x27;t be kept or read safely right now; nothing was kept" in text(answer)
    evidence_dir.unlink()
    assert send(picture()).status_code == 200


def test_a_script_gets_the_sentence_as_json(send, picture):
    answer = send(b"no picture", accept="application/json")
    assert answer.status_code == 422
    assert answer.json() == {
        "code": "picture_format",
        "error": "That is not a JPEG, PNG, WebP or HEIC picture; nothing was kept.",
    }


def test_no_cache_no_referrer_no_search_engine(client, link, send, picture):
    for answer in (client.get(link), send(picture()), client.get("/verify/forged.x/")):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_a_form_from_another_site(link, picture, evidence_dir):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(link, {"picture": as_file(picture()), "consent": AGREED})
    assert answer.status_code == 403
    assert files(evidence_dir) == []


def test_other_methods(client, link):
    assert client.put(link).status_code == client.delete(link).status_code == 405


def test_withdrawing(client, link, send, picture):
    send(picture())
    answer = client.post(f"{link}withdraw/", follow=True)
    assert answer.status_code == 200
    assert "Your request is withdrawn" in text(answer)
    assert VerificationRequest.objects.get().state == State.WITHDRAWN
    assert Evidence.objects.get().destroy_at <= timezone.now()


def test_withdrawing_is_never_a_get(client, link):
    assert client.get(f"{link}withdraw/").status_code == 405
    assert VerificationRequest.objects.get().state == State.OPENED


@pytest.mark.parametrize("act", ["", "withdraw/"])
def test_loading_the_page_after_success_again_sends_nothing(client, link, picture, act):
    """The answer to a success leads to a page of its own, so no browser asks or refuses."""
    form = {"picture": as_file(picture()), "consent": AGREED}
    answer = client.post(f"{link}{act}", form)
    assert (answer.status_code, answer["Location"]) == (302, link)
    assert answer["Cache-Control"] == "no-store"
    assert client.get(link).status_code == 200


def test_withdrawing_ends_the_claim(client, link, send, picture, staff, sign_in):
    send(picture())
    request = VerificationRequest.objects.get()
    sign_in(staff("moderator")).post(f"/queue/{request.pk}/claim/")
    client.post(f"{link}withdraw/")
    assert Claim.objects.get().end_reason == Claim.End.MOVED


def test_withdrawing_twice(client, link):
    client.post(f"{link}withdraw/")
    answer = client.post(f"{link}withdraw/", follow=True)
    assert answer.status_code == 200
    assert "Your request is withdrawn" in text(answer)


def test_withdrawing_by_a_forged_link(client, link):
    assert client.post("/verify/forged.x/withdraw/").status_code == 404
    assert VerificationRequest.objects.get().state == State.OPENED


def test_without_javascript_the_end_of_the_link_is_a_time_of_day(client, link):
    """Digits alone would read as minutes and seconds that are left."""
    shown = in_one_line(client.get(link))
    assert re.search(r"until \d\d:\d\d New York </span>", shown)
