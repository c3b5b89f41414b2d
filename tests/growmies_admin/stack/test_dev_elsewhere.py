"""./dev called from another folder."""

import subprocess
from pathlib import Path

DEV = Path(__file__).resolve().parents[3] / "dev"


def test_it_runs_its_own_code_also_inside_another_checkout(tmp_path):
    other = tmp_path / "growmies_admin" / "stack"
    other.mkdir(parents=True)
    for folder in (other.parent, other):
        (folder / "__init__.py").touch()
    (other / "__main__.py").write_text("print('the other checkout')")
    said = subprocess.run(
        [DEV, "help-me"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert "the other checkout" not in said.stdout + said.stderr
    assert "help-me" in said.stdout + said.stderr
