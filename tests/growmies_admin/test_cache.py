"""The cache asks Valkey over connections that stay, whoever asks."""

from contextvars import Context

import redis
from django.conf import settings
from django.core.cache import caches


def connections():
    with redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]) as valkey:
        return valkey.info("stats")["total_connections_received"]


def ask(number):
    caches["default"].set(f"n{number}", number)
    assert caches["default"].get(f"n{number}") == number
    return caches["default"]


def test_requests_share_their_connections():
    """Each request over ASGI runs in a context of its own, and Django makes a cache in each."""
    ask(0)
    before = connections()
    asked = [Context().run(ask, number) for number in range(20)]
    assert len({id(cache) for cache in asked}) == 20
    assert connections() - before <= 2, "this test's own question is one"


def test_a_client_is_made_once():
    made, other = (Context().run(ask, number)._cache for number in (1, 2))
    assert made.get_client() is made.get_client(write=True) is other.get_client()


def test_a_connection_that_was_cut_is_made_anew():
    mine = ask(1)._cache.get_client().client_id()
    with redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]) as valkey:
        assert valkey.client_kill_filter(_id=mine) == 1
    assert ask(2).get("n2") == 2
