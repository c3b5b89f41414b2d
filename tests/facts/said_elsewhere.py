"""What pages, messages and words in the code say under other_policy.py; test_facts_once.py runs it.

Not collected by itself: the numbers must be others before the site is imported.
"""

import importlib
import pkgutil
import re
from datetime import timedelta

import pytest
from django.test import Client

from compliance import policy
from compliance.effects.models import Effect
from compliance.members import roster
from compliance.queue import words
from compliance.uploads import opening
from compliance.verification import messages
from compliance.verification.models import Decision
from tests.growmies_admin.accounts.place import Place
from tests.growmies_admin.accounts.table import PAGES

pytestmark = pytest.mark.django_db
# What the numbers were called before.
OLD = re.compile(
    r"\b72 ?h\b|\b72 hours|\b21\+(?! ?Members\b)|\b21 or (over|older)|[Uu]nder 21\b|"
    r"(within|for|after) 10 seconds to undo|\b30 minutes and for you alone|"
    r"(renewed|lease|yours)[^.]{0,40}\b10 min",
)
PACKAGES = ("compliance", "monitoring", "growmies_admin")
NOT_OURS = ("growmies_admin.practice", "growmies_admin.stack")  # stand alone: another community


def text_of(answer):
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


@pytest.fixture
def place(evidence_dir, staff):
    return Place()


@pytest.fixture
def said(place, staff, sign_in):
    """Everything that is said, by where it stands."""
    found = {}
    person = staff("moderator", "compliance", "operator", "administrator", username="all")
    client = sign_in(person)
    for name in PAGES:
        if not name.endswith(("_charts", "_chart", "_export")):
            found[f"page {name}"] = text_of(client.get(place.url(name)))
    link = opening.open_request(roster.seen(1187342001234599999, "new")).url
    path = "/" + link.split("/", 3)[3]
    found["page upload"] = text_of(Client().get(path))
    found["page gone"] = text_of(Client().get("/verify/none/"))
    for effect in Effect.objects.all():
        found[f"message {effect.pk}"] = str(effect.payload)
    for decision in Decision.objects.all():
        found[f"decision {decision.pk}"] = messages.for_decision(decision)
        found[f"aloud {decision.pk}"] = words.decided_aloud(decision)
    for name, text in messages.previews(place.request).items():
        found[f"preview {name}"] = text
    found |= dict(constants())
    return found


def constants():
    for package in PACKAGES:
        root = importlib.import_module(package)
        for info in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations" in info.name or info.name.startswith(NOT_OURS):
                continue
            if info.name.endswith(("__main__", "asgi", "darkroom.child")):
                continue
            module = importlib.import_module(info.name)
            for name, value in vars(module).items():
                if getattr(value, "__module__", info.name) != info.name and callable(value):
                    continue
                for text in strings(value, 0):
                    yield f"{info.name}.{name}: {text[:60]}", text


def strings(value, depth):
    if isinstance(value, str):
        yield value
    elif depth < 4 and isinstance(value, dict):
        for one in value.values():
            yield from strings(one, depth + 1)
    elif depth < 4 and isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from strings(one, depth + 1)
    elif isinstance(value, type) and hasattr(value, "choices") and hasattr(value, "labels"):
        yield from map(str, value.labels)
    elif depth < 3 and type(value).__module__.startswith(PACKAGES) and hasattr(value, "__dict__"):
        yield from strings(vars(value), depth + 1)
    elif hasattr(value, "__code__") and getattr(value, "__module__", "").startswith(PACKAGES):
        yield from strings(value.__code__.co_consts[1:], depth + 1)


def test_no_old_number_is_said(said):
    assert timedelta(hours=46) == policy.EVIDENCE_LIFE and len(said) > 500
    wrong = {
        where: found[0]
        for where, text in said.items()
        if (found := OLD.search(text)) and "VERIFIED_ROLE" not in where  # its name in Discord
    }
    assert not wrong


def test_the_new_numbers_are_said(said):
    everything = "\n".join(said.values())
    for number in ("46 hours", "24 or over", "24+", "17 seconds", "41 minutes"):
        assert number in everything, number
