"""Eight pictures at once that unpack to hundreds of megabytes: who else notices?"""

import io
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pillow_heif
import psutil
import pytest
from django.conf import settings
from django.db import connection
from PIL import Image

from compliance import policy
from compliance.members import roster
from compliance.uploads import opening
from growmies_admin.stack.layout import REPOSITORY
from tests.bench.conftest import SMALL, sized
from tests.bench.serving import served

AT_ONCE, ROUNDS, ASKED, LINKS = sized(8, 2), sized(3, 1), sized(100, 5), sized(96, 8)
SITE = "tests.bench.plain_site" if SMALL else "growmies_admin.asgi"
KINDS = ["PNG"] if SMALL else ["PNG", "WEBP", "JPEG", "HEIF"]
GROWTH_LIMIT_BYTES, CHILD_LIMIT_BYTES, RATIO_LIMIT = 150e6, 700e6, 2
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def _bomb(kind: str) -> bytes:
    """The first two are refused by their headers; a HEIC of 2^26 pixels is the worst we take."""
    out = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
        Image.new("RGB", (8192, 8192)).save(out, kind, quality=10)
    elif kind == "JPEG":  # holds all of its coefficients
        Image.new("RGB", (8192, 8192)).save(out, kind, progressive=True, subsampling=0)
    else:
        Image.new("RGB", (8000, 8000)).save(out, kind)
    return out.getvalue()


def _urls(count: int) -> list[str]:
    first = 4_000_000_000_000_000_000 + time.time_ns() % 10**15
    return [
        opening.open_request(roster.seen(first + number, f"bomb{number}")).url.removeprefix(
            settings.PUBLIC_URL
        )
        for number in range(count)
    ]


class Peaks:
    """The largest resident sizes, in bytes, of the web process and of its children."""

    def __init__(self, web: psutil.Process) -> None:
        self.web, self.child, self.children_at_once = 0, 0, 0
        self._process, self._ended = web, threading.Event()
        Path(f"/proc/{web.pid}/clear_refs").write_text("5")  # its peak counts from now on
        self.before = web.memory_info().rss
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.01):
            living = self._process.children()
            self.children_at_once = max(self.children_at_once, len(living))
            for child in living:
                with suppress(psutil.Error, OSError):
                    self.child = max(self.child, _high_water(child.pid))

    def end(self) -> None:
        self._ended.set()
        self._thread.join()
        self.web = _high_water(self._process.pid)


def _high_water(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


class Member:
    """Somebody whose page is open, and who sends the same picture again and again."""

    def __init__(self, base: str, url: str, bomb: bytes) -> None:
        self._http = httpx.Client(base_url=base, timeout=180, trust_env=False)
        self._url, self._files = url, {"picture": ("id.jpg", bomb)}
        token = _CSRF.search(self._http.get(url).text)
        assert token is not None
        self._form = {"csrfmiddlewaretoken": token[1], "consent": str(policy.CONSENT_VERSION)}

    def send(self) -> int:
        answer = self._http.post(
            self._url,
            data=self._form,
            files=self._files,
            headers={"Accept": "application/json, text/html"},
        )
        return answer.status_code


@contextmanager
def _under_fire(members: deque[Member]) -> Iterator[list[int]]:
    """Volleys of eight at once; who is refused sends again, as long as the link lets them."""
    ended, answers = threading.Event(), []

    def go_on() -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while not ended.is_set():
                volley = [members.popleft() for _ in range(AT_ONCE)]
                codes = list(pool.map(Member.send, volley))
                members.extend(m for m, code in zip(volley, codes, strict=True) if code != 200)
                answers.extend(codes)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join()


def _p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def _ask(other: httpx.Client, page: str) -> list[float]:
    taken = []
    for _ in range(ASKED):
        began = time.perf_counter()
        assert other.get(page).status_code == 200
        taken.append(time.perf_counter() - began)
        time.sleep(0.02)
    return taken


@pytest.fixture(scope="module")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Pages need the names of the collected files."""
    root = str(tmp_path_factory.mktemp("static"))
    if SMALL:
        return root
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(collect, check=True, cwd=REPOSITORY, env=os.environ | {"STATIC_ROOT": root})
    return root


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_eight_at_once(
    kind: str, say: Callable[..., None], tmp_path: Path, static_root: str
) -> None:
    bomb = _bomb(kind)
    facts = connection.settings_dict
    database = f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
    environment = {
        "DATABASE_URL": f"{database}/{facts['NAME']}",
        "STATIC_ROOT": static_root,
        "EVIDENCE_DIR": str(tmp_path / "evidence"),
    }
    page, *links = _urls(1 + LINKS)
    with served(f"{SITE}:application", **environment) as address:
        base = f"http://127.0.0.1:{address._connection.port}"
        (web,) = (c for c in psutil.Process().children() if "uvicorn" in c.cmdline())
        with httpx.Client(base_url=base, timeout=60, trust_env=False) as other:
            _ask(other, page)  # warm
            Member(base, links.pop(), bomb).send()
            members = deque(Member(base, url, bomb) for url in links)
            peaks, idle, busy, codes = Peaks(web), [], [], []
            for _ in range(ROUNDS):
                idle += _ask(other, page)
                with _under_fire(members) as answers:
                    busy += _ask(other, page)
                codes += answers
            peaks.end()
    growth = peaks.web - peaks.before
    assert set(codes) <= {200, 422, 503}, codes
    against = f"{len(bomb) / 1000:.0f} kB each, {len(codes)} sent: " + ", ".join(
        f"{codes.count(code)} answered {code}" for code in sorted(set(codes))
    )
    say(f"growth of the web process, {kind}, MB", growth / 1e6, "below 150", against)
    say(
        f"largest child, {kind}, MB",
        peaks.child / 1e6,
        "below 700",
        f"{peaks.children_at_once} at once at most",
    )
    ratio = _p99(busy) / _p99(idle)
    say(
        f"p99 of another page, {kind}",
        ratio,
        f"below {RATIO_LIMIT}",
        f"{_p99(busy) * 1000:.0f} ms against {_p99(idle) * 1000:.0f} ms with nothing to read",
    )
    assert SMALL or (growth < GROWTH_LIMIT_BYTES and peaks.child < CHILD_LIMIT_BYTES)
    assert peaks.children_at_once == 1
    assert SMALL or ratio < RATIO_LIMIT
