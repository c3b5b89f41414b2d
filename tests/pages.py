"""What tests of pages read."""


def in_one_line(answer) -> str:
    """The page with runs of whitespace as one space, however its template breaks its lines."""
    return " ".join(answer.content.decode().split())
