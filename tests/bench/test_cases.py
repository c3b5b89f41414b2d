"""The lists of cases do not slow down with a million of them, nor a member's page with 10,000."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from compliance.members import roster
from tests.bench.conftest import SMALL, costs_of, sized
from tests.bench.schemas import few_beside_many, look_at

FEW, MANY = sized(1_000, 60), sized(1_000_000, 300)
OF_ONE = sized(10_000, 100)
LOUD, QUIET = 1187342001234500001, 1187342001234500002
GOAL = 1.3


def fill(schema: str, count: int, author: int) -> None:
    """So many cases: OF_ONE of the loud member, ten of the quiet one, the rest of a thousand."""
    look_at(schema)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO moderation_case (number, kind, member_id, severity, reason, words,"
            " source, by_id, machine, decided_at, undo_until)"
            " SELECT g, (ARRAY['note', 'warn'])[1 + g %% 2],"
            " CASE WHEN g <= %(loud)s THEN %(loudest)s WHEN g <= %(loud)s + 10 THEN %(quiet)s"
            " ELSE %(loudest)s + 10 + g %% 1000 END,"
            " (ARRAY['low', 'medium', 'high'])[1 + g %% 3], (ARRAY['spam', 'scam'])[1 + g %% 2],"
            " '', 'web', %(author)s, '', now() - interval '1 day', now() - interval '1 day'"
            " FROM generate_series(1, %(count)s) g",
            {
                "loud": min(OF_ONE, count // 2),
                "loudest": LOUD,
                "quiet": QUIET,
                "author": author,
                "count": count,
            },
        )


@pytest.fixture
def both(transactional_db: None, staff: Any) -> Iterator[Client]:
    """In the schema `few` a thousand cases, in `public` a million; a moderator's browser."""
    author = staff("moderator", username="author")
    for number in (LOUD, QUIET, *range(LOUD + 10, LOUD + 1010)):
        roster.seen(number, f"member{number}")
    with few_beside_many("moderation_case"):
        fill("few", FEW, author.pk)
        fill("public", MANY, author.pk)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE few.moderation_case, public.moderation_case")
        client = Client()
        client.force_login(
            staff("moderator"), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        yield client


def page(client: Client, schema: str, url: str) -> Callable[[], None]:
    def get() -> None:
        look_at(schema)
        assert client.get(url).status_code == 200

    return get


@pytest.mark.parametrize("query", ["", "?kind=warn", "?reason=scam", "?show=mine"])
def test_the_list(both: Client, say: Callable[..., None], query: str) -> None:
    url = f"/moderation/{query}"
    few, many = costs_of(page(both, "few", url), page(both, "public", url))
    say(
        f"cases {query or 'all'}, {MANY:,} over {FEW:,}",
        many.cpu / few.cpu,
        f"{GOAL} at most",
        f"{many.wall * 1000:.1f} ms and {few.wall * 1000:.1f} ms by the clock",
    )
    assert SMALL or many.cpu / few.cpu <= GOAL


def test_a_members_page(both: Client, say: Callable[..., None]) -> None:
    quiet, loud = costs_of(
        page(both, "public", f"/members/{QUIET}/"), page(both, "public", f"/members/{LOUD}/")
    )
    say(
        f"a member's page with {OF_ONE:,} cases over one with 10",
        loud.cpu / quiet.cpu,
        "2 at most",
        f"{loud.wall * 1000:.1f} ms and {quiet.wall * 1000:.1f} ms by the clock",
    )
    assert SMALL or loud.cpu / quiet.cpu <= 2
