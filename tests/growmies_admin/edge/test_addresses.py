"""Who asks: X-Forwarded-For and -Proto count only from TRUSTED_PROXIES, and only at the edge."""

from ipaddress import ip_network

import pytest
from django.conf import settings
from django.test import RequestFactory

from growmies_admin.accounts.adapters import StaffAdapter
from growmies_admin.edge.addresses import Addresses
from tests.growmies_admin.edge.calls import Call, Recorder
from tests.running import eventually

PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")]


async def seen(*headers, peer="127.0.0.1", trusted=PROXIES):
    """The scope that reaches the site."""
    behind = Recorder()
    await Call("GET", "/", headers, client=peer).to(Addresses(behind, trusted))
    return behind.scopes[0]


async def client(hops, **more):
    return (await seen((b"x-forwarded-for", hops.encode()), **more))["client"][0]


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3", "2001:db8:ffff::1"])
async def test_it_works(peer):
    assert await client("198.51.100.7", peer=peer) == "198.51.100.7"


async def test_nobody_is_trusted_by_default():
    assert settings.TRUSTED_PROXIES == ()
    assert await client("198.51.100.7", trusted=()) == "127.0.0.1"


async def test_what_a_client_says_itself_does_not_count():
    assert await client("198.51.100.7", peer="203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize(
    ("hops", "found"),
    [
        ("198.51.100.7, 203.0.113.9", "203.0.113.9"),  # the left one is the client's own word
        ("198.51.100.7, 203.0.113.9, 10.0.0.4", "203.0.113.9"),
        ("10.0.0.5, 10.0.0.4", "10.0.0.5"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::9]:4711", "2001:db8::9"),
        ("2001:db8::9", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("198.51.100.7, nonsense, 10.0.0.4", "10.0.0.4"),
        ("<script>", "127.0.0.1"),
        ("", "127.0.0.1"),
        (" , ,", "127.0.0.1"),
        ("1" * 60_000, "127.0.0.1"),
    ],
)
async def test_the_right_most_hop_that_is_no_proxy(hops, found):
    assert await client(hops) == found


async def test_several_lines_are_one_list():
    scope = await seen(
        (b"x-forwarded-for", b"198.51.100.7"), (b"x-forwarded-for", b"203.0.113.9, 10.0.0.4")
    )
    assert scope["client"][0] == "203.0.113.9"


@pytest.mark.parametrize(
    ("said", "scheme"),
    [("https", "https"), ("HTTPS", "https"), ("https, http", "http"), ("ftp", "http")],
)
async def test_the_scheme_is_what_the_last_proxy_said(said, scheme):
    assert (await seen((b"x-forwarded-proto", said.encode())))["scheme"] == scheme


async def test_the_scheme_of_a_stranger_does_not_count():
    scope = await seen((b"x-forwarded-proto", b"https"), peer="203.0.113.9")
    assert scope["scheme"] == "http"


@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
async def test_nothing_behind_can_read_them_again(peer):
    said = [
        (name, b"198.51.100.7")
        for name in (
            *(b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port"),
            *(b"forwarded", b"x-real-ip"),
        )
    ]
    assert (await seen(*said, peer=peer))["headers"] == [(b"host", b"localhost")]


async def test_without_an_address_of_its_own_the_connection_is_not_trusted():
    behind = Recorder()
    call = Call("GET", "/", [(b"x-forwarded-for", b"198.51.100.7")])
    call.scope["client"] = None  # a Unix socket
    await call.to(Addresses(behind, PROXIES))
    assert behind.scopes[0]["client"] is None


def test_allauth_and_the_logs_go_by_remote_addr():
    from ipware import get_client_ip

    claims = dict.fromkeys(
        ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP", "HTTP_CF_CONNECTING_IP"),
        "198.51.100.7",
    )
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", **claims)
    assert StaffAdapter(request).get_client_ip(request) == "203.0.113.9"
    assert get_client_ip(request)[0] == "203.0.113.9"


def test_a_running_site_believes_no_claim(web):
    status, _ = web.ask("POST /api/alerts/", "X-Forwarded-For: 198.51.100.7")
    assert status == 401
    eventually(lambda: '"ip": "127.0.0.1"' in web.log.read_text(), within_seconds=10)
    assert "198.51.100.7" not in web.log.read_text()
