"""supervisor: its configuration, its start, and its XML-RPC over a private socket."""

import contextlib
import fcntl
import http.client
import os
import shlex
import socket
import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from growmies_admin.stack.layout import REPOSITORY, Layout, Trouble
from growmies_admin.stack.processes import Process, all_of

RUNNING = {"STARTING", "RUNNING", "BACKOFF", "STOPPING"}


class _SocketConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(30)
        self.sock.connect(self.host)


class _SocketTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _SocketConnection(str(self._path))


# What a server that is not ours is told of the environment; by the last one its stack is known.
_FOR_EVERYBODY = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "GROWMIES_STACK")


def _socket(layout: Layout) -> Path:
    return layout.socket_dir / "supervisor.sock"


def rpc(layout: Layout) -> Any:
    """supervisor's XML-RPC namespace. Raises Trouble when no stack runs in this data folder."""
    if not _socket(layout).exists() or not is_running(layout):
        raise Trouble(f"Nothing runs in {layout.data_dir}; ./dev up starts it.")
    # The host of the address does not matter: the transport goes to the socket.
    transport = _SocketTransport(_socket(layout))
    return xmlrpc.client.ServerProxy("http://localhost", transport=transport).supervisor


def is_running(layout: Layout) -> bool:
    """Whether a supervisor lives here: it holds the lock as long as it lives."""
    path = layout.data_dir / "run" / "stack.lock"
    try:
        with path.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def take_lock(layout: Layout) -> int:
    """The lock of the data folder, to be handed to supervisor. Raises Trouble when it is held."""
    path = layout.data_dir / "run" / "stack.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Trouble(
            f"A stack runs in {layout.data_dir} already. ./dev status shows it, ./dev down stops "
            "it; for a second one set GROWMIES_DATA_DIR and GROWMIES_PORT_BASE."
        ) from None
    return descriptor


def start(layout: Layout, lock: int) -> None:
    """Start supervisor with nothing running in it yet; it keeps the lock while it lives."""
    layout.socket_dir.mkdir(mode=0o700, exist_ok=True)
    if layout.socket_dir.stat().st_uid != os.geteuid():
        raise Trouble(f"{layout.socket_dir} belongs to somebody else.")
    _socket(layout).unlink(missing_ok=True)
    config = layout.data_dir / "run" / "supervisord.conf"
    config.touch(mode=0o600)
    config.write_text(_config(layout))
    layout.log("supervisor").touch(mode=0o600)
    subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", str(config)],
        env=layout.environment(),
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=layout.log("supervisor").open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=[lock],
        umask=0o077,  # of the logs that it opens and rotates, and of all that it starts
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            rpc(layout).getState()
        except (OSError, Trouble, xmlrpc.client.Error, http.client.HTTPException):
            time.sleep(0.05)
        else:
            return
    raise Trouble(f"supervisor did not start; see {layout.log('supervisor')}.")


def restart(layout: Layout, name: str) -> None:
    """Stop and start one process. Raises Trouble for an unknown name."""
    supervisor = rpc(layout)
    names = [p.name for p in all_of(layout) if isinstance(p, Process)]
    if name not in names:
        raise Trouble(f"There is no process {name!r}; there are {', '.join(names)}.")
    with contextlib.suppress(xmlrpc.client.Fault):  # it was not running
        supervisor.stopProcess(name)
    supervisor.startProcess(name)


def states(layout: Layout) -> dict[str, dict[str, Any]]:
    """supervisor's word on each process: statename, pid, spawnerr, …; empty when none runs."""
    try:
        found = rpc(layout).getAllProcessInfo()
    except (OSError, Trouble, xmlrpc.client.Error, http.client.HTTPException):
        return {}
    return {info["name"]: info for info in found}


def _config(layout: Layout) -> str:
    sections = [
        f"[unix_http_server]\nfile={_socket(layout)}\nchmod=0600\n",
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = "
        "supervisor.rpcinterface:make_main_rpcinterface\n",
        f"[supervisord]\nlogfile={layout.log('supervisord')}\nloglevel=info\n"
        f"pidfile={layout.data_dir / 'run' / 'supervisord.pid'}\nnocleanup=true\n"
        f"childlogdir={layout.data_dir / 'log'}\ndirectory={REPOSITORY}\n",
    ]
    sections += [_section(layout, p) for p in all_of(layout) if isinstance(p, Process)]
    return "\n".join(sections)


def _section(layout: Layout, process: Process) -> str:
    command = process.command
    if process.is_foreign:
        known = layout.environment()
        kept = {name: known[name] for name in _FOR_EVERYBODY if name in known}
        own = [f"{name}={value}" for name, value in (kept | process.environment).items()]
        command = ["/usr/bin/env", "-i", *own, *command]
    line = shlex.join(command).replace("%", "%%")
    environment = ",".join(
        f'{name}="{value}"'.replace("%", "%%") for name, value in process.environment.items()
    )
    lines = [
        f"[program:{process.name}]",
        f"command={line}",
        "autostart=false",
        "startsecs=1",
        # However long a dependency is away, nobody has to start a process by hand afterwards.
        "startretries=1000000",
        f"stopsignal={process.stop_signal}",
        f"stopwaitsecs={process.stop_seconds}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={layout.log(process.name)}",
        "stdout_logfile_maxbytes=20MB",
        "stdout_logfile_backups=3",
    ]
    if process.final_exit_codes:
        lines += [
            "autorestart=unexpected",
            f"exitcodes={','.join(str(code) for code in process.final_exit_codes)}",
        ]
    else:
        lines.append("autorestart=true")
    if environment:
        lines.append(f"environment={environment}")
    return "\n".join(lines) + "\n"
