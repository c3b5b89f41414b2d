"""Acts that are refused: what each code means. How one is told stands in ui/refused.py.

A refusal changed nothing. Its code is for code and tests and never changes its meaning; its
sentence is for people. Each package declares the codes of its acts in its `refusals.py`; those
that any room may use stand here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Meaning:
    """`sentence` is said where the act says nothing closer; `again`: it may work later."""

    sentence: str
    status: int = HTTPStatus.CONFLICT
    again: bool = False


_MEANINGS: dict[str, Meaning] = {}


class Refusal(Exception):
    """An act that was refused and changed nothing.

    `details` are facts such as who decided, JSON-ready. Raises KeyError for an unknown code.
    """

    def __init__(self, code: str, sentence: str = "", **details: Any) -> None:
        meaning = _MEANINGS[code]
        self.code = code
        self.sentence = sentence or meaning.sentence
        self.status = int(meaning.status)
        self.may_be_tried_again = meaning.again
        self.details = details
        super().__init__(self.sentence)


def declare(meanings: Mapping[str, Meaning]) -> None:
    """Codes of a package. A code has one meaning in the whole house."""
    twice = {code for code in meanings if _MEANINGS.get(code, meanings[code]) != meanings[code]}
    if twice:
        raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
    _MEANINGS.update(meanings)


def declared() -> Mapping[str, Meaning]:
    return _MEANINGS


declare(
    {
        "already_there": Meaning("That has already been done."),
        "not_allowed": Meaning("That can't be done in this state."),
        "unknown": Meaning("There is nothing of that number.", HTTPStatus.NOT_FOUND),
        "over": Meaning("It is over."),
        "under_way": Meaning("It is under way already.", again=True),
        "unconfirmed": Meaning("Confirm it first.", 422),
        "taken": Meaning("There is one already."),
        "invalid": Meaning("That can't be done as it is written here.", 422),
        "damaged": Meaning("This form is damaged. Open the page again.", 422),
        "words_missing": Meaning("Say it in words, please.", 422),
        "method_not_allowed": Meaning("This method is not possible here.", 405),
        "own": Meaning("That is not for yourself to do.", HTTPStatus.FORBIDDEN),
        "too_many": Meaning("That was too often. Wait a little.", 429, again=True),
        "away": Meaning("What this needs does not answer.", 503, again=True),
    }
)
