"""The desk does not slow down with history: a million requests, twenty thousand of them open."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.conftest import SMALL, Cost, costs_of, sized
from tests.bench.filling import TABLES, fill
from tests.bench.schemas import few_beside_many, look_at

FEW, MANY, OPEN = 1_000, sized(1_000_000, 2_000), sized(20_000, 1_000)


@pytest.fixture(scope="module")
def both(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The same two tables twice: in the schema `few` 1,000 requests, in `public` a million."""
    with django_db_blocker.unblock(), few_beside_many(*TABLES):
        fill("few", FEW, FEW)
        fill("public", MANY, OPEN)
        yield


@pytest.fixture
def moderator(both: None, staff: Any) -> Any:
    return staff("moderator")


@pytest.fixture
def client(client: Client, moderator: Any) -> Client:
    client.force_login(moderator, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture(autouse=True)
def nothing_is_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test client copies the context of every template, for tests to look at."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *args, **kw: None)


def reader(client: Client, url: str, schema: str = "public") -> Callable[[], None]:
    def read() -> None:
        assert client.get(url).status_code == 200

    def read_there() -> None:
        look_at(schema)
        read()

    return read_there


def in_words(one: Cost, other: Cost) -> str:
    return (
        f"{one.cpu * 1000:.1f} and {other.cpu * 1000:.1f} ms of processor time, "
        f"{one.wall * 1000:.1f} and {other.wall * 1000:.1f} ms by the clock; medians in turn"
    )


@pytest.fixture
def one_backend(both: None) -> None:
    """Nothing runs in parallel workers, whose time is not seen; it would cost no less there."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather TO 0")


def count(client: Client, url: str) -> int:
    """Queries of a page; fewer where what all readers share is kept, for two seconds."""
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("tab", ["open", "mine", "overdue", "escalated"])
def test_the_queue_page(
    client: Client, one_backend: None, say: Callable[..., None], tab: str
) -> None:
    few, many = costs_of(
        reader(client, f"/queue/?tab={tab}", "few"), reader(client, f"/queue/?tab={tab}")
    )
    queries = min(count(client, f"/queue/?tab={tab}") for _ in range(5))
    say(
        f"queue page ({tab}) with 1,000,000 requests, times that with 1,000",
        many.cpu / few.cpu,
        "1.3 at most",
        f"{in_words(many, few)}; {queries} queries (goal 12 at most)",
    )
    assert SMALL or many.cpu / few.cpu <= 1.3
    assert queries <= 12


@pytest.mark.django_db
def test_the_django_admin(
    client: Client, one_backend: None, settings: Any, say: Callable[..., None]
) -> None:
    settings.ROOT_URLCONF = "tests.bench.changelist"
    changelist = "/bench-admin/verification/verificationrequest/"
    ours, theirs, same = costs_of(
        reader(client, "/queue/"),
        reader(client, changelist),
        reader(client, f"{changelist}?state__exact=pending&o=6"),
        times=15,
        warm_up=2,
    )
    say(
        "Django admin changelist, times the queue page, same table, same run",
        theirs.cpu / ours.cpu,
        "5 at least",
        f"{in_words(theirs, ours)}; filtered to pending and by deadline the changelist "
        f"takes {same.cpu * 1000:.1f} ms",
    )
    assert SMALL or theirs.cpu / ours.cpu >= 5


@pytest.mark.django_db
def test_a_later_page(moderator: Any, say: Callable[..., None]) -> None:
    """By keyset: the last page costs what the first one costs."""
    from compliance.queue import listing
    from compliance.verification.models import VerificationRequest
    from monitoring.ui import paging

    look_at("public")
    newest = VerificationRequest.objects.reviewable().order_by("-due_at", "-id")[200]
    first, last = costs_of(
        lambda: listing.page(listing.Filters(), moderator),
        lambda: listing.page(
            listing.Filters(after=paging.cursor(newest, "due_at", "id")), moderator
        ),
    )
    say(
        "the last page of 20,000 open requests, times the first",
        last.cpu / first.cpu,
        "1.3 at most",
        in_words(last, first),
    )
    assert SMALL or last.cpu / first.cpu <= 1.3
