"""Bodies that are too large or of unknown length never reach Django, whatever the method."""

import json

import pytest

from growmies_admin.asgi import application
from growmies_admin.edge.bodies import Bodies
from tests.growmies_admin.edge.calls import LINK, Call, Recorder, bearer, length

MEGABYTE = 1024**2
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "QUERY"]
TOKEN = "a token of Alertmanager"
# Path, what is in the header, megabytes.
LIMITS = [
    ("/accounts/login/", (), 1),
    ("/live", (), 1),
    (LINK, (), 24),
    (f"{LINK}withdraw/", (), 1),
    (f"{LINK[:-2]}/", (), 1),  # its signature was cut
    ("/verify/forged.x/", (), 1),
    ("/verify/", (), 1),
    ("/api/alerts/", bearer(TOKEN), 16),
    ("/api/alerts/", bearer(f"{TOKEN}x"), 1),
    ("/api/alerts/", (), 1),
    ("/api/alerts/x/", bearer(TOKEN), 1),
]


@pytest.fixture(autouse=True)
def _token(settings):
    settings.ALERT_WEBHOOK_TOKEN = TOKEN


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_it_works(method, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    call = Call(
        method,
        LINK,
        headers=[*length(20 * MEGABYTE), (b"content-type", b"application/octet-stream")],
        parts=[bytes(MEGABYTE)] * 20,
    )
    await call.to(application)
    assert call.status == 403  # read whole, and refused for its missing CSRF token


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("path", "headers", "megabytes"), LIMITS)
async def test_over_its_limit(method, path, headers, megabytes):
    over = [*length(megabytes * MEGABYTE + 1), *headers]
    call = await Call(method, path, over).to(application)
    assert call.status == 413
    assert f"That is more than {megabytes} MB in all" in call.body or method == "HEAD"
    assert call.asked == 0


@pytest.mark.parametrize(("path", "headers", "megabytes"), LIMITS)
async def test_up_to_its_limit(path, headers, megabytes):
    behind = Recorder()
    within = [*length(megabytes * MEGABYTE), *headers]
    assert (await Call("POST", path, within).to(Bodies(behind))).status == 200
    assert behind.calls == 1


async def test_without_a_configured_token_nobody_has_it(settings):
    settings.ALERT_WEBHOOK_TOKEN = ""
    over = [*length(MEGABYTE + 1), *bearer("")]
    assert (await Call("POST", "/api/alerts/", over).to(application)).status == 413


@pytest.mark.parametrize("method", METHODS)
async def test_no_method_reaches_a_temporary_file(method, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    call = Call(method, "/verify/x/", length(40 * MEGABYTE), [bytes(MEGABYTE)] * 40)
    await call.to(application)
    assert call.status == 413


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "headers",
    [
        [(b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"chunked"), (b"content-length", b"5")],
        [(b"content-length", b"many")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"1e3")],
        [(b"content-length", b"12, 12")],
        [(b"content-length", b"")],
    ],
)
async def test_of_unknown_length(method, headers):
    call = await Call(method, "/verify/x/", headers).to(application)
    assert call.status == 411
    assert call.asked == 0


async def test_an_endless_length():
    call = await Call(headers=[(b"content-length", b"9" * 5000)]).to(application)
    assert call.status == 413


async def test_an_upload_that_is_too_large_is_told_what_to_do():
    call = await Call(path=LINK, headers=length(25 * MEGABYTE)).to(application)
    assert call.body == (
        "That is more than 24 MB in all; nothing was kept. "
        "Choose fewer pictures, or take them again with less detail."
    )


@pytest.mark.parametrize(
    ("path", "accept"), [("/api/alerts/", b"*/*"), (LINK, b"application/json, text/html")]
)
async def test_programs_and_scripts_are_told_as_json(path, accept):
    headers = [*length(30 * MEGABYTE), (b"accept", accept)]
    call = await Call(path=path, headers=headers).to(application)
    assert json.loads(call.body)["code"] == "too_large"
    assert "nothing was kept" in json.loads(call.body)["error"]


async def test_a_get_without_a_body_is_not_touched():
    call = await Call("GET").to(application)
    assert call.status == 200
