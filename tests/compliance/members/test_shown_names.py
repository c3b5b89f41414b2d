"""A member has the same two names on every page, and no name turns the words around it."""

import pytest
from django.template import Context, Template

from compliance.members.models import Member
from monitoring.ui.words import isolated

TAG = Template("{% load members %}{% member who %}")


def shown(**names):
    return TAG.render(Context({"who": Member(pk=1, **names)}))


def test_it_works():
    assert shown(username="zoe.g", display_name="Zoë") == (
        '<span class="member"><bdi>Zoë</bdi> '
        '<span class="username">(<bdi>zoe.g</bdi>)</span></span>'
    )


@pytest.mark.parametrize("display_name", ["", "fern"])
def test_one_name_is_shown_once(display_name):
    assert shown(username="fern", display_name=display_name) == (
        '<span class="member"><bdi>fern</bdi></span>'
    )


def test_a_name_is_no_html():
    assert "<b>" not in shown(username="<b>", display_name="<b>x")


@pytest.mark.parametrize("name", ["نورهان", "דנה", "moss\u202egro", "\u202dfern"])
def test_in_plain_text(name):
    assert isolated(name) == f"\u2068{name}\u2069"
    assert str(Member(pk=1, username="fern", display_name=name)) == f"\u2068{name}\u2069 (fern)"


@pytest.mark.parametrize("name", ["fern", "Zoë", "дерево", "木", "", "100%"])
def test_what_turns_nothing_stays_as_it_is(name):
    assert isolated(name) == name
