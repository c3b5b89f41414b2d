"""A number of policy stands in one place: with other numbers nothing says the old ones."""

import os
import subprocess
import sys

from compliance import policy
from growmies_admin.stack.layout import REPOSITORY
from monitoring.ui.words import span


def test_it_works(tmp_path):
    """In a Python of its own: words are made when their modules are imported."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--show-capture=no",
            "-p",
            "tests.facts.other_policy",
        ]
        + ["-p", "no:cacheprovider", "-p", "no:xdist", "tests/facts/said_elsewhere.py"],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
            "DJANGO_SETTINGS_MODULE": "growmies_admin.settings",
            "DATABASE_URL": f"{os.environ['DATABASE_URL']}_facts",
            "GROWMIES_DATA_DIR": str(tmp_path),
        },
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_documents_say_the_same():
    """A document names the number; here stands which must."""
    life = span(policy.EVIDENCE_LIFE)
    for name in ("verification", "threat-model", "operations", "metrics", "audit"):
        text = (REPOSITORY / "docs" / f"{name}.md").read_text()
        assert life in text, f"docs/{name}.md does not say that a picture lives {life}"
