"""The stand-in of an age-assurance service: its page, and the signed call to the site."""

import json
import uuid

import pytest
from aiohttp import web

from compliance.providers import provider_calls
from growmies_admin.practice.config import Config
from growmies_admin.practice.context import Practice
from growmies_admin.practice.server import serving
from tests.growmies_admin.practice.conftest import Guild

SECRET = "0123456789abcdef0123456789abcdef"
REFERENCE = str(uuid.uuid4())


@pytest.fixture
async def site():
    """A site that takes every call; `.calls` has headers and bytes of each, `.url` its address."""
    calls = []

    async def take(request):
        calls.append((request.headers, await request.read()))
        return web.json_response({"result": "passed"}, status=200)

    app = web.Application()
    app.router.add_post("/api/verify/provider/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", calls
    await runner.cleanup()


@pytest.fixture
async def check(tmp_path, http, site):
    """The practice guild with a site to answer."""
    config = Config("127.0.0.1", 0, tmp_path / "p", site_url=site[0], provider_secret=SECRET)
    practice = Practice(config)
    async with serving(practice):
        yield Guild(practice, http)
    practice.close()


async def test_it_signs_as_the_site_expects(check, site, settings):
    settings.PROVIDER_SECRET = SECRET
    path = f"/provider/{REFERENCE}/answers"
    said = await check.control("POST", path, {"result": "passed", "birth_date": "1990-12-31"})
    assert (said["status"], said["answer"]) == (200, {"result": "passed"})
    ((headers, body),) = site[1]
    provider_calls.authenticate(
        headers[provider_calls.TIMESTAMP_HEADER], headers[provider_calls.SIGNATURE_HEADER], body
    )
    answer = provider_calls.read(body)
    assert (str(answer.reference), answer.result) == (REFERENCE, "passed")
    assert answer.delivery_id == said["delivery_id"]
    assert json.loads(body)["birth_date"] == "1990-12-31"


async def test_the_page(check):
    async with check.http.get(f"{check.url}/practice/provider/{REFERENCE}") as page:
        text = await page.text()
        assert (
            page.status == 200 and "default-src 'none'" in page.headers["content-security-policy"]
        )
    for name in ("Pass", "Fail", "Unsure", "Break down"):
        assert f">{name}</button>" in text


@pytest.mark.parametrize("reference", ["x", "1187342001234567890"])
async def test_a_reference_that_is_none(check, reference):
    async with check.http.get(f"{check.url}/practice/provider/{reference}") as page:
        assert page.status == 404


async def test_an_answer_that_is_none(check, site):
    said = await check.control("POST", f"/provider/{REFERENCE}/answers", {"result": "maybe"})
    assert "result must be one of" in said["error"] and not site[1]


async def test_without_a_secret(guild):
    said = await guild.control("POST", f"/provider/{REFERENCE}/answers", {"result": "passed"})
    assert said["error"].startswith("PROVIDER_SECRET is not set")


async def test_a_site_that_is_away(check, site, unused_tcp_port):
    object.__setattr__(check.practice.config, "site_url", f"http://127.0.0.1:{unused_tcp_port}")
    said = await check.control("POST", f"/provider/{REFERENCE}/answers", {"result": "passed"})
    assert said["error"].startswith("The site does not answer")
