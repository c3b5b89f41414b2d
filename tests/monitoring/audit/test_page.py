"""/audit/: each role sees what is its business, and no more."""

import re
import uuid

import pytest

from monitoring.audit import blinds, trail
from monitoring.audit.models import ActorType, Category

pytestmark = pytest.mark.django_db
URL = "/audit/"


@pytest.fixture
def people(staff):
    return {
        role: staff(role, username=role)
        for role in ("moderator", "compliance", "operator", "administrator")
    }


@pytest.fixture
def entries(people, staff):
    other = staff("moderator", username="other")
    trail.record("verification.mine", actor=people["moderator"])
    trail.record("verification.theirs", actor=other)
    trail.record("verification.members", actor_type=ActorType.MEMBER)
    trail.record("job.technical", category=Category.TECHNICAL)
    trail.record("job.by_moderator", category=Category.TECHNICAL, actor=people["moderator"])
    trail.record("staff.access", category=Category.ACCESS, actor=people["administrator"])


def actions(answer):
    return sorted(re.findall(r'title="((?:verification|job|staff)\.\w+)"', answer.content.decode()))


EVERYTHING = [
    "job.by_moderator",
    "job.technical",
    "staff.access",
    "verification.members",
    "verification.mine",
    "verification.theirs",
]


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("moderator", ["job.by_moderator", "verification.mine"]),
        ("operator", ["job.by_moderator", "job.technical"]),
        ("compliance", EVERYTHING),
        ("administrator", EVERYTHING),
    ],
)
def test_what_each_role_sees(people, entries, sign_in, role, seen):
    assert actions(sign_in(people[role]).get(URL)) == seen


def test_both_roles_add_up(entries, staff, sign_in):
    person = staff("moderator", "operator", username="both")
    trail.record("verification.own", actor=person)
    seen = actions(sign_in(person).get(URL))
    assert seen == ["job.by_moderator", "job.technical", "verification.own"]


@pytest.mark.parametrize(
    "query", ["?category=access", "?action=verification.t", "?action=staff", "?category=secret"]
)
def test_a_filter_never_shows_more(people, entries, sign_in, query):
    seen = actions(sign_in(people["moderator"]).get(URL + query))
    assert set(seen) <= {"job.by_moderator", "verification.mine"}


def test_by_category(people, entries, sign_in):
    answer = sign_in(people["compliance"]).get(f"{URL}?category=technical")
    assert actions(answer) == ["job.by_moderator", "job.technical"]


def test_by_action(people, entries, sign_in):
    answer = sign_in(people["compliance"]).get(f"{URL}?action=verification.m")
    assert actions(answer) == ["verification.members", "verification.mine"]


def test_by_target(people, sign_in):
    trail.record("staff.about", actor=people["administrator"], target=people["operator"])
    trail.record("staff.about", actor=people["administrator"], target=people["moderator"])
    query = f"?target=accounts.staff:{people['operator'].pk}"
    assert actions(sign_in(people["compliance"]).get(URL + query)) == ["staff.about"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("after", "²"), ("after", "9" * 60), ("target", "x"), ("target", ":"), ("category", "x")],
)
def test_a_damaged_filter(people, entries, sign_in, name, value):
    assert sign_in(people["compliance"]).get(URL, {name: value}).status_code == 200


def test_pages_show_everything_once(people, sign_in):
    for number in range(120):
        trail.record(f"job.n{number:03}", category=Category.TECHNICAL)
    client, query, seen = sign_in(people["operator"]), "", []
    for _ in range(3):
        answer = client.get(URL + query)
        seen += re.findall(r'title="job\.n(\d+)"', answer.content.decode())
        query = f"?after={answer.context['page'].next}"
    assert [int(n) for n in seen] == list(range(119, -1, -1))
    assert not answer.context["page"].next


def test_the_list_asks_no_more_for_more_entries(people, entries, sign_in, statements):
    client = sign_in(people["compliance"])
    few = statements(lambda: client.get(URL))
    for number in range(60):
        trail.record(f"job.n{number}", category=Category.TECHNICAL)
    assert statements(lambda: client.get(URL)) <= few


def test_facts_are_text_and_never_markup(people, sign_in):
    trail.record("job.words", category=Category.TECHNICAL, data={"note": "<b>bold</b>"})
    page = sign_in(people["operator"]).get(URL).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_a_critical_entry_stands_out(people, sign_in):
    trail.record("staff.break_glass", category=Category.ACCESS, severity="critical")
    page = sign_in(people["administrator"]).get(URL).content.decode()
    entry = re.search(r'title="staff\.break_glass">(.*?)</a>', page, re.DOTALL)[1]
    assert re.search(r'class="state tone-critical">.*Staff break glass', entry, re.DOTALL), entry


def test_who_is_blind_for_a_member_sees_their_own_acts_all_the_same(people, sign_in, monkeypatch):
    subject = uuid.uuid4()
    for person in ("moderator", "compliance"):
        trail.record("verification.done", actor=people[person], subject_id=subject)
    monkeypatch.setattr(blinds, "subjects", lambda user: frozenset({subject}))
    page = sign_in(people["compliance"]).get(URL)
    assert actions(page) == ["verification.done"], "theirs, and not the other's"
