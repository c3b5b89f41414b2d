"""A member sends pictures through the one-time link."""

import struct
import zlib
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from compliance import policy
from compliance.evidence.models import Evidence
from compliance.members.models import Consent
from compliance.refusals import Refusal
from compliance.uploads import links, opening, submission
from compliance.uploads.models import UploadLink
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

AGREED = policy.CONSENT_VERSION


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def refused(opened, uploads, evidence_dir, consent=AGREED):
    """The refusal's code, after checking that nothing changed and nothing was kept."""
    with pytest.raises(Refusal) as refusal:
        submission.submit(opened.token, uploads, consent_version=consent)
    assert files(evidence_dir) == []
    assert not Evidence.objects.exists()
    assert not Consent.objects.exists()
    assert VerificationRequest.objects.get().state == State.OPENED
    assert UploadLink.objects.get().used_at is None
    return refusal.value.code


def test_it_works(opened, picture, evidence_dir):
    request = submission.submit(opened().token, [picture()], consent_version=AGREED)
    assert request.state == State.PENDING
    assert request.consent.version == AGREED
    assert request.due_at - request.submitted_at == policy.REVIEW_TARGET
    kept = request.evidence.get()
    assert kept.destroy_at - kept.stored_at == timedelta(hours=72)
    assert len(files(evidence_dir)) == 2  # the wrapped key and the blob


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_each_format_is_taken(opened, picture, kind):
    request = submission.submit(opened().token, [picture(kind)], consent_version=AGREED)
    assert request.evidence.count() == 1


def test_two_pictures_are_taken(opened, picture):
    request = submission.submit(opened().token, [picture(), picture()], consent_version=AGREED)
    assert sorted(request.evidence.values_list("position", flat=True)) == [1, 2]


def test_neither_picture_nor_exif_lies_readable_in_the_store(opened, picture, evidence_dir):
    exif = Image.Exif()
    exif[0x010E] = "EXIF-STRING-THAT-MUST-GO"
    upload = picture(exif=exif)
    submission.submit(opened().token, [upload], consent_version=AGREED)
    for path in files(evidence_dir):
        content = path.read_bytes()
        assert b"EXIF" not in content and upload[200:260] not in content and b"JFIF" not in content


def test_files_are_for_the_owner_only(opened, picture, evidence_dir):
    submission.submit(opened().token, [picture()], consent_version=AGREED)
    assert {oct(path.stat().st_mode & 0o777) for path in files(evidence_dir)} == {"0o600"}


def test_the_clock_starts_with_the_first_submission(opened, picture):
    first = submission.submit(opened().token, [picture()], consent_version=AGREED)
    due_at = first.due_at
    VerificationRequest.objects.update(state=State.MORE_REQUESTED)
    again = opening.open_request(first.member)
    token = again.url.rstrip("/").rsplit("/", 1)[1]
    second = submission.submit(token, [picture()], consent_version=AGREED)
    assert second.pk == first.pk and second.due_at == due_at


def test_without_consent(opened, picture, evidence_dir):
    assert refused(opened(), [picture()], evidence_dir, consent=None) == "consent_missing"


def test_consent_to_an_older_text(opened, picture, evidence_dir):
    assert refused(opened(), [picture()], evidence_dir, consent=AGREED - 1) == "consent_changed"


def test_without_a_picture(opened, evidence_dir):
    assert refused(opened(), [], evidence_dir) == "picture_missing"


def test_three_pictures(opened, picture, evidence_dir):
    assert refused(opened(), [picture()] * 3, evidence_dir) == "picture_too_many"


def test_more_than_10_mb(opened, picture, evidence_dir):
    upload = picture() + bytes(10 * 1024 * 1024)
    assert refused(opened(), [upload], evidence_dir) == "picture_too_large"


def test_an_svg_renamed_jpg(opened, evidence_dir):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    assert refused(opened(), [svg], evidence_dir) == "picture_format"


def test_a_pdf_renamed_jpg(opened, evidence_dir):
    assert refused(opened(), [b"%PDF-1.7\n1 0 obj<<>>endobj\n"], evidence_dir) == "picture_format"


def test_a_gif(opened, picture, evidence_dir):
    assert refused(opened(), [picture("GIF")], evidence_dir) == "picture_format"


def test_a_damaged_picture(opened, picture, evidence_dir):
    assert refused(opened(), [picture(size=(900, 900))[:2000]], evidence_dir) == "picture_broken"


def png(width, height):
    """A small valid PNG file of any size: one grey, compressed away."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(width + 1)) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def test_a_bomb_of_100_megapixels(opened, evidence_dir):
    bomb = png(10_000, 10_000)
    assert len(bomb) < 1_000_000
    assert refused(opened(), [bomb], evidence_dir) == "picture_bomb"


def test_a_bomb_of_4_gigapixels(opened, evidence_dir):
    header = struct.pack(">IIBBBBB", 65_000, 65_000, 8, 2, 0, 0, 0)
    body = b"IHDR" + header
    lie = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    idat = b"IDAT" + zlib.compress(b"")
    lie += struct.pack(">I", len(idat) - 4) + idat + struct.pack(">I", zlib.crc32(idat))
    assert refused(opened(), [lie], evidence_dir) == "picture_bomb"


def test_one_good_and_one_bad_picture_keep_neither(opened, picture, evidence_dir):
    assert refused(opened(), [picture(), b"no picture"], evidence_dir) == "picture_format"


def test_a_reused_link(opened, picture):
    token = opened().token
    submission.submit(token, [picture()], consent_version=AGREED)
    with pytest.raises(Refusal) as refusal:
        submission.submit(token, [picture()], consent_version=AGREED)
    assert refusal.value.code == "link_used"
    assert Evidence.objects.count() == 1


def test_an_expired_link(opened, picture, evidence_dir):
    one = opened()
    past = timezone.now() - timedelta(minutes=31)
    UploadLink.objects.update(issued_at=past, expires_at=past + timedelta(minutes=30))
    assert refused(one, [picture()], evidence_dir) == "link_expired"


def test_a_forged_link(opened, picture, evidence_dir):
    one = opened()
    object.__setattr__(one, "token", one.token[:-2] + "xx")
    assert refused(one, [picture()], evidence_dir) == "link_unknown"


def test_reading_a_link_does_not_use_it_up(opened):
    token = opened().token
    assert links.read(token).pk == links.read(token).pk


def test_a_fresh_link_revokes_the_one_before(opened, picture):
    one = opened()
    opening.open_request(one.request.member)
    with pytest.raises(Refusal) as refusal:
        submission.submit(one.token, [picture()], consent_version=AGREED)
    assert refusal.value.code == "link_expired"


def test_a_full_store_keeps_nothing(opened, picture, evidence_dir, settings):
    evidence_dir.parent.mkdir(exist_ok=True)
    evidence_dir.write_text("not a folder")
    with pytest.raises(Refusal) as refusal:
        submission.submit(opened().token, [picture()], consent_version=AGREED)
    assert refusal.value.code == "store_failed"
    assert VerificationRequest.objects.get().state == State.OPENED


def test_the_picture_is_turned_upright_and_bounded(opened, picture):
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    upload = picture(size=(4000, 3000), exif=exif)
    request = submission.submit(opened().token, [upload], consent_version=AGREED)
    kept = request.evidence.get()
    assert (kept.width, kept.height) == (1800, 2400)


def test_nothing_of_the_picture_is_in_the_database(opened, picture, db):
    from django.db import connection

    upload = picture()
    submission.submit(opened().token, [upload], consent_version=AGREED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type = 'bytea'"
        )
        sizes = []
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT max(length("{column}")) FROM "{table}"')
            sizes.append(cursor.fetchone()[0] or 0)
    assert max(sizes) <= 32  # hashes only
