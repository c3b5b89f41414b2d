"""Asks each process whether it works, as its users would."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import psycopg
import redis

from growmies_admin.stack.layout import MONITORING_USER, Layout

_TIMEOUT = 2.0
# One client: each makes a TLS context, which takes 20 ms. No connection outlives its question.
_client = httpx.Client(
    timeout=_TIMEOUT, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
)


def probe(layout: Layout, name: str, environment: dict[str, str]) -> str:
    """ "" when the process answers as it should, else why not in a few words."""
    asks: dict[str, Callable[[], str]] = {
        "postgres": lambda: _postgres(environment["DATABASE_URL"]),
        "valkey": lambda: _valkey(environment["REDIS_URL"]),
        "prometheus": lambda: _monitor("PROMETHEUS", environment),
        "alertmanager": lambda: _monitor("ALERTMANAGER", environment),
        "web": lambda: _http(f"http://127.0.0.1:{layout.port('web')}/ready"),
        "bot": lambda: _http(f"http://127.0.0.1:{layout.port('bot')}/ready"),
        "practice": lambda: _http(f"http://127.0.0.1:{layout.port('practice')}/practice/guild"),
        "worker": lambda: _http(f"http://127.0.0.1:{layout.port('worker')}/live"),
    }
    if name in asks:
        return asks[name]()
    if name.endswith("-exporter"):
        sign = httpx.BasicAuth(MONITORING_USER, environment.get("EXPORTER_PASSWORD", ""))
        return _http(f"http://127.0.0.1:{layout.port(name)}/metrics", sign)
    return ""


def port_is_listened_on(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def port_is_free(port: int) -> bool:
    """Whether a server could listen. A connection that used it may hold it for a minute."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _monitor(name: str, environment: dict[str, str]) -> str:
    user, password = (environment.get(f"{name}_{what}", "") for what in ("USER", "PASSWORD"))
    sign = httpx.BasicAuth(user, password) if user else None
    return _http(environment[f"{name}_URL"].rstrip("/") + "/-/ready", sign)


def _http(url: str, sign: httpx.BasicAuth | None = None) -> str:
    try:
        answer = _client.get(url, auth=sign)
    except httpx.HTTPError as error:
        return f"no answer ({type(error).__name__})"
    return "" if answer.is_success else f"answers {answer.status_code}"


def _postgres(url: str) -> str:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return "does not accept connections"
    return ""


def _valkey(url: str) -> str:
    parts = urlsplit(url)
    client = redis.Redis(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 6379,
        username=parts.username or None,
        password=parts.password or None,
        ssl=parts.scheme == "rediss",
        socket_timeout=_TIMEOUT,
        socket_connect_timeout=_TIMEOUT,
    )
    try:
        client.ping()
    except redis.RedisError:
        return "does not answer"
    finally:
        client.close()
    return ""
