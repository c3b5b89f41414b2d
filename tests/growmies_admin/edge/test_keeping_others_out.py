"""Nobody is kept out by bodies that don't come, from however many addresses."""

import contextlib
import resource
from pathlib import Path

import psutil
import pytest

from growmies_admin import policy
from tests.growmies_admin.edge.calls import LINK
from tests.growmies_admin.edge.conftest import running_web

SIGN_IN, ALERTS = "/accounts/login/", "/api/alerts/"
KILOBYTE = 1 / 1024


async def test_silent_forms_of_many_addresses_do_not_keep_the_sign_in_out(edge):
    silent = []
    for host in range(8):
        silent += [await edge.silent(SIGN_IN, KILOBYTE, f"192.0.2.{host}") for _ in range(64)]
    assert edge.forms.taken_bytes == policy.FORMS_AT_ONCE_BYTES
    assert (await edge.whole(SIGN_IN, KILOBYTE, "198.51.100.1")).status == 200
    ended = [call for call in silent if call.sent]
    assert [call.status for call in ended] == [503]
    assert ended[0].headers[b"retry-after"] == b"30"
    assert ended[0] is silent[0]


async def test_one_silent_form_each_of_512_addresses(edge):
    for host in range(512):
        await edge.silent(SIGN_IN, KILOBYTE, f"10.0.{host // 256}.{host % 256}")
    assert (await edge.whole(SIGN_IN, KILOBYTE, "198.51.100.1")).status == 200


async def test_nor_do_those_of_the_same_address(edge):
    silent = [await edge.silent(SIGN_IN, KILOBYTE, "192.0.2.1") for _ in range(64)]
    assert (await edge.whole(SIGN_IN, KILOBYTE, "192.0.2.1")).status == 200
    assert [call.status for call in silent if call.sent] == [429]


@pytest.mark.parametrize("megabytes", [0.5, 1])
async def test_larger_ones_of_strangers(edge, megabytes):
    for host in range(20):
        for _ in range(20):
            await edge.sending(SIGN_IN, megabytes, f"192.0.2.{host}")
    assert (await edge.whole(SIGN_IN, megabytes, "198.51.100.1")).status == 200


async def test_silent_uploads_without_a_link_of_ours(edge):
    for host in range(20):
        for _ in range(2):
            await edge.silent("/verify/x/", 24, f"192.0.2.{host}")
    assert edge.uploads.taken_bytes == 0
    assert (await edge.whole(LINK, 3, "198.51.100.1")).status == 200


async def test_silent_uploads_with_one(edge):
    for host in range(20):
        for _ in range(20):
            await edge.silent(LINK, 24, f"192.0.2.{host}")
    assert (await edge.whole(LINK, 3, "198.51.100.1")).status == 200


async def test_uploads_that_were_sent_and_do_not_end(edge):
    """The oldest of those who hold most gives way to who holds little."""
    calls = [await edge.sending(LINK, 24, f"192.0.2.{host // 2}") for host in range(4)]
    small = await edge.sending(LINK, 1, "198.51.100.1")
    assert [bool(call.sent) for call in calls] == [True, False, False, False]
    assert calls[0].status == 503
    assert not small.sent
    assert edge.uploads.taken_bytes < policy.UPLOADS_AT_ONCE_BYTES


async def test_who_holds_most_does_not_end_who_holds_less(edge):
    small = await edge.sending(LINK, 3, "198.51.100.1")
    for host in range(3):
        await edge.sending(LINK, 24, f"192.0.2.{host}")
    last = await edge.sending(LINK, 24, "192.0.2.0")
    assert last.status == 503
    assert not small.sent


async def test_an_ended_one_is_answered_though_it_is_silent(edge):
    """Not when its patience is over, but at once."""
    silent = [await edge.silent(SIGN_IN, KILOBYTE, "192.0.2.1") for _ in range(65)]
    assert silent[0].status == 429


@pytest.mark.parametrize("megabytes", [2 * KILOBYTE, 0.1, 11])
async def test_strangers_do_not_keep_alertmanager_out(edge, megabytes):
    for host in range(8):
        for declared in (16, 1, *[2 * KILOBYTE] * 64):
            await edge.silent(ALERTS, declared, f"192.0.2.{host}")
            await edge.silent(ALERTS, declared, f"192.0.2.{host}", edge.wrong_token)
    for _ in range(policy.FORMS_FROM_ONE_ADDRESS_BYTES // policy.FORM_BYTES):
        await edge.silent(ALERTS, 2 * KILOBYTE, "127.0.0.1")
    assert (await edge.whole(ALERTS, megabytes, "127.0.0.1", edge.token)).status == 200


async def test_whole_ones_of_strangers_do_not_either(edge):
    edge.app.app = edge.slow
    for host in range(8):
        for _ in range(64):
            await edge.begun(SIGN_IN, KILOBYTE, f"192.0.2.{host}")
    edge.app.app = edge.reader
    assert (await edge.whole(SIGN_IN, KILOBYTE, "127.0.0.1")).status == 503
    assert (await edge.whole(ALERTS, 2 * KILOBYTE, "127.0.0.1", edge.token)).status == 200


async def test_small_alerts_come_past_large_ones(edge):
    edge.app.app = edge.slow
    for _ in range(2):
        await edge.begun(ALERTS, 16, "127.0.0.1", edge.token)
    edge.app.app = edge.reader
    assert (await edge.whole(ALERTS, 0.1, "127.0.0.1", edge.token)).status == 429
    assert (await edge.whole(ALERTS, 2 * KILOBYTE, "127.0.0.1", edge.token)).status == 200


def send_silent_forms(web, open_ones):
    """600; all come from one address here."""
    head = f"POST {SIGN_IN} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx".encode()
    for _ in range(600):
        open_ones.enter_context(web.connect()).sendall(head)


def test_over_real_sockets(web):
    with contextlib.ExitStack() as open_ones:
        send_silent_forms(web, open_ones)
        assert web.ask(f"POST {ALERTS}", "Content-Length: 5", body=b"a=b&c")[0] == 401


def test_where_the_system_allows_few_connections(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = (
        len(list(Path("/proc/self/fd").iterdir())) + 150
    )  # this process has files of other tests open
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
    try:
        running = running_web(tmp_path)
        web = running.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with contextlib.ExitStack() as open_ones:
        open_ones.push(running)
        send_silent_forms(web, open_ones)
        found = psutil.Process(web.process.pid).rlimit(psutil.RLIMIT_NOFILE)
        assert found == (policy.OPEN_FILES, hard)
        assert web.ask(f"POST {ALERTS}", "Content-Length: 5", body=b"a=b&c")[0] == 401
