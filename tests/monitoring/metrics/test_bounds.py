"""However many names come in, a family has a bounded number of series."""

import pytest
from prometheus_client import REGISTRY, generate_latest

from growmies_admin.bot import metrics
from monitoring.metrics.families import CounterFamily, GaugeFamily, UnknownLabel

FLOOD = 10_000


def series(name):
    return sum(
        line.startswith((f"{name}{{", f"{name} "))
        for line in generate_latest().decode().split("\n")
    )


@pytest.fixture
def counter():
    made = []

    def make(values):
        made.append(CounterFamily(f"flood_{len(made)}_total", "A test.", values))
        return made[-1]

    yield make
    for family in made:
        REGISTRY.unregister(family.metric)


def test_it_works(counter):
    family = counter({"name": ("known", "other")})
    family.inc(name="known")
    assert REGISTRY.get_sample_value("flood_0_total", {"name": "known"}) == 1


def test_a_flood_of_commands():
    before = series("discord_commands_total")
    for number in range(FLOOD):
        metrics.commands_total.inc(
            command=f"command{number}", user_type="member", channel_type="text", status="error"
        )
    assert series("discord_commands_total") == before
    labels = {
        "command": "other",
        "user_type": "member",
        "channel_type": "text",
        "status": "error",
    }
    assert REGISTRY.get_sample_value("discord_commands_total", labels) >= FLOOD


def test_a_flood_of_channels():
    """Even when the guild really has them all."""
    family = metrics.messages_total
    before = family.bounded.values["channel"]
    names = [f"channel{number}" for number in range(FLOOD)]
    try:
        family.bounded.learn("channel", names)
        for name in names:
            family.inc(channel=name, type="default", contains_cannabis_content="false")
        assert series("discord_messages_total") <= (100 + 1) * 5 * 2
    finally:
        family.bounded.values["channel"] = before
        for name in names[:100]:
            for labels in ({"type": t} for t in metrics.MESSAGE_TYPES):
                for yes in ("true", "false"):
                    family.metric.remove_by_labels(
                        {"channel": name, "contains_cannabis_content": yes, **labels}
                    )


def test_a_flood_of_reasons():
    from compliance.moderation.metrics import content_moderation_total

    before = series("content_moderation_total")
    for number in range(FLOOD):
        content_moderation_total.inc(
            action="warn", reason=f"reason{number}", channel=f"channel{number}", automated="true"
        )
    assert series("content_moderation_total") == before


def test_a_flood_does_not_fill_the_memory_either():
    """What is kept for speed has as many entries as there are series."""
    kept = metrics.commands_total._children._kept
    before = len(kept)
    for number in range(FLOOD):
        metrics.commands_total.inc(
            command=f"x{number}", user_type="member", channel_type="text", status="error"
        )
    assert len(kept) <= before + 1


def test_labels_in_any_order_are_the_same_series(counter):
    family = counter({"a": ("1", "2"), "b": ("1", "2")})
    family.inc(a="1", b="2")
    family.inc(b="2", a="1")
    assert REGISTRY.get_sample_value("flood_0_total", {"a": "1", "b": "2"}) == 2
    assert REGISTRY.get_sample_value("flood_0_total", {"a": "2", "b": "1"}) == 0


def test_a_known_value_is_kept_when_many_are_learnt(counter):
    family = counter({"name": ("first", "other")})
    family.bounded.learn("name", [f"n{number}" for number in range(FLOOD)])
    assert family.bounded.fold({"name": "first"}) == {"name": "first"}
    assert len(family.bounded.values["name"]) == 101


def test_where_nothing_else_is_allowed_an_unknown_value_is_refused(counter):
    family = counter({"status": ("success", "error")})
    with pytest.raises(UnknownLabel, match="status can't be 'strange'"):
        family.inc(status="strange")


def test_a_forgotten_label_is_refused(counter):
    family = counter({"a": ("1", "other"), "b": ("1", "other")})
    with pytest.raises(UnknownLabel):
        family.inc(a="1")


def test_an_absent_figure_is_absent_and_not_zero():
    family = GaugeFamily("flood_gauge", "A test.", {"name": ("one", "other")})
    try:
        assert series("flood_gauge") == 0
        family.set(3, name="one")
        assert series("flood_gauge") == 1
        family.remove(name="one")
        assert series("flood_gauge") == 0
    finally:
        REGISTRY.unregister(family.metric)


def test_a_figure_without_labels_is_absent_until_it_is_set_and_when_it_is_cleared():
    family = GaugeFamily("flood_plain_gauge", "A test.", {})
    try:
        assert series("flood_plain_gauge") == 0
        family.set(0)
        assert series("flood_plain_gauge") == 1
        family.clear()
        assert series("flood_plain_gauge") == 0
    finally:
        REGISTRY.unregister(family.metric)


def test_clearing_a_figure_drops_all_its_series():
    family = GaugeFamily("flood_gauge", "A test.", {"name": ("one", "two")})
    try:
        family.set(1, name="one")
        family.set(1, name="two")
        family.clear()
        family.set(1, name="two")
        assert series("flood_gauge") == 1
    finally:
        REGISTRY.unregister(family.metric)
