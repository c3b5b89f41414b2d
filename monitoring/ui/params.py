"""What a request brings as text, read in one way everywhere."""

LARGEST = 2**63 - 1  # of a bigint in PostgreSQL
VERSION = 2**31 - 1  # of an integer, such as the version of a row


def whole(text: str, most: int = LARGEST) -> int | None:
    """A whole number from 0 to `most` in plain digits; None for anything else, however long."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None
