"""Only the account that runs the stack can read its logs, also those of earlier versions."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from growmies_admin.stack import starting, stopping, supervising
from growmies_admin.stack.layout import Layout, Trouble


@pytest.fixture
def layout(tmp_path):
    made = Layout(tmp_path / "data", 9270, dict(os.environ))
    yield made
    shutil.rmtree(made.socket_dir, ignore_errors=True)


def mode(path):
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_it_works(layout):
    umask = os.umask(0o022)
    try:
        layout.make()
        lock = supervising.take_lock(layout)
        supervising.start(layout, lock)
        os.close(lock)
        try:
            pid = supervising.rpc(layout).getPID()
            inherited = Path(f"/proc/{pid}/status").read_text().splitlines()
            assert "Umask:\t0077" in inherited
        finally:
            stopping.stop(layout)
    finally:
        os.umask(umask)
    folder = layout.data_dir / "log"
    assert mode(folder) == "0o700"
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "supervisor.log": "0o600",
        "supervisord.log": "0o600",
    }


def test_what_an_earlier_version_left_open(layout):
    folder = layout.data_dir / "log"
    folder.mkdir(parents=True, mode=0o755)
    for name in ("web.log", "web.log.1", "prepare.log"):
        (folder / name).write_text("GET /staff/password/…")
        (folder / name).chmod(0o644)
    folder.chmod(0o755)
    layout.make()
    assert mode(folder) == "0o700"
    assert {mode(path) for path in folder.iterdir()} == {"0o600"}


def test_the_output_of_the_preparation(layout):
    layout.make()
    layout.log("prepare").touch(mode=0o644)
    # Without the database of the tests: there is none where this one looks.
    alone = Layout(layout.data_dir, layout.port_base, {"PATH": os.environ["PATH"]})
    with pytest.raises(Trouble):
        starting.prepare_site(alone)
    assert mode(layout.log("prepare")) == "0o600"
    assert layout.log("prepare").read_text()
