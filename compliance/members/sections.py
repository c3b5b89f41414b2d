"""What other rooms tell on a member's page: each registers a section, and the page names none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compliance.members.models import Member
from monitoring.people import Person


@dataclass(frozen=True)
class Section:
    """`template` is rendered with what `find(reader, member)` answers; None leaves it out."""

    template: str
    find: Callable[[Person, Member], dict[str, Any] | None]


_sections: list[Section] = []


def register(section: Section) -> None:
    if section not in _sections:
        _sections.append(section)


def of(member: Member, reader: Person) -> list[tuple[str, dict[str, Any]]]:
    """(template, its context) of each section that this reader sees."""
    found = [(section.template, section.find(reader, member)) for section in _sections]
    return [(template, context) for template, context in found if context is not None]
