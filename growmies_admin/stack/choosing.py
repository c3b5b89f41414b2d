"""Which test files are about what changed since main: for an answer within two minutes.

A guess by names: what reaches a change by a long way is left out. `./dev test` leaves nothing out.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from growmies_admin.stack.layout import REPOSITORY

_PLACES = ("tests", "monitoring/delivery/transports")  # a channel's tests lie in its folder
_SLOW = ("tests/e2e/", "tests/faults/", "tests/bench/")
AT_MOST = 25  # files of one answer, so that it comes within two minutes; the nearest come first


def changed() -> list[str]:
    """Paths that differ from where this branch left main, or on main itself from the last commit
    but one; what is not committed counts too."""
    here, main = _git("rev-parse", "HEAD"), _git("rev-parse", "--verify", "-q", "main")
    base = _git("merge-base", "HEAD", "main") if main and main != here else ["HEAD~1"]
    since = _git("diff", "--name-only", *base)
    return sorted({*since, *_git("ls-files", "--others", "--exclude-standard")})


def tests_of(paths: Iterable[str], root: Path = REPOSITORY) -> list[str]:
    """Test files that are about these paths, the nearest first, AT_MOST at most."""
    every = {
        str(path.relative_to(root)): path.read_text()
        for place in _PLACES
        for path in sorted((root / place).rglob("test_*.py"))
    }
    quick = {name: text for name, text in every.items() if not name.startswith(_SLOW)}
    near: dict[str, int] = {}
    for path in paths:
        for name, rank in _about(path, quick):
            near[name] = min(rank, near.get(name, rank))
    return sorted(near, key=lambda name: (near[name], name))[:AT_MOST]


def _about(path: str, tests: dict[str, str]) -> Iterable[tuple[str, int]]:
    """Names of tests with how far they are from the path: 0 is the path itself."""
    parts, stem = path.split("/"), Path(path).stem
    if path in tests:
        yield path, 0
    elif path == "conftest.py":
        yield from ((name, 1) for name in tests)
    elif parts[0] == "tests":  # a conftest, or what several tests share
        folder = path.rpartition("/")[0] + "/"
        yield from ((name, 1) for name in tests if name.startswith(folder))
    elif path.endswith(".py"):
        folder = f"tests/{'/'.join(parts[:-1])}/"
        module = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for name, text in tests.items():
            if name.startswith(folder) and stem in Path(name).stem:
                yield name, 1
            elif Path(name).parent.parent == Path(path).parent:
                yield name, 0
            elif _names(text, module):
                yield name, 2 if name.startswith(folder) else 3
    elif parts[0] in ("templates", "static"):
        room = parts[1] if parts[0] == "templates" else stem
        for name in tests:
            if f"/{room}/" in name and "page" in name:
                yield name, 2
    elif path.endswith((".md", ".yml", ".toml", ".txt")):
        for name, text in tests.items():
            if name.startswith("tests/docs/") or parts[-1] in text:
                yield name, 2


def _names(text: str, module: str) -> bool:
    """Whether a test imports this module in any of the usual ways."""
    package, _, stem = module.rpartition(".")
    for rest in text.split(f"from {package} import ")[1:]:
        end = ")" if rest.startswith("(") else "\n"
        if stem in rest.partition(end)[0].replace("(", " ").replace(",", " ").split():
            return True
    return f"{module}." in text or f"{module} import" in text or f"import {module}\n" in text


def _git(*arguments: str) -> list[str]:
    """Lines that git prints; none where there is no repository or no such thing."""
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []
