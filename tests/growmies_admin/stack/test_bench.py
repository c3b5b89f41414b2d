"""./dev bench: what nobody runs every day must still be there when it is run."""

import subprocess
import sys

from growmies_admin.stack.layout import REPOSITORY


def test_every_benchmark_can_be_collected():
    files = sorted(path.name for path in (REPOSITORY / "tests" / "bench").glob("test_*.py"))
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/bench"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
    assert all(f"tests/bench/{name}::" in done.stdout for name in files)
