"""Random lives of age verifications: whatever order people and time act in, the rules hold.

Hypothesis plays two members, two moderators, a compliance person, the provider, and time. Each
example runs in a savepoint that is rolled back, so that examples don't see each other.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from tests.compliance.verification.lives import LONG, Lives


@pytest.mark.django_db
def test_the_rules_hold(all_methods):
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=LONG or 25,
            stateful_step_count=30,
            deadline=None,
            derandomize=not LONG,
            database=None,
            phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
