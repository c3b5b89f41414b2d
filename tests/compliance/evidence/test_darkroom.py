"""Pictures are opened in a child process with bounds, and nothing it does reaches us."""

import ast
import io
import json
import os
import socket
import struct
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from compliance import policy
from compliance.evidence import pictures
from compliance.evidence.darkroom import asking
from compliance.refusals import Refusal

# Once its modules are loaded: who is nobody may not be let into this checkout.
_AS_NOBODY = """
import os
from compliance.evidence.darkroom import child, developing
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
child.main()
"""
REPOSITORY = Path(__file__).resolve().parents[3]
OTHERS = set()


def encoded(kind, size, mode="L", **save):
    out = io.BytesIO()
    Image.new(mode, size, 128 if mode == "L" else "grey").save(out, kind, **save)
    return out.getvalue()


def refusal_of(upload):
    with pytest.raises(Refusal) as refusal:
        pictures.clean(upload)
    return refusal.value.code


def children():
    """Those of this process, beside what other tests of it have started."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()) - OTHERS


@pytest.fixture(autouse=True)
def others():
    OTHERS.clear()
    OTHERS.update(children())


@pytest.fixture
def child(monkeypatch):
    """The child runs this program in the place of ours: `child("print(1)")`."""
    return lambda program: monkeypatch.setattr(
        asking, "_COMMAND", (sys.executable, "-E", "-s", "-c", program)
    )


def test_it_works(picture):
    made = pictures.clean(picture(size=(900, 600)))
    assert (made.width, made.height) == (900, 600)
    assert Image.open(io.BytesIO(made.content)).size == (900, 600)
    assert children() == set()


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "HEIF"])
@pytest.mark.parametrize("size", [(9248, 6936), (9280, 6944)])
def test_a_phone_of_64_megapixels(kind, size):
    """In color, and within the memory of the child. A HEIC in tiles, as phones make it."""
    as_phones_do = {"HEIF": {"tile_size": 512, "enc_params": {"preset": "ultrafast"}}}
    made = pictures.clean(encoded(kind, size, "RGB", **as_phones_do.get(kind, {})))
    assert max(made.width, made.height) == policy.PICTURE_MAX_SIDE


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_25_megapixels_of_what_no_phone_makes(kind):
    assert refusal_of(encoded(kind, (5000, 5001), "RGB")) == "picture_bomb"


@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
def test_more_than_the_largest_phone(kind):
    assert refusal_of(encoded(kind, (8192, 8193))) == "picture_bomb"


def test_a_heic_whose_header_says_more_than_the_largest_phone():
    small, large = (
        b"ispe" + bytes(4) + struct.pack(">II", *size) for size in ((256, 256), (8192, 8193))
    )
    upload = encoded("HEIF", (256, 256))
    assert small in upload
    assert refusal_of(upload.replace(small, large)) == "picture_bomb"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_takes_more_memory_than_there_is(kind, monkeypatch):
    """As if the header had lied: 64 megapixels are let in, and the child's memory must hold."""
    monkeypatch.setattr(policy, "UPLOAD_MAX_PIXELS_OTHERWISE", 2**26)
    monkeypatch.setattr(policy, "DARKROOM_MEMORY_BYTES", 256 * 1024**2)
    upload = encoded(kind, (8000, 8000), "RGB")
    assert len(upload) < 300_000
    assert refusal_of(upload) in {"picture_heavy", "picture_broken"}
    assert children() == set()


def test_what_takes_too_long(picture, monkeypatch):
    monkeypatch.setattr(policy, "DARKROOM_LIFE", timedelta(milliseconds=1))
    assert refusal_of(picture()) == "picture_heavy"
    assert children() == set()


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "pass",
        "print('no JSON')",
        "print('[1]')",
        """print('{"width": 3, "height": 3, "bytes": 9}')""",
        "import sys\nwhile True: sys.stdout.write('x' * 65536)",
    ],
)
def test_a_child_that_dies_or_babbles(child, program, picture):
    child(program)
    assert refusal_of(picture()) == "picture_heavy"
    assert children() == set()


@pytest.mark.parametrize(
    "facts",
    [
        {"width": 99_999, "height": 300},
        {"width": 300},
        {"width": "300", "height": 300},
        {"width": 300, "height": 300},  # its bytes are no JPEG
        {"refused": "link_used"},
    ],
)
def test_a_child_that_lies(child, facts, picture):
    child(f"print('''{json.dumps(facts | {'bytes': 3})}'''); print('GIF', end='')")
    assert refusal_of(picture()) == "picture_broken"


def test_it_is_given_neither_secrets_nor_connections(child):
    child(
        "import json, os; names = sorted(os.environ); fds = os.listdir('/proc/self/fd');"
        "open_ = [os.readlink(f'/proc/self/fd/{fd}') for fd in fds[:-1]];"
        "print(json.dumps({'names': names, 'open': open_, 'bytes': 0}))"
    )
    with socket.socket() as ours:
        os.set_inheritable(ours.fileno(), True)
        facts = asking.ask("developing", b"", {}).facts
    assert set(facts["names"]) <= {"LC_ALL", "LC_CTYPE", "MALLOC_ARENA_MAX"}
    assert not [what for what in facts["open"] if what.startswith("socket:")]
    assert len(facts["open"]) <= 3


def test_it_can_open_nothing_once_it_has_the_picture(child):
    child(
        "import json, socket\n"
        "from compliance.evidence.darkroom import child\n"
        "child._confine(memory_bytes=2**29, cpu_seconds=9)\n"
        "could = []\n"
        "for act in (lambda: open('/etc/passwd'), lambda: open('/tmp/x', 'w'), socket.socket):\n"
        "    try: act(); could += ['did']\n"
        "    except OSError: pass\n"
        "print(json.dumps({'could': could, 'limits': [child.resource.getrlimit(kind)[1] for kind "
        "in (child.resource.RLIMIT_CORE, child.resource.RLIMIT_FSIZE)], 'bytes': 0}))"
    )
    facts = asking.ask("developing", b"", {}).facts
    assert facts["could"] == [] and facts["limits"] == [0, 0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_format_as_a_user_whose_limits_count(kind, picture):
    """Root is not held by RLIMIT_NPROC; whoever runs the site in production is."""
    values = {
        "max_pixels": {},
        "max_pixels_otherwise": 10**6,
        "min_side": 200,
        "side": 300,
        "quality": 85,
    }
    limits = {"memory_bytes": policy.DARKROOM_MEMORY_BYTES, "cpu_seconds": 10}
    job = json.dumps({"act": "developing", "limits": limits, "values": values}).encode()
    done = subprocess.run(
        (sys.executable, "-E", "-s", "-c", _AS_NOBODY),
        input=job + b"\n" + picture(kind),
        capture_output=True,
        env=asking._ENVIRONMENT,
        cwd=REPOSITORY,
    )
    assert json.loads(done.stdout.partition(b"\n")[0])["width"] == 300, done.stderr.decode()


def test_nothing_else_opens_a_picture():
    """Pillow is imported in the child, and by what draws practice cards of its own."""
    importing = set()
    for package in ("compliance", "growmies_admin", "monitoring"):
        for path in (REPOSITORY / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                if any(name.split(".")[0] in {"PIL", "pillow_heif"} for name in names):
                    importing.add(str(path.relative_to(REPOSITORY)))
    assert importing == {
        "compliance/evidence/darkroom/developing.py",
        "compliance/evidence/darkroom/marking.py",
        "compliance/quality/golden_pictures.py",
    }


def test_where_no_child_can_be_started_nothing_is_kept(picture, monkeypatch):
    """As on a full disk or without memory: the store's refusal, and no error of ours."""
    monkeypatch.setattr(asking, "_COMMAND", ("/nowhere/python",))
    assert refusal_of(picture()) == "store_failed"
