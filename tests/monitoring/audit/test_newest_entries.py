"""The newest entries can't be removed or rewritten: a head stands outside every minute."""

import itertools

import pytest
from django.core.management import CommandError, call_command

from monitoring.alerts.models import Raised
from monitoring.audit.models import HeadPlace
from monitoring.audit_chain import chain, heading, heads
from monitoring.audit_chain.tasks import write_head

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def file(heads_file):
    return heads_file


def verify(match, code=1):
    with pytest.raises(CommandError, match=match) as refused:
        call_command("verify_audit")
    assert refused.value.returncode == code
    assert Raised.objects.filter(labels__alertname="AuditChainBroken", ended_at=None).exists()


REMOVED = (
    "DELETE FROM audit_unsealed WHERE entry_id = {0}",
    "DELETE FROM audit_seal WHERE entry_id = {0}",
    "DELETE FROM audit_entry WHERE id = {0}",
)


def remove(attack, entry):
    attack(*(sql.format(entry.pk) for sql in REMOVED))


def test_it_works(file, act, capsys):
    act(3)
    write_head()
    act(2)
    write_head()
    assert [(head.line, head.position) for head in heads.read(file)] == [(1, 3), (2, 5)]
    call_command("verify_audit")
    assert "2 heads that were written down stand where they stood." in capsys.readouterr().out


def test_a_minute_without_entries_has_a_head_too(file, act):
    act()
    write_head()
    write_head()
    first, second = heads.read(file)
    assert (first.position, first.head) == (second.position, second.head)


def test_what_waits_is_sealed_first(file, act):
    act(3, sealed=False)
    write_head()
    (head,) = heads.read(file)
    assert (head.position, head.unsealed) == (3, {})


def test_the_newest_entries_are_removed_after_a_head(act, attack):
    made = act(5)
    write_head()
    for entry in made[3:]:
        remove(attack, entry)
    assert chain.verify().first_bad_entry is None  # the chain alone knows nothing of it
    verify("The trail ends early: on .* position 5, and now it ends at 3", code=3)


def test_the_newest_entries_are_removed_and_others_take_their_place(act, attack):
    made = act(5)
    write_head()
    for entry in made[3:]:
        remove(attack, entry)
    act(4)
    assert chain.verify().first_bad_entry is None
    verify("The trail was rewritten: on .* position 5")


def test_the_newest_entry_is_changed_and_sealed_anew(act, attack):
    *_, newest = act(3)
    write_head()
    attack(
        f"UPDATE audit_entry SET action = 'test.other' WHERE id = {newest.pk}",
        f"DELETE FROM audit_seal WHERE entry_id = {newest.pk}",
        f"INSERT INTO audit_unsealed VALUES ({newest.pk})",
    )
    chain.seal_all()
    assert chain.verify().first_bad_entry is None
    verify("The trail was rewritten: on .* position 3")


def waiting_head(act, monkeypatch):
    """A head that was written while three entries waited for another sealer."""
    act(2)
    made = act(3, sealed=False)
    monkeypatch.setattr(chain, "seal_all", lambda: None)
    write_head()
    monkeypatch.undo()
    return made


def test_a_head_names_what_waits(file, act, monkeypatch, capsys):
    made = waiting_head(act, monkeypatch)
    (head,) = heads.read(file)
    assert (head.position, set(head.unsealed)) == (2, {entry.pk for entry in made})
    chain.seal_all()
    call_command("verify_audit")
    assert "1 heads that were written down stand" in capsys.readouterr().out


def test_an_entry_that_waited_is_removed(act, attack, monkeypatch, file, settings):
    made = waiting_head(act, monkeypatch)
    remove(attack, made[1])
    chain.seal_all()
    assert chain.verify().first_bad_entry is None
    verify(f"Entry {made[1].pk} was removed: it waited for the sealer")


def test_an_entry_that_waited_is_changed_before_it_is_sealed(act, attack, monkeypatch, file):
    made = waiting_head(act, monkeypatch)
    attack(f"UPDATE audit_entry SET action = 'test.other' WHERE id = {made[0].pk}")
    chain.seal_all()
    assert chain.verify().first_bad_entry is None
    verify(f"Entry {made[0].pk} is not what it was on")


def test_the_next_head_raises_the_alert_at_once(act, attack):
    made = act(3)
    write_head()
    remove(attack, made[2])
    assert not Raised.objects.exists()
    write_head()
    (raised,) = Raised.objects.all()
    assert raised.labels["alertname"] == "AuditChainBroken"
    assert "The trail ends early" in raised.annotations["description"]


@pytest.mark.parametrize("back", ["moved", "removed"])
def test_the_next_head_raises_it_also_when_the_place_was_moved_back(act, attack, back):
    """Whoever cuts the trail can write down in its row that an older head was the last one."""
    act(2)
    write_head()
    older = HeadPlace.objects.get()
    made = act(3)
    write_head()
    remove(attack, made[2])
    older.save() if back == "moved" else older.delete()
    write_head()
    (raised,) = Raised.objects.all()
    assert "The trail ends early" in raised.annotations["description"]
    verify("The trail ends early", code=3)


def test_it_is_raised_also_when_the_head_can_not_be_written(file, act, attack):
    """A last line that is damaged does not keep the fault from being told."""
    act(3)
    write_head()
    file.write_text("nonsense\n")
    with pytest.raises(heads.HeadsUnreadable):
        write_head()
    assert Raised.objects.filter(labels__alertname="AuditChainBroken", ended_at=None).exists()


def test_a_whole_trail_ends_the_alert(act):
    act()
    write_head()
    heading.raise_broken("a test")
    call_command("verify_audit")
    assert Raised.objects.get().ended_at is not None


def test_numbers_without_an_entry_are_told(act, attack, capsys):
    """Also the open minute: removed before any head, an entry leaves its number."""
    first, second, third = act(3, sealed=False)
    remove(attack, second)
    write_head()
    call_command("verify_audit")
    told = capsys.readouterr().out
    assert f"1 numbers have no entry, the newest before entry {third.pk}, given between" in told
    act(2, sealed=False)
    fourth, fifth = itertools.islice(act(2, sealed=False), 2)
    remove(attack, fifth)
    call_command("verify_audit")
    assert "The newest 1 numbers have no entry" in capsys.readouterr().out
    assert first.pk < second.pk < fourth.pk


def test_a_sequence_that_was_set_back_is_told(act, attack, capsys):
    """A number that a head names was given, though the sequence does not know it any more."""
    act(2)
    (rolled_back,) = act()
    remove(attack, rolled_back)
    write_head()
    attack(f"SELECT setval('audit_entry_id_seq', {rolled_back.pk - 1})")
    call_command("verify_audit")
    told = capsys.readouterr().out
    assert f"was set back: a head names number {rolled_back.pk}, and" in told
    assert "The newest 1 numbers have no entry" in told


def test_nothing_is_told_when_no_number_is_missing(act, capsys):
    act(3)
    write_head()
    call_command("verify_audit")
    assert "numbers" not in capsys.readouterr().out
