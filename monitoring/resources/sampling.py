"""One sample of the host and of our own processes, with psutil."""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings

BOT = "bot"
# Our processes by words of their command lines, all of which must be there.
_MARKS = {
    BOT: ("manage.py", "runbot"),
    "web": ("growmies_admin.asgi:application",),
    "worker": ("celery", "growmies_admin", "worker"),
    "beat": ("celery", "growmies_admin", "beat"),
}
PROCESSES = tuple(_MARKS)
DISKS = ("root", "data")
# A Python process that waits for events sleeps: it is never `running`.
_NOT_RUNNING = {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP, psutil.STATUS_DEAD}
_MBIT = 1_000_000 / 8


@dataclass(frozen=True)
class Disk:
    """A file system: `root`, and the one of the data folder."""

    name: str
    percent: float
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True)
class Process:
    """All processes of one name together: a worker and its pool are one."""

    name: str
    status: str
    cpu_percent: float
    memory_bytes: int
    threads: int
    connections: int

    @property
    def runs(self) -> bool:
        return self.status not in _NOT_RUNNING


@dataclass(frozen=True)
class Sample:
    """Figures of the host, with rates over the time since the sample before."""

    at: float
    cpu_percent: float
    cpu_count: int
    load_1m: float
    memory_percent: float
    memory_total_bytes: int
    memory_available_bytes: int
    swap_percent: float
    disks: tuple[Disk, ...]
    read_bytes_per_second: float
    written_bytes_per_second: float
    sent_mbits: float
    received_mbits: float
    processes: tuple[Process, ...]


class Sampler:
    """Takes samples; the first one only sets the counters that rates start from."""

    def __init__(self) -> None:
        self._known: dict[int, psutil.Process] = {}
        psutil.cpu_percent(interval=None)
        self._before = _Counters.now()
        self._processes()

    def take(self) -> Sample:
        before, after = self._before, _Counters.now()
        self._before = after
        memory = psutil.virtual_memory()
        return Sample(
            at=time.time(),
            cpu_percent=psutil.cpu_percent(interval=None),
            cpu_count=psutil.cpu_count() or 1,
            load_1m=psutil.getloadavg()[0],
            memory_percent=memory.percent,
            memory_total_bytes=memory.total,
            memory_available_bytes=memory.available,
            swap_percent=psutil.swap_memory().percent,
            disks=tuple(_disks()),
            read_bytes_per_second=after.per_second("read", before),
            written_bytes_per_second=after.per_second("written", before),
            sent_mbits=after.per_second("sent", before) / _MBIT,
            received_mbits=after.per_second("received", before) / _MBIT,
            processes=self._processes(),
        )

    def _processes(self) -> tuple[Process, ...]:
        found: dict[str, list[Process]] = {}
        living: dict[int, psutil.Process] = {}
        for process in psutil.process_iter(["cmdline"]):
            name = _name_of(process)
            if name is None:
                continue
            # The same object each time: it counts the CPU time between two looks.
            living[process.pid] = kept = self._known.get(process.pid, process)
            try:
                with kept.oneshot():
                    if kept.status() != psutil.STATUS_ZOMBIE:
                        found.setdefault(name, []).append(_look(name, kept))
            except psutil.Error:
                continue
        self._known = living
        return tuple(_together(name, them) for name, them in found.items())


@dataclass(frozen=True)
class _Counters:
    at: float
    read: int
    written: int
    sent: int
    received: int

    @classmethod
    def now(cls) -> "_Counters":
        disk = psutil.disk_io_counters()
        cards = psutil.net_io_counters(pernic=True)
        # What a machine says to itself is no traffic.
        outside = [counts for card, counts in cards.items() if card != "lo"]
        return cls(
            at=time.monotonic(),
            read=disk.read_bytes if disk else 0,
            written=disk.write_bytes if disk else 0,
            sent=sum(counts.bytes_sent for counts in outside),
            received=sum(counts.bytes_recv for counts in outside),
        )

    def per_second(self, name: str, before: "_Counters") -> float:
        passed = max(self.at - before.at, 0.001)
        grown: int = getattr(self, name) - getattr(before, name)
        return max(grown, 0) / passed


def _disks() -> list[Disk]:
    found = []
    for name, path in zip(DISKS, (Path("/"), settings.DATA_DIR), strict=True):
        try:
            usage = psutil.disk_usage(str(path))
        except OSError:
            continue
        found.append(Disk(name, usage.percent, usage.total, usage.free))
    return found


def _name_of(process: psutil.Process) -> str | None:
    """Which of ours it is. Another stack on the same machine has another data folder."""
    words = process.info["cmdline"] or []
    for name, marks in _MARKS.items():
        if all(any(word.endswith(mark) for word in words) for mark in marks):
            return name if _is_of_this_stack(process) else None
    return None


def _is_of_this_stack(process: psutil.Process) -> bool:
    try:
        folder = process.environ().get("GROWMIES_DATA_DIR")
    except (psutil.Error, OSError):
        return True  # another user's: there is only one then
    return folder is None or Path(folder).resolve() == settings.DATA_DIR


def _look(name: str, process: psutil.Process) -> Process:
    try:
        connections = len(process.net_connections())
    except (psutil.Error, OSError):
        connections = 0
    return Process(
        name=name,
        status=process.status(),
        cpu_percent=process.cpu_percent(interval=None),
        memory_bytes=process.memory_info().rss,
        threads=process.num_threads(),
        connections=connections,
    )


def _together(name: str, them: list[Process]) -> Process:
    running = next((process for process in them if process.runs), them[0])
    return Process(
        name=name,
        status=running.status,
        cpu_percent=sum(process.cpu_percent for process in them),
        memory_bytes=sum(process.memory_bytes for process in them),
        threads=sum(process.threads for process in them),
        connections=sum(process.connections for process in them),
    )
