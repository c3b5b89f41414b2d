"""The commands of ./dev, inside the virtual environment."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from growmies_admin.stack.layout import REPOSITORY, Layout, Trouble


def main() -> int:
    command, arguments = sys.argv[1], sys.argv[2:]
    commands: dict[str, Callable[[list[str]], int]] = {
        "up": _up,
        "down": _down,
        "status": _status,
        "restart": _restart,
        "logs": _logs,
        "test": _test,
        "manage": _manage,
        "bench": _bench,
        "render": _render,
    }
    if command not in commands:
        print(f"There is no ./dev {command}; ./dev alone lists the commands.", file=sys.stderr)
        return 2
    try:
        return commands[command](arguments)
    except Trouble as trouble:
        print(f"Growmies Admin: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _up(arguments: list[str]) -> int:
    from growmies_admin.stack import starting

    if unknown := set(arguments) - {"--detach"}:
        raise Trouble(f"./dev up does not know {' '.join(sorted(unknown))}.")
    return starting.up(Layout.from_environment(), detach="--detach" in arguments)


def _down(_arguments: list[str]) -> int:
    from growmies_admin.stack import stopping

    return stopping.down(Layout.from_environment())


def _status(arguments: list[str]) -> int:
    from growmies_admin.stack import status

    return status.show(Layout.from_environment(), as_json="--json" in arguments)


def _restart(arguments: list[str]) -> int:
    from growmies_admin.stack import supervising

    if len(arguments) != 1:
        raise Trouble("Say which process: ./dev restart NAME (./dev status lists them).")
    supervising.restart(Layout.from_environment(), arguments[0])
    print(f"{arguments[0]} restarted.")
    return 0


def _logs(arguments: list[str]) -> int:
    layout = Layout.from_environment()
    if len(arguments) != 1:
        raise Trouble("Say whose: ./dev logs NAME (./dev status lists them).")
    path = layout.log(arguments[0])
    if not path.exists():
        raise Trouble(f"There is no output of {arguments[0]!r} yet.")
    return subprocess.run(["tail", "-n", "100", "-F", str(path)]).returncode


def _manage(arguments: list[str]) -> int:
    layout = Layout.from_environment()
    environment = layout.environment_of_owner() | {"GROWMIES_PROCESS": "manage"}
    os.chdir(REPOSITORY)
    os.execve(sys.executable, [sys.executable, "manage.py", *arguments], environment)  # noqa: S606


def _test(arguments: list[str]) -> int:
    from growmies_admin.stack import testing

    return testing.run(arguments)


def _bench(arguments: list[str]) -> int:
    from growmies_admin.stack import testing

    return testing.bench(arguments)


def _render(arguments: list[str]) -> int:
    from growmies_admin.stack import rendering

    if len(arguments) != 1:
        raise Trouble("Say where to: ./dev render FOLDER")
    layout = Layout.from_environment()
    layout.make()
    for path in rendering.write(layout, layout.environment(), Path(arguments[0]).resolve()):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
