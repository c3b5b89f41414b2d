"""The desk does not slow down with history: a million requests, twenty thousand of them open."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.conftest import Cost, costs_of

FIRST = 1_187_342_001_234_567_890
FEW, MANY, OPEN = 1_000, 1_000_000, 20_000
TABLES = ("members_member", "verification_verificationrequest")


def fill(schema: str, count: int, open_count: int) -> None:
    """`count` requests, a member each, the last `open_count` of them open.

    The open ones came in evenly over the last five hours (a fifth is overdue), one in fifty
    is escalated; those before them are history of the years before.
    """
    where = {"first": FIRST, "count": count, "open": open_count}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {schema}.members_member (discord_id, username, display_name, in_guild,"
            " has_verified_role, joined_at, seen_at)"
            " SELECT %(first)s + g, 'member' || g, '', true, g <= %(count)s - %(open)s,"
            " now(), now()"
            " FROM generate_series(1, %(count)s) g",
            where,
        )
        cursor.execute(
            f"INSERT INTO {schema}.verification_verificationrequest (member_id, method, state,"
            " version, opened_at, submitted_at, due_at, state_since)"
            " SELECT %(first)s + g, CASE WHEN g %% 3 = 0 THEN 'provider' ELSE 'in_person' END,"
            " CASE WHEN age IS NULL THEN CASE WHEN g %% 9 = 0 THEN 'denied' ELSE 'approved' END"
            " WHEN g %% 50 = 0 THEN 'escalated' ELSE 'pending' END, 2,"
            " came, came, came + interval '4 hours', came"
            " FROM (SELECT g, age, now() - coalesce(age * interval '5 hours',"
            " interval '1 day' + (%(count)s - g) * interval '1 minute') came FROM (SELECT g,"
            " CASE WHEN g > %(count)s - %(open)s THEN (%(count)s - g)::float / %(open)s END age"
            " FROM generate_series(1, %(count)s) g) ages) requests",
            where,
        )
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {schema}.{table}")


def look_at(schema: str) -> None:
    """Which set of tables the site sees from here on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema}, public")


@pytest.fixture(scope="module")
def both(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The same two tables twice: in the schema `few` 1,000 requests, in `public` a million."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA few")
            for table in TABLES:
                cursor.execute(f"CREATE TABLE few.{table} (LIKE public.{table} INCLUDING ALL)")
        fill("few", FEW, FEW)
        fill("public", MANY, OPEN)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA few CASCADE")
        cursor.execute("TRUNCATE members_member, verification_verificationrequest CASCADE")


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


@pytest.mark.django_db
@pytest.mark.parametrize("tab", ["open", "mine", "overdue", "escalated"])
def test_the_queue_page(
    client: Client, one_backend: None, say: Callable[..., None], tab: str
) -> None:
    few, many = costs_of(
        reader(client, f"/queue/?tab={tab}", "few"), reader(client, f"/queue/?tab={tab}")
    )
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/queue/?tab={tab}")
    say(
        f"queue page ({tab}) with 1,000,000 requests, times that with 1,000",
        many.cpu / few.cpu,
        "1.3 at most",
        f"{in_words(many, few)}; {len(captured)} queries (goal 12 at most)",
    )
    assert many.cpu / few.cpu <= 1.3
    assert len(captured) <= 12


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
    assert theirs.cpu / ours.cpu >= 5


@pytest.mark.django_db
def test_a_later_page(moderator: Any, say: Callable[..., None]) -> None:
    """By keyset: the last page costs what the first one costs."""
    from compliance.verification import queue
    from compliance.verification.models import VerificationRequest

    look_at("public")
    newest = VerificationRequest.objects.reviewable().order_by("-due_at", "-id")[200]
    first, last = costs_of(
        lambda: queue.page(queue.Filters(), moderator),
        lambda: queue.page(queue.Filters(after=queue._cursor(newest)), moderator),
    )
    say(
        "the last page of 20,000 open requests, times the first",
        last.cpu / first.cpu,
        "1.3 at most",
        in_words(last, first),
    )
    assert last.cpu / first.cpu <= 1.3
