"""A kind of effect is a module in compliance and one in the bot; nothing between them names it."""

import inspect
import pkgutil

import pytest
from django.utils import timezone

from compliance.effects import delivery, kinds, outbox
from compliance.effects.models import Effect
from growmies_admin.bot import effects


def test_each_has_its_module_in_the_bot():
    assert set(kinds.everything()) == {"role", "message"}
    there = {one.name for one in pkgutil.iter_modules(effects.__path__)}
    assert there == set(kinds.everything())


@pytest.mark.parametrize("name", list(kinds.names()))
def test_the_bot_can_do_it(name):
    deliver = effects.of(name).deliver
    assert inspect.iscoroutinefunction(deliver)
    assert list(inspect.signature(deliver).parameters) == ["client", "guild", "effect"]


def test_what_is_not_there_any_more_waits_for_nothing():
    gone = kinds.get("pigeon")
    assert (gone.label, gone.after, gone.needs_them_here) == ("pigeon", (), False)


@pytest.mark.django_db
def test_a_new_kind_is_wanted_and_leased_as_any_other():
    wish = outbox.Wish("timeout:5", "timeout", 5, {"minutes": 10})
    (made,) = outbox.want([wish], cause="case:1", not_before=timezone.now())
    assert [one.pk for one in delivery.lease_due()] == [made.pk]
    assert delivery.delivered(Effect.objects.get(pk=made.pk))
