"""First step of ./dev, with the standard library only: the virtual environment.

Makes it, installs the locked requirements into it, and goes on inside it. A stamp with the
hash of the requirements makes every later start skip all of this.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
NEEDS_TESTS = {"test", "bench"}
ANSWERS_WITHOUT = {"", "help", "-h", "--help"}


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command in ANSWERS_WITHOUT:
        sys.path.insert(0, str(REPOSITORY))
        from growmies_admin.stack.usage import USAGE

        print(USAGE)
        return
    home = _home()
    wanted = "test" if command in NEEDS_TESTS else "base"
    _install(home, wanted)
    python = home / "bin" / "python"
    environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("PYTHONHOME", None)
    # Else a dozen processes would each compile the site anew at every start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPATH"] = str(REPOSITORY)
    # -P: the folder one is in may be another checkout, whose code would come first.
    arguments = [str(python), "-P", "-m", "growmies_admin.stack", *sys.argv[1:]]
    os.execve(str(python), arguments, environment)  # noqa: S606 - our own interpreter


def _home() -> Path:
    """The virtual environment: in the checkout, or in the data folder of a read-only one."""
    inside = REPOSITORY / ".venv"
    if os.access(inside if inside.exists() else REPOSITORY, os.W_OK) or _is_complete(inside):
        return inside
    return Path(os.environ.get("GROWMIES_DATA_DIR") or REPOSITORY / "var").resolve() / "venv"


def _is_complete(home: Path) -> bool:
    return any(_is_installed(home, name) for name in ("test", "base"))


def _requirements(name: str) -> Path:
    return REPOSITORY / "requirements" / f"{name}.txt"


def _stamp(home: Path, name: str) -> Path:
    digest = hashlib.sha256(_requirements(name).read_bytes()).hexdigest()[:16]
    return home / f".installed-{name}-{digest}"


def _is_installed(home: Path, name: str) -> bool:
    # The test requirements hold everything that running needs.
    return _stamp(home, name).exists() or (name == "base" and _stamp(home, "test").exists())


def _install(home: Path, name: str) -> None:
    if _is_installed(home, name):
        return
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        lock = (home.parent / f".{home.name.lstrip('.')}.lock").open("w")
    except OSError as error:
        sys.exit(f"Can't make the virtual environment at {home}: {error.strerror}.")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_installed(home, name):
            return
        began = time.monotonic()
        if not (home / "bin" / "python").exists():
            _say(f"Making a virtual environment in {home}")
            _run([sys.executable, "-m", "venv", str(home)])
        count = _requirements(name).read_text().count("==")
        _say(f"Installing {count} locked packages (about a minute, once)")
        _run(
            [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            + ["--disable-pip-version-check", "--no-input", "--require-hashes"]
            + ["-r", str(_requirements(name))]
        )
        _stamp(home, name).touch()
        _say(f"Installed in {time.monotonic() - began:.0f} s")


def _run(command: list[str]) -> None:
    if subprocess.run(command, stdin=subprocess.DEVNULL).returncode:
        sys.exit(
            "That did not work; the lines above say why. Nothing was started. On Debian, "
            "`apt-get install python3-venv` may be missing."
        )


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
