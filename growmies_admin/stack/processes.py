"""Every process of the stack: its command, its order, how to stop it, whether it is ours."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from growmies_admin.stack import servers
from growmies_admin.stack.layout import Layout


@dataclass(frozen=True)
class Process:
    """One process. `stage` 1 are servers, 2 is what needs a migrated database."""

    name: str
    stage: int
    command: list[str]
    stop_signal: str = "TERM"
    stop_seconds: int = 8
    environment: dict[str, str] = field(default_factory=dict)
    required: bool = True
    # A server that is not ours gets nothing of the site's environment, which is full of secrets.
    is_foreign: bool = False
    # Exit codes after which restarting alone would not help.
    final_exit_codes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Absent:
    """A process that can't be run here, and why."""

    name: str
    reason: str


def all_of(layout: Layout) -> list[Process | Absent]:
    """The processes of this stack in the order in which they start."""
    found: list[Process | Absent] = []
    if layout.embeds("DATABASE_URL"):
        found.append(_postgres(layout))
    if layout.embeds("REDIS_URL"):
        found.append(_valkey(layout))
    for variable, make in (
        ("PROMETHEUS_URL", _prometheus),
        ("ALERTMANAGER_URL", _alertmanager),
    ):
        if layout.embeds(variable):
            found.append(make(layout))
    found += [make(layout) for make in _exporters(layout)]
    if layout.is_practice:
        found.append(_django(layout, "practice", ["manage.py", "practice_guild"], stage=1))
    return found + _ours(layout)


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _django(layout: Layout, name: str, arguments: list[str], *, stage: int = 2) -> Process:
    return Process(name, stage, _python(*arguments), environment={"GROWMIES_PROCESS": name})


def _ours(layout: Layout) -> list[Process | Absent]:
    web = _python("-m", "uvicorn", "growmies_admin.asgi:application", "--host", "127.0.0.1")
    web += ["--port", str(layout.port("web")), "--no-access-log", "--lifespan", "off"]
    web += ["--timeout-graceful-shutdown", "5", "--log-level", "warning", "--no-server-header"]
    web += ["--http", "growmies_admin.edge.connections:Connection", "--ws", "none"]
    web += ["--no-proxy-headers"]  # ours are read by growmies_admin/edge/addresses.py
    celery = ["-m", "celery", "-A", "growmies_admin"]
    multiprocess = layout.data_dir / "run" / "worker-metrics"
    return [
        Process("web", 2, web, environment={"GROWMIES_PROCESS": "web"}),
        Process(
            "worker",
            2,
            _python(*celery, "worker", "-Q", "default,maintenance,alerts", "-c", "2")
            + ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"],
            # QUIT is Celery's soft shutdown: tasks may end for some seconds, the rest goes back.
            stop_signal="QUIT",
            stop_seconds=10,
            environment={
                "GROWMIES_PROCESS": "worker",
                "PROMETHEUS_MULTIPROC_DIR": str(multiprocess),
            },
        ),
        Process(
            "beat",
            2,
            _python(*celery, "beat", "--loglevel", "WARNING", "--pidfile="),
            environment={"GROWMIES_PROCESS": "beat"},
        ),
        Process(
            "bot",
            2,
            _python("manage.py", "runbot"),
            environment={"GROWMIES_PROCESS": "bot"},
            final_exit_codes=(2,),
        ),
    ]


def _postgres(layout: Layout) -> Process:
    folder = layout.data_dir / "postgres"
    command = servers.postgres_command(folder, layout.port("postgres"))
    # INT is PostgreSQL's fast shutdown.
    return Process("postgres", 1, command, stop_signal="INT", stop_seconds=15, is_foreign=True)


def _valkey(layout: Layout) -> Process:
    config = layout.data_dir / "valkey" / "valkey.conf"
    return Process("valkey", 1, [servers.valkey_program(), str(config)], is_foreign=True)


def _prometheus(layout: Layout) -> Process | Absent:
    program = servers.debian_program("prometheus")
    if program is None:
        return Absent("prometheus", "not installed (Debian: apt-get install prometheus)")
    folder = layout.data_dir / "prometheus"
    return Process(
        "prometheus",
        1,
        [program, f"--config.file={folder / 'prometheus.yml'}"]
        + [f"--storage.tsdb.path={folder / 'tsdb'}", "--storage.tsdb.retention.time=30d"]
        + [f"--web.listen-address=127.0.0.1:{layout.port('prometheus')}", "--log.level=warn"]
        + [f"--web.external-url=http://localhost:{layout.port('prometheus')}/"]
        # No page of another origin is answered: the pattern matches nothing.
        + [f"--web.config.file={folder / 'web.yml'}", "--web.cors.origin=a^"],
        required=False,
        is_foreign=True,
    )


def _alertmanager(layout: Layout) -> Process | Absent:
    program = servers.debian_program("prometheus-alertmanager")
    if program is None:
        return Absent(
            "alertmanager", "not installed (Debian: apt-get install prometheus-alertmanager)"
        )
    folder = layout.data_dir / "alertmanager"
    return Process(
        "alertmanager",
        1,
        [program, f"--config.file={folder / 'alertmanager.yml'}"]
        + [f"--storage.path={folder / 'data'}", "--cluster.listen-address="]
        + [f"--web.listen-address=127.0.0.1:{layout.port('alertmanager')}", "--log.level=warn"]
        + [f"--web.external-url=http://localhost:{layout.port('alertmanager')}/"]
        + [f"--web.config.file={folder / 'web.yml'}"],
        required=False,
        is_foreign=True,
    )


def _exporters(layout: Layout) -> list[Callable[[Layout], Process | Absent]]:
    if not layout.embeds("PROMETHEUS_URL"):
        return []
    makers: list[Callable[[Layout], Process | Absent]] = [_node_exporter]
    if layout.embeds("DATABASE_URL"):
        makers.append(_postgres_exporter)
    if layout.embeds("REDIS_URL"):
        makers.append(_valkey_exporter)
    return makers


def _exporter(
    layout: Layout,
    name: str,
    package: str,
    flag: str,
    environment: dict[str, str],
    more: tuple[str, ...] = (),
) -> Process | Absent:
    program = servers.debian_program(package)
    if program is None:
        return Absent(name, f"not installed (Debian: apt-get install {package})")
    address = f"127.0.0.1:{layout.port(name)}"
    return Process(
        name,
        1,
        [program, f"{flag}={address}", *more],
        environment=environment,
        required=False,
        is_foreign=True,
    )


def _node_exporter(layout: Layout) -> Process | Absent:
    return _exporter(
        layout,
        "node-exporter",
        "prometheus-node-exporter",
        "--web.listen-address",
        {},
        (_web_config(layout),),
    )


def _postgres_exporter(layout: Layout) -> Process | Absent:
    return _exporter(
        layout,
        "postgres-exporter",
        "prometheus-postgres-exporter",
        "--web.listen-address",
        # The address with its password comes by a file, as supervisor's file is no place for it.
        {
            "DATA_SOURCE_URI": f"127.0.0.1:{layout.port('postgres')}/growmies?sslmode=disable",
            "DATA_SOURCE_USER": "growmies_reader",
            "DATA_SOURCE_PASS_FILE": str(layout.data_dir / "run" / "postgres-password"),
        },
        # Debian 12's exporter asks for columns that PostgreSQL 17 moved elsewhere.
        ("--no-collector.bgwriter", _web_config(layout)),
    )


def _web_config(layout: Layout) -> str:
    return f"--web.config.file={layout.data_dir / 'exporters' / 'web.yml'}"


def _valkey_exporter(layout: Layout) -> Process | Absent:
    return _exporter(
        layout,
        "valkey-exporter",
        "prometheus-redis-exporter",
        "-web.listen-address",
        {
            "REDIS_USER": servers.EXPORTER_USER,
            "REDIS_ADDR": f"redis://127.0.0.1:{layout.port('valkey')}",
            "REDIS_PASSWORD_FILE": str(layout.data_dir / "run" / "valkey-password.json"),
        },
        # Its account may not read Valkey's settings: they hold the password of all others.
        ("-config-command=-",),
    )
