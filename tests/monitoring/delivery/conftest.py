"""Incidents and alerts that tell the same person."""

from tests.monitoring.incidents.conftest import (  # noqa: F401
    clock,
    levels,
    person,
    post,
    rota,
)
