"""How long to wait before something is tried again."""

import random
from datetime import timedelta


def pause(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """The pause after so many tries (1 or more): doubling up to a bound, half of it random.

    The random half keeps what failed together from coming back together.
    """
    bound = longest.total_seconds()
    whole = min(first.total_seconds() * 2 ** min(tries - 1, 20), bound)
    return timedelta(seconds=whole * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret
