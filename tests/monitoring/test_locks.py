"""Advisory locks: one at a time, until the transaction ends."""

import pytest
from django.db import connection, transaction

from monitoring import locks
from monitoring.locks import Lock


@pytest.fixture
def rival(transactional_db):
    """Another connection: `rival(statement, value)` is its answer."""
    other = connection.copy()
    with other.cursor() as cursor:

        def ask(statement, value):
            cursor.execute(statement, [value])
            return cursor.fetchone()[0]

        yield ask
    other.close()


NUMBER_IS_FREE = "SELECT pg_try_advisory_xact_lock(%s)"
NAME_IS_FREE = f"SELECT {locks.HOLD_NAME.replace('pg_advisory', 'pg_try_advisory')}"


def test_nobody_else_holds_it_until_the_transaction_ends(rival):
    with transaction.atomic():
        locks.hold(Lock.SILENCES)
        assert not rival(NUMBER_IS_FREE, Lock.SILENCES.value)
        assert rival(NUMBER_IS_FREE, Lock.INCIDENTS_TAKE_UP.value)
    assert rival(NUMBER_IS_FREE, Lock.SILENCES.value)


def test_a_name_is_held_alone_among_names(rival):
    with transaction.atomic():
        locks.hold_name("limits:sms:ada")
        assert not rival(NAME_IS_FREE, "limits:sms:ada")
        assert rival(NAME_IS_FREE, "limits:sms:bo")


def test_whoever_does_not_wait_hears_that_it_is_held(rival):
    assert rival(locks.TRY_FOR_CONNECTION, Lock.AUDIT_SEALING.value)
    with transaction.atomic():
        assert not locks.hold_if_free(Lock.AUDIT_SEALING)
        assert locks.hold_if_free(Lock.SILENCES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("take", [locks.hold, locks.hold_if_free])
def test_outside_of_a_transaction_it_would_hold_nothing(take):
    with pytest.raises(transaction.TransactionManagementError):
        take(Lock.SILENCES)
