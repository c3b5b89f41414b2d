"""A full disk under the evidence store, and folders that can't be written."""

import re
import resource
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.faults.people import Crowd
from tests.running import REPOSITORY, Stack


@pytest.fixture
def upload(crowd: Crowd) -> Callable[[], httpx.Response]:
    """A member's link, and a function that sends a picture of some hundred kilobytes to it."""
    stack = crowd.stack
    name = f"m{uuid.uuid4().hex[:10]}"
    member = stack.practice("POST", "/members", username=name)["id"]
    said = stack.verify(member)
    link = re.search(r"http://localhost:\d+/verify/\S+", said["content"])
    assert link is not None
    client = httpx.Client(timeout=20, trust_env=False)
    page = client.get(link.group()).text
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
    version = re.search(r'name="consent"[^>]*value="(\d+)"', page)
    assert token is not None and version is not None
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.effect_noise((1200, 900), 90).convert("RGB").save(out, "JPEG", quality=90)

    def send() -> httpx.Response:
        return client.post(
            link.group(),
            data={"csrfmiddlewaretoken": token.group(1), "consent": version.group(1)},
            files={"picture": ("id.jpg", out.getvalue(), "image/jpeg")},
            headers={"Referer": link.group(), "Accept": "application/json"},
        )

    return send


@pytest.fixture
def full_disk(crowd: Crowd) -> Iterator[Callable[[bool], None]]:
    """Lets the web process write no file larger than 4 kB: as a full disk, EFBIG for ENOSPC."""
    web = psutil.Process(crowd.stack.pid("web"))
    before = web.rlimit(resource.RLIMIT_FSIZE)

    def fill(yes: bool) -> None:
        web.rlimit(resource.RLIMIT_FSIZE, (4096, before[1]) if yes else before)

    yield fill
    fill(False)


def test_an_upload_is_refused_and_nothing_is_half_written(
    crowd: Crowd,
    upload: Callable[[], httpx.Response],
    full_disk: Callable[[bool], None],
) -> None:
    before = set(crowd.stack.evidence_files())
    full_disk(True)
    refused = upload()
    assert refused.status_code == 503
    assert "nothing was kept" in refused.json()["error"]
    assert set(crowd.stack.evidence_files()) == before

    full_disk(False)
    assert upload().status_code == 200, "the link still works"
    assert len(crowd.stack.evidence_files()) == len(before) + 2


@pytest.mark.parametrize("variable", ["GROWMIES_DATA_DIR", "EVIDENCE_DIR"])
def test_a_folder_that_cant_be_written_stops_the_start(
    stack: Stack, tmp_path: Path, variable: str
) -> None:
    """Root may write anywhere: a file in the folder's place refuses root, too."""
    (tmp_path / "taken").write_text("")
    environment = stack.environment | {variable: str(tmp_path / "taken" / "folder")}
    if variable == "EVIDENCE_DIR":
        environment |= {"GROWMIES_DATA_DIR": str(tmp_path / "data"), "GROWMIES_PORT_BASE": "29000"}
    done = subprocess.run(
        [str(REPOSITORY / "dev"), "up", "--detach"],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "can't be written" in lines[0] and variable in lines[0]
