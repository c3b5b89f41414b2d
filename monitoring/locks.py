"""Advisory locks of PostgreSQL: what one process at a time does, held until its transaction ends.

In SQL for a race, each of them, where there is no row to lock: who seals the trail, who takes
alerts up, who gets the last place of a limit.
"""

from enum import IntEnum, unique

from django.db import connection, transaction


@unique
class Lock(IntEnum):
    """What there is one of in the house. All stand here, so that no two have the same number.

    A number stays as it is: while a new version is rolled out, the one before knows it too.
    """

    AUDIT_SEALING = 0x6772_6F77_7365_616C
    EFFECT_DELIVERY = 0x6772_6F77_626F_7401  # the bot holds it as long as its connection
    INCIDENTS_TAKE_UP = 0x1C1D
    SILENCES = 0x51E7CE


# For a statement that does more in the same round trip; its parameter is the name of a thing.
HOLD_NAME = "pg_advisory_xact_lock(hashtextextended(%s, 0))"
# Held by a connection of its own until that ends, not by a transaction.
TRY_FOR_CONNECTION = "SELECT pg_try_advisory_lock(%s)"


def hold(lock: Lock) -> None:
    """Wait until nobody else holds it. Raises TransactionManagementError outside of one."""
    _ask("SELECT pg_advisory_xact_lock(%s)", lock)


def hold_name(name: str) -> None:
    """The same for one thing of many, such as a target of messages, by a name of the caller's."""
    _ask(f"SELECT {HOLD_NAME}", name)


def hold_if_free(lock: Lock) -> bool:
    """Take it without waiting; False when somebody else holds it."""
    return bool(_ask("SELECT pg_try_advisory_xact_lock(%s)", lock))


def _ask(statement: str, parameter: int | str) -> object:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A lock is held until a transaction ends.")
    with connection.cursor() as cursor:
        cursor.execute(statement, [parameter])
        return cursor.fetchone()[0]
