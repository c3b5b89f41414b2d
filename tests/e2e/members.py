"""Members' own pages, for tests that begin there."""

import re

from tests.running import Stack


def a_link(stack: Stack, name: str) -> tuple[str, str]:
    member = stack.practice("POST", "/members", username=name)["id"]
    said = stack.verify(member)
    link = re.search(rf"{re.escape(stack.url)}/verify/\S+", said["content"])
    assert link is not None
    return member, link.group()
