"""One engine for everything that is said to people: once, in order, and never to somebody else."""

import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from monitoring import policy
from monitoring.delivery import holds, leases, outbox, sending, sources, transports
from monitoring.delivery.content import Content, Sent, To, Undelivered, Way
from monitoring.delivery.models import Attempt, Kind, Message, State

pytestmark = pytest.mark.django_db


class Board(Way):
    """A channel of these tests: takes what it is given, or answers as it is told."""

    name, label, words = "board", "Board", "board"
    follows = True

    def __init__(self):
        self.got, self.answers, self.unreachable = [], [], set()

    def targets(self):
        return ["a", "b"]

    def takes(self, about):
        return []

    def reaches(self, person):
        return person.username not in self.unreachable

    def send(self, to, content, before):
        if self.answers and (answer := self.answers.pop(0)):
            raise answer
        self.got.append((to.target, content.title, before.receipt, before.once))
        return Sent(receipt=f"r{len(self.got)}")


class News(sources.Source):
    """A room of these tests: `words` are what it says of each subject."""

    name, label = "news", "News"
    give_up = timedelta(minutes=10)

    def __init__(self):
        self.words, self.over, self.ends = {}, set(), []

    def unneeded(self, messages):
        return messages.filter(subject_id__in=self.over)

    def content(self, message):
        return Content(self.words.get(message.subject, f"n{message.subject}"), "", "", "k", "info")

    def bundle(self, bundle, parts):
        return Content(f"{parts.count()} more", "", "", "k", "info")

    def subjects(self, ids):
        return {one: sources.Subject(f"Subject {one}") for one in ids}

    def went(self, message):
        self.ends.append((message.subject, "went"))

    def gave_up(self, message):
        self.ends.append((message.subject, message.error))


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    monkeypatch.setattr("celery.current_app.send_task", lambda *_, **__: None)


@pytest.fixture
def board(monkeypatch):
    made = Board()
    monkeypatch.setitem(transports.everything(), "board", made)
    return made


@pytest.fixture
def news(monkeypatch):
    made = News()
    monkeypatch.setitem(sources._SOURCES, "news", made)
    return made


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as found:
        yield found


def titles(board):
    return [title for _, title, *_ in board.got]


def test_it_works(board, news):
    outbox.want(news, "board", To("a"), [1, 2])
    assert sending.send_due() == 2
    assert [(target, title) for target, title, *_ in board.got] == [("a", "n1"), ("a", "n2")]
    assert news.ends == [(1, "went"), (2, "went")]
    assert sending.send_due() == 0


def test_what_was_asked_for_is_not_asked_for_again(board, news):
    outbox.want(news, "board", To("a"), [1])
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    outbox.want(news, "board", To("a"), [1])
    assert sending.send_due() == 0
    assert len(board.got) == 1


def test_the_database_holds_one_message_a_subject_and_target(news):
    facts = {"source": "news", "subject_id": 1, "channel": "board", "target": "a"}
    Message.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(**facts)
    Message.objects.create(**facts | {"target": "b"})


def test_a_change_follows_the_message(board, news):
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    news.words[1] = "changed"
    outbox.again(news, [1])
    sending.send_due()
    (_, first, receipt, once), (_, second, edited, another) = board.got
    assert (first, receipt, second, edited) == ("n1", "", "changed", "r1")
    assert once != another


def test_a_change_that_comes_while_it_is_sent_is_sent_too(board, news, monkeypatch):
    send = board.send

    def slow(*facts):
        if not board.got:
            outbox.again(news, [1])
        return send(*facts)

    monkeypatch.setattr(board, "send", slow)
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    assert len(board.got) == 2
    assert Message.objects.get().state == State.SENT


def test_a_change_of_one_subject_is_no_change_of_another_room_s(board, news):
    outbox.want(news, "board", To("a"), [1])
    Message.objects.create(source="other", subject_id=1, channel="board", target="a", wanted=1)
    sending.send_due()
    other = Message.objects.get(source="other").wanted
    outbox.again(news, [1])
    assert Message.objects.get(source="other").wanted == other


def test_patience_holds_the_target_for_every_room(board, news, clock):
    board.answers = [Undelivered("Later", retry_after_seconds=40)]
    outbox.want(news, "board", To("a"), [1])
    Message.objects.create(source="other", subject_id=9, channel="board", target="a", place="a")
    outbox.want(news, "board", To("a"), [2])
    outbox.want(news, "board", To("b"), [3])
    sending.send_due()
    assert titles(board) == ["n3"]
    assert Message.objects.get(source="other").not_before > timezone.now()
    clock.shift(39)
    assert sending.send_due() == 0
    clock.shift(1)
    sending.send_due()
    assert {"n1", "n2"} < set(titles(board))


def test_patience_holds_what_comes_later_too(board, news, clock):
    board.answers = [Undelivered("Later", retry_after_seconds=40)]
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    outbox.want(news, "board", To("a"), [2])
    outbox.want(news, "board", To("b"), [3])
    sending.send_due()
    assert titles(board) == ["n3"]
    clock.shift(40)
    sending.send_due()
    assert titles(board) == ["n3", "n1", "n2"]


def test_patience_holds_changes(board, news, clock):
    outbox.want(news, "board", To("a"), [1, 2])
    sending.send_due()
    board.answers = [Undelivered("Later", retry_after_seconds=40)]
    outbox.again(news, [1])
    sending.send_due()
    outbox.again(news, [2])
    assert sending.send_due() == 0
    clock.shift(40)
    assert sending.send_due() == 2


def test_patience_of_no_time_is_a_pause_all_the_same(board, news, clock):
    board.answers = [Undelivered("Later", retry_after_seconds=0)] * 50
    outbox.want(news, "board", To("a"), [1])
    assert sending.send_due(within_seconds=1) == 1


def test_pauses_grow_and_end(board, news, clock):
    board.answers = [Undelivered("No.")] * 100
    outbox.want(news, "board", To("a"), [1])
    tried = 0
    for _ in range(20):
        tried += sending.send_due()
        clock.shift(60)
    message = Message.objects.get()
    assert (message.state, message.error) == (State.FAILED, "No.")
    assert news.ends == [(1, "No.")]
    assert 5 <= tried == message.attempts <= 12
    outcomes = list(Attempt.objects.order_by("id").values_list("outcome", flat=True))
    assert outcomes == ["retry"] * (tried - 1) + ["failed"]


def test_giving_up_counts_from_when_it_could_go(board, news, clock):
    """What was changed a day later is not given up at its first failure."""
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    clock.shift(86_400)
    board.answers = [Undelivered("No.")]
    outbox.again(news, [1])
    sending.send_due()
    assert Message.objects.get().state == State.WAITING


def test_a_change_that_was_refused_is_tried_with_the_next_change(board, news):
    """What stands there is old until then."""
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    board.answers = [Undelivered("No.", permanent=True)]
    outbox.again(news, [1])
    sending.send_due()
    assert Message.objects.get().state == State.FAILED
    news.words[1] = "over"
    outbox.again(news, [1])
    sending.send_due()
    assert (titles(board), Message.objects.get().state) == (["n1", "over"], State.SENT)


def test_what_never_got_through_is_not_sent_with_a_change(board, news):
    board.answers = [Undelivered("No.", permanent=True)]
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    outbox.again(news, [1])
    assert sending.send_due() == 0


def test_what_is_refused_for_good(board, news):
    board.answers = [Undelivered("Never.", permanent=True, code=403)]
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    assert Message.objects.get().state == State.FAILED
    assert Attempt.objects.get().code == 403


def test_an_error_of_ours_stops_no_other_message(board, news):
    board.answers = [ValueError("secret words"), None]
    outbox.want(news, "board", To("a"), [1])
    outbox.want(news, "board", To("b"), [2])
    sending.send_due()
    assert titles(board) == ["n2"]
    assert Message.objects.get(subject_id=1).error == "Our own error: ValueError"


def test_what_nobody_needs_does_not_go(board, news):
    outbox.want(news, "board", To("a"), [1, 2])
    news.over = {1}
    assert sending.send_due() == 1
    assert titles(board) == ["n2"]
    assert Message.objects.get(subject_id=1).state == State.DROPPED


def test_what_it_was_about_is_gone(board, news, monkeypatch):
    def gone(message):
        raise Message.DoesNotExist

    monkeypatch.setattr(news, "content", gone)
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    assert Message.objects.get().state == State.DROPPED


def test_a_room_that_is_gone(board):
    Message.objects.create(source="other", subject_id=1, channel="board", target="a", place="a")
    sending.send_due()
    message = Message.objects.get()
    assert (message.state, message.attempts) == (State.FAILED, 1)
    assert message.error == "What it said is not known any more."


def test_what_a_bundle_says_where_its_room_says_nothing_else(board, news, monkeypatch, clock):
    monkeypatch.delattr(News, "bundle")
    most = policy.DELIVERY_BACKLOG
    outbox.want(news, "board", To("a"), range(1, most + 4))
    clock.shift(policy.DELIVERY_BUNDLE_EVERY)
    sending.send_due()
    assert titles(board)[-1] == "News: 3 more messages"
    parts = Message.objects.get(kind=Kind.BUNDLE).parts.all()
    said = news.bundle(Message.objects.get(kind=Kind.BUNDLE), parts)
    assert said.text == f"Subject {most + 1}\nSubject {most + 2}\nSubject {most + 3}"


def test_a_channel_that_is_gone(news):
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    assert (Message.objects.get().state, news.ends) == (
        State.FAILED,
        [(1, "There is no such channel any more.")],
    )


def test_a_person_who_can_not_be_reached_any_more(board, news, ada):
    outbox.want(news, "board", To("ada", ada), [1])
    board.unreachable = {"ada"}
    sending.send_due()
    assert Message.objects.get().error == "There is no such way to them any more."
    assert board.got == []


def test_a_place_has_a_backlog_and_a_bundle(board, news, clock):
    most = policy.DELIVERY_BACKLOG
    outbox.want(news, "board", To("a"), range(1, most + 4))
    outbox.want(news, "board", To("b"), [100])
    sending.send_due()
    assert "n100" in titles(board) and len(board.got) == most + 1
    clock.shift(policy.DELIVERY_BUNDLE_EVERY)
    sending.send_due()
    assert titles(board)[-1] == "3 more"


def test_nothing_joins_a_bundle_that_was_tried(board, news, clock):
    """Its answer may be lost, and the other side know what it said."""
    most = policy.DELIVERY_BACKLOG
    outbox.want(news, "board", To("a"), range(1, most + 3))
    board.answers = [None] * most + [Undelivered("No answer.")]
    clock.shift(policy.DELIVERY_BUNDLE_EVERY)
    sending.send_due()
    outbox.want(news, "board", To("a"), range(100, 100 + most + 2))
    first, second = Message.objects.filter(kind=Kind.BUNDLE).order_by("id")
    assert (first.parts.count(), second.parts.count()) == (2, 2)


def test_parts_of_a_bundle_that_is_given_up_have_failed(board, news, clock):
    most = policy.DELIVERY_BACKLOG
    outbox.want(news, "board", To("a"), range(1, most + 3))
    board.answers = [None] * most + [Undelivered("Never.", permanent=True)]
    clock.shift(policy.DELIVERY_BUNDLE_EVERY)
    sending.send_due()
    failed = Message.objects.filter(state=State.FAILED)
    assert sorted(failed.values_list("kind", "error")) == [
        ("bundle", "Never."),
        ("single", "Never."),
        ("single", "Never."),
    ]


def test_parts_that_nobody_needs_are_not_in_the_bundle(board, news, clock):
    most = policy.DELIVERY_BACKLOG
    outbox.want(news, "board", To("a"), range(1, most + 4))
    news.over = {most + 1, most + 2}
    clock.shift(policy.DELIVERY_BUNDLE_EVERY)
    sending.send_due()
    assert titles(board)[-1] == f"n{most + 3}"  # one is left, and says what it is
    assert Message.objects.filter(state=State.DROPPED).count() == 2


def test_a_bundle_that_nobody_needs(board, news, clock):
    most = policy.DELIVERY_BACKLOG
    outbox.want(news, "board", To("a"), range(1, most + 2))
    news.over = {most + 1}
    clock.shift(policy.DELIVERY_BUNDLE_EVERY)
    sending.send_due()
    assert len(board.got) == most
    assert Message.objects.get(kind=Kind.BUNDLE).state == State.DROPPED


def test_a_person_gets_five_the_last_for_all_the_rest(board, news, ada, bo):
    for subject in range(1, 13):
        outbox.want(news, "board", To("ada", ada), [subject])
    outbox.want(news, "board", To("bo", bo), [1])
    sending.send_due()
    mine = [title for target, title, *_ in board.got if target == "ada"]
    assert mine == ["n1", "n2", "n3", "n4", "8 more"]
    assert ("bo", "n1") in [(target, title) for target, title, *_ in board.got]


def test_what_was_held_up_goes_within_the_limits_all_the_same(board, news, ada, clock):
    """Five fail and wait; a bundle is planned for the time at which they may go again."""
    board.answers = [Undelivered("Away.", retry_after_seconds=14 * 60)]
    for subject in range(1, 9):
        outbox.want(news, "board", To("ada", ada), [subject])
        sending.send_due()
    times = []
    for _ in range(60):
        before = len(board.got)
        sending.send_due()
        times += [timezone.now()] * (len(board.got) - before)
        clock.shift(60)
    for most, span in policy.PERSON_MESSAGE_LIMITS:
        for moment in times:
            assert sum(moment - span < one <= moment for one in times) <= most
    assert len(board.got) >= 5


def test_who_waited_for_the_limit_is_not_given_up_at_once(board, news, ada, clock):
    """The room gives up after ten minutes of trying, not of waiting."""
    for subject in range(1, 6):
        outbox.want(news, "board", To("ada", ada), [subject])
    sending.send_due()
    outbox.want(news, "board", To("ada", ada), [6])
    Message.objects.filter(state=State.WAITING).update(not_before=timezone.now())
    assert sending.send_due() == 0
    clock.shift(timedelta(minutes=15))
    board.answers = [Undelivered("Away.")]
    assert sending.send_due() == 1
    assert Message.objects.get(kind=Kind.BUNDLE, sent_at=None).state == State.WAITING


def test_a_test_counts_and_is_never_held(board, news, ada, monkeypatch):
    monkeypatch.setattr(board, "is_personal", True)
    for _ in range(6):
        outbox.test("board", "ada", by=ada)
    assert sending.send_due() == 6
    outbox.want(news, "board", To("ada"), [1])
    assert sending.send_due() == 0


def test_a_room_that_bundles_nothing_waits_for_the_limit(board, news, ada, clock):
    news.bundles = False
    for subject in range(1, 8):
        outbox.want(news, "board", To("ada", ada), [subject])
    sending.send_due()
    assert titles(board) == ["n1", "n2", "n3", "n4", "n5"]
    clock.shift(timedelta(minutes=15))
    sending.send_due()
    assert titles(board)[5:] == ["n6", "n7"]


def test_calls_go_first(board, news, monkeypatch):
    outbox.want(news, "board", To("a"), [1, 2])
    monkeypatch.setattr(news, "urgency", 0)
    outbox.want(news, "board", To("b"), [3])
    sending.send_due()
    assert titles(board) == ["n3", "n1", "n2"]


def test_who_comes_back_late_ends_nothing_of_the_next_try(board, news, clock):
    outbox.want(news, "board", To("a"), [1])
    late = sending._take()
    assert sending._take() is None
    clock.shift(policy.DELIVERY_LEASE + timedelta(seconds=1))
    sending.release_expired_leases()
    now = sending._take()
    assert (late.pk, late.attempts, now.attempts) == (now.pk, 1, 2)
    sending._record_failure(news, late, Undelivered("Late.", permanent=True))
    assert Message.objects.get().state == State.SENDING
    assert (
        not leases.held(late, state=State.SENDING).exists()
        and leases.held(now, state=State.SENDING).exists()
    )


@pytest.mark.django_db(transaction=True)
def test_a_change_while_the_worker_writes_down_that_it_went(board, news):
    """The worker's transaction is open when the change comes, and ends before it."""
    outbox.want(news, "board", To("a"), [1])
    message = sending._take()
    waits = threading.Event()

    def change():
        waits.set()
        outbox.again(news, [1])
        connection.close()

    thread = threading.Thread(target=change)
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        thread.start()
        waits.wait(5)
        time.sleep(0.3)  # the change waits for the row by now
        row.state, row.shown, row.sent_at, row.leased_until = State.SENT, 1, timezone.now(), None
        row.save()
    thread.join(10)
    row.refresh_from_db()
    assert (row.state, row.wanted, row.shown) == (State.WAITING, 2, 1)
    sending.send_due()
    assert len(board.got) == 1


def test_what_collides_in_the_database_is_written_down_again(board, news, monkeypatch):
    record, collisions = sending._record_success, [OperationalError("deadlock detected")] * 2

    def collide(*facts):
        if collisions:
            raise collisions.pop()
        record(*facts)

    monkeypatch.setattr(sending, "_record_success", collide)
    outbox.want(news, "board", To("a"), [1])
    sending.send_due()
    assert (len(board.got), Message.objects.get().state) == (1, State.SENT)


def test_dropped_by_the_room(board, news):
    outbox.want(news, "board", To("a"), [1, 2])
    assert outbox.drop(news, [1]) == 1
    sending.send_due()
    assert titles(board) == ["n2"]


def test_forgotten_with_what_it_was_about(board, news):
    outbox.want(news, "board", To("a"), [1, 2])
    sending.send_due()
    assert outbox.forget(news, [1]) == 1
    assert list(Message.objects.values_list("subject_id", flat=True)) == [2]


def test_each_sees_messages_of_what_they_may_see(staff):
    viewer, administrator = staff("viewer"), staff("administrator", username="root")
    assert "accounts" not in sources.seen_by(viewer)
    assert {"alerts", "incidents", "tests"} <= set(sources.seen_by(viewer))
    assert "accounts" in sources.seen_by(administrator)


def test_dropped_are_a_rooms_own_and_no_other_rooms(board, news, db):
    outbox.want(news, "board", To("a"), [1])
    others = Message.objects.create(source="weather", subject_id=1, channel="board", target="a")
    assert outbox.drop(news, [1]) == 1
    others.refresh_from_db()
    assert others.state == State.WAITING


def test_a_place_that_asks_for_patience_holds_up_none_of_that_name(db):
    soon, later = timezone.now(), timezone.now() + timedelta(minutes=5)
    mine, others = (
        Message.objects.create(
            source="news", subject_id=1, channel=channel, target="a", place="a", not_before=soon
        )
        for channel in ("board", "paper")
    )
    holds.hold("board", "a", later)
    mine.refresh_from_db(), others.refresh_from_db()
    assert (mine.not_before, others.not_before) == (later, soon)
