"""What a dump of a version holds (tests/upgrade/README.md); with WRITE_DUMP it is written down."""

import gzip
import os
import tomllib

import pytest

from compliance.appeals import asking
from compliance.desk.models import WorkItem
from tests import restoring


@pytest.mark.django_db(transaction=True)
def test_something_of_each_kind_waits(world):
    dispute = world.disputed(world.ada, world.bo)
    asking.appeal(dispute.review.request.member_id, "It can be read.")
    world.held(world.pending(), world.ada)
    world.opened()
    assert set(WorkItem.objects.values_list("kind", flat=True)) == {
        "verification", "second_review", "dispute", "appeal",
    }  # fmt: skip
    if os.environ.get("WRITE_DUMP"):
        facts = tomllib.loads((restoring.REPOSITORY / "pyproject.toml").read_text())
        path = restoring.REPOSITORY / f"tests/upgrade/{facts['project']['version']}.sql.gz"
        path.write_bytes(gzip.compress(restoring.dumped("--no-owner", "--no-privileges"), mtime=0))
