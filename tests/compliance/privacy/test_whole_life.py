"""A whole life: the picture is never outside of memory, and after the erasure nobody was there.

Everything that could keep something is searched after each step: a real dump, the data
folder with PostgreSQL's files and logs, the evidence store, the folder for temporary files,
the cache, and the log as operators read it, with every level on.
"""

import base64
import io
import logging
import logging.config
import os
import tempfile
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from compliance import policy
from compliance.desk import sweeping
from compliance.effects import delivery
from compliance.effects.models import Effect
from compliance.evidence import keys, store
from compliance.evidence.models import Evidence
from compliance.members import roster
from compliance.uploads import opening
from compliance.verification.models import Decision, VerificationRequest
from tests import restoring

NAME = "Zephyrine-Quillfeather"
ID = 1187345559871234567
EXIF = "EXIFCANARY-41.2033N-74.7711W-Quillfeather"
IMAGE_DESCRIPTION = 0x010E


@pytest.fixture
def upload():
    """A noisy picture, so that any part of it is like no other, with a text in its EXIF."""
    exif = Image.Exif()
    exif[IMAGE_DESCRIPTION] = EXIF
    out = io.BytesIO()
    Image.effect_noise((900, 600), 80).convert("RGB").save(out, "JPEG", quality=90, exif=exif)
    assert EXIF.encode() in out.getvalue()
    return out.getvalue()


@pytest.fixture
def log():
    """What the processes would have written to their logs, at the level DEBUG."""
    out = io.StringIO()
    config = dict(settings.LOGGING["formatters"]["json"])
    formatter = logging.config.DictConfigurator({"version": 1}).configure_formatter(config)
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def shapes(secret):
    """The bytes as they are, and as dumps and JSON would hold them."""
    # base64 looks different by where in its groups of three it begins.
    texts = (base64.b64encode(secret[skipped:])[: len(secret) - 4] for skipped in range(3))
    return [secret, secret.hex().encode(), *texts]


def parts(picture):
    """Bits from the middle of a picture, where no other one has the same."""
    return [picture[at : at + 32] for at in (len(picture) // 3, len(picture) // 2)]


def cached():
    """Everything that Valkey holds: broker and cache."""
    for number in (0, 1):
        client = redis.Redis.from_url(f"{settings.REDIS_URL.rsplit('/', 1)[0]}/{number}")
        for key in client.scan_iter():
            yield key
            match client.type(key):
                case b"string":
                    yield client.get(key) or b""
                case b"hash":
                    yield repr(client.hgetall(key)).encode()
                case b"list":
                    yield repr(client.lrange(key, 0, -1)).encode()
                case b"set":
                    yield repr(client.smembers(key)).encode()


class Search:
    def __init__(self, dump, log, *folders):
        self.dump, self.log, self.folders = dump, log, folders

    def places(self, *, servers_files):
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        yield "dump", self.dump()
        yield "log", self.log.getvalue().encode()
        yield from (("valkey", value) for value in cached())
        for path in self._files():
            if servers_files or "postgres" not in path.parts:
                try:
                    yield str(path), path.read_bytes()
                except OSError:  # PostgreSQL's own come and go
                    continue
                yield "a file's name", path.name.encode()

    def _files(self):
        for folder in self.folders:
            for where, _, names in os.walk(folder):
                yield from (Path(where, name) for name in names)

    def find(self, secrets, *, servers_files=True):
        return [
            (place, secret)
            for place, content in self.places(servers_files=servers_files)
            for secret in secrets
            if secret in content
        ]


@pytest.mark.django_db(transaction=True)
def test_it_works(log, upload, scratch, evidence_dir, staff, end_cool_down):
    # The tests' data folder lies beside the files and logs of their PostgreSQL and Valkey.
    search = Search(restoring.dumped, log, settings.DATA_DIR.parent, evidence_dir, scratch)
    pictures = [secret for part in parts(upload) for secret in shapes(part)]
    pictures += shapes(EXIF.encode())
    person = [NAME.encode(), str(ID).encode(), NAME.lower().encode()]

    def never_outside():
        assert search.find(pictures) == []

    def sent():
        """The member asks and sends; returns the request."""
        link = opening.open_request(roster.seen(ID, NAME, display_name=NAME))
        path = link.url.removeprefix(settings.PUBLIC_URL)
        member = Client()
        assert member.get(path).status_code == 200
        answer = member.post(
            path,
            {
                "consent": str(policy.CONSENT_VERSION),
                "picture": SimpleUploadedFile(f"{NAME}.jpg", upload, "image/jpeg"),
            },
            follow=True,
        )
        assert "Sent for review" in answer.content.decode()
        request = VerificationRequest.objects.get(pk=link.request.pk)
        picture = request.evidence.get()
        clean = keys.unseal(*store.get(picture.id), picture.id.bytes)
        pictures.extend(secret for part in parts(clean) for secret in shapes(part))
        return request

    def desk(client, request, act, **form):
        request.refresh_from_db()
        url = f"/queue/{request.pk}/{act}/"
        return client.post(url, {"version": request.version, **form})

    moderator, compliance = Client(), Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    moderator.force_login(staff("moderator", username="ada"), backend=backend)
    compliance.force_login(staff("compliance", username="carol"), backend=backend)
    never_outside()

    first = sent()
    found = {place for place, _ in search.find(person)}
    assert "dump" in found, "the search would find somebody"
    if (settings.DATA_DIR.parent / "postgres").exists():
        assert any("/postgres/" in place for place in found), "also in PostgreSQL's own files"
    never_outside()

    assert desk(moderator, first, "claim").status_code == 302
    shown = desk(moderator, first, "pictures/1")
    assert shown["Content-Type"] == "image/jpeg" and EXIF.encode() not in shown.content
    pictures.extend(secret for part in parts(shown.content) for secret in shapes(part))
    never_outside()

    note = f"{NAME}, the date is cut off."
    assert desk(moderator, first, "deny", reason="other", note=note).status_code == 302
    end_cool_down(Decision.objects.get())
    (effect,) = delivery.lease_due()
    assert note in effect.payload["content"] and delivery.delivered(effect)
    never_outside()

    assert sweeping.sweep()["destroyed"] == 1
    never_outside()

    second = sent()
    assert desk(moderator, second, "claim").status_code == 302
    shown = desk(moderator, second, "pictures/1")
    pictures.extend(secret for part in parts(shown.content) for secret in shapes(part))
    for page in ("/queue/", f"/queue/?q={ID}", "/effects/?tab=delivered", "/audit/"):
        assert compliance.get(page).status_code == 200
    assert compliance.get("/members/", {"q": NAME}).status_code == 200
    assert compliance.get("/members/", {"q": str(ID)}).status_code == 302
    assert compliance.get(f"/members/{ID}/").status_code == 200
    assert Evidence.objects.filter(destroyed_at=None).count() == 1
    never_outside()

    erase = f"/members/{ID}/erase/"
    assert compliance.get(erase).status_code == 200
    assert compliance.post(erase, {"typed": str(ID), "reason": "asked"}).status_code == 302
    never_outside()
    # PostgreSQL's own files hold deleted rows until vacuum and its log write over them.
    assert search.find(person, servers_files=False) == []

    # Whoever comes late changes nothing of that: the desk, the sweep, the old page.
    desk_after = moderator.post(f"/queue/{second.pk}/approve/", {"version": second.version})
    assert desk_after.status_code in (404, 409)
    assert compliance.get(f"/members/{ID}/").status_code == 404
    sweeping.sweep()
    assert not Effect.objects.exists() and not list(evidence_dir.rglob("*.*"))
    assert search.find(person, servers_files=False) == []


def test_the_search_finds_what_is_there(log, tmp_path, db):
    """A search that finds nothing anywhere would prove nothing."""
    secret = os.urandom(32)
    for number, shape in enumerate(shapes(secret)):
        (tmp_path / f"{number}").write_bytes(b"before" + shape + b"after")
    search = Search(restoring.dumped, log, tmp_path)
    found = {place for place, _ in search.find(shapes(secret))}
    assert len(found) == 5
    logging.getLogger("somebody").debug("saw %s", secret.hex())
    assert "log" in {place for place, _ in search.find(shapes(secret))}


def test_pages_of_members_leave_no_id_in_the_log(log, staff, sign_in, member):
    one = member()
    sign_in(staff("compliance")).get(f"/members/{one.pk}/")
    assert "GET /members/[member]/" in log.getvalue()
    assert str(one.pk) not in log.getvalue()
