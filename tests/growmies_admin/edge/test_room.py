"""How much may be sent at once: from one address, and in all."""

import asyncio

import pytest

from growmies_admin import policy
from tests.growmies_admin.edge.calls import LINK


async def test_it_works(edge):
    await edge.sending(LINK, 24, "192.0.2.1")
    assert (await edge.whole(LINK, 24, "192.0.2.1")).status == 200


async def test_one_address_has_its_share(edge):
    first = [await edge.sending(LINK, 24, "192.0.2.1") for _ in range(2)]
    refused = await edge.whole(LINK, 1, "192.0.2.1")
    assert refused.status == 429
    assert refused.headers[b"retry-after"] == b"30"
    assert "Wait until the rest is through" in refused.body
    assert not any(call.sent for call in first)
    assert (await edge.whole(LINK, 1, "192.0.2.2")).status == 200


async def test_an_ipv6_network_is_one_address(edge):
    for host in (1, 2):
        await edge.sending(LINK, 24, f"2001:db8:0:1::{host}")
    assert (await edge.whole(LINK, 1, "2001:db8:0:1::3")).status == 429
    assert (await edge.whole(LINK, 1, "2001:db8:0:2::3")).status == 200


async def test_what_is_only_declared_takes_next_to_nothing(edge):
    for _ in range(20):
        await edge.silent(LINK, 24, "192.0.2.1")
    assert edge.uploads.taken_bytes == 20 * policy.FORM_BYTES
    assert (await edge.whole(LINK, 24, "192.0.2.1")).status == 200


async def test_who_begins_small_and_grows_past_the_share_is_429(edge):
    await edge.sending(LINK, 24, "192.0.2.1")
    grows = await edge.sending(LINK, 24, "192.0.2.1", of=12)
    await edge.sending(LINK, 10, "192.0.2.1")
    await edge.more(grows, 11)
    assert grows.status == 429


async def test_full_of_whole_bodies_is_503(edge):
    """They stay until they are answered, however long that takes."""
    edge.app.app = edge.slow
    for host in range(4):
        await edge.begun(LINK, 24, f"192.0.2.{host}")
    refused = await edge.whole(LINK, 1, "192.0.2.9")
    assert refused.status == 503
    assert refused.headers[b"retry-after"] == b"30"
    assert edge.uploads.taken_bytes == policy.UPLOADS_AT_ONCE_BYTES


async def test_full_of_uploads_the_rest_of_the_site_works(edge):
    edge.app.app = edge.slow
    for host in range(4):
        await edge.begun(LINK, 24, f"192.0.2.{host}")
    edge.app.app = edge.reader
    assert (await edge.whole("/accounts/login/", 0.5, "192.0.2.1")).status == 200
    assert (await edge.whole("/api/alerts/", 16, "192.0.2.1", edge.token)).status == 200
    assert (await edge.whole(LINK, 0.01, "192.0.2.1")).status == 200  # a form there


async def test_forms_have_room_of_their_own_and_it_ends_too(edge):
    edge.app.app = edge.slow
    for _ in range(policy.FORMS_FROM_ONE_ADDRESS_BYTES // policy.FORM_BYTES):
        await edge.begun("/accounts/login/", 0.001, "192.0.2.1")
    assert (await edge.whole("/accounts/login/", 0.001, "192.0.2.1")).status == 429
    edge.app.app = edge.reader
    assert (await edge.whole("/accounts/login/", 0.001, "192.0.2.2")).status == 200


async def test_who_leaves_makes_room(edge):
    calls = [await edge.sending(LINK, 24, "192.0.2.1") for _ in range(2)]
    calls[0].leave()
    await asyncio.sleep(0.01)
    assert (await edge.whole(LINK, 24, "192.0.2.1")).status == 200


async def test_a_fault_behind_makes_room(edge):
    async def broken(scope, receive, send):
        raise RuntimeError

    edge.app.app = broken
    for _ in range(3):
        with pytest.raises(RuntimeError):
            await edge.whole(LINK, 24, "192.0.2.1")
    edge.app.app = edge.reader
    assert (await edge.whole(LINK, 24, "192.0.2.1")).status == 200
    assert edge.uploads.taken_bytes == 0
