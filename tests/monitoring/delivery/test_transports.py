"""A way of sending is one folder: whatever else knows of it is derived."""

import pytest

from monitoring.delivery import setting, transports
from monitoring.delivery.models import channel_choices
from tests.running import REPOSITORY

FOLDERS = setting.folders()
CODE = [
    path
    for folder in ("growmies_admin", "compliance", "monitoring", "templates")
    for path in sorted((REPOSITORY / folder).rglob("*"))
    if path.suffix in {".py", ".html"} and "transports" not in path.parts
]


def test_all_are_there():
    assert set(FOLDERS) == set(transports.names())
    assert {"discord", "email", "sms", "pagerduty", "slack", "matrix", "webhook"} <= set(FOLDERS)
    assert [name for name, _ in channel_choices()] == list(transports.names())


@pytest.mark.parametrize("folder", FOLDERS)
def test_its_settings_are_read_and_documented_in_it(folder, settings):
    readme = (setting.FOLDER / folder / "README.md").read_text()
    transport = transports.everything()[folder]
    assert transport.settings
    for one in transport.settings:
        assert hasattr(settings, one.name)
        assert f"`{one.name}`" in readme
        assert one.what


@pytest.mark.parametrize("folder", FOLDERS)
def test_it_has_words_and_tests(folder):
    transport = transports.everything()[folder]
    assert all((transport.label, transport.words, transport.who_sends, transport.set_up))
    assert list((setting.FOLDER / folder / "tests").glob("test_*.py"))


@pytest.mark.parametrize("folder", ["matrix", "webhook", "slack", "pagerduty"])
def test_nothing_else_names_it(folder):
    """Python and templates outside its folder; Alertmanager's own settings stand in the stack."""
    names = [one.name for one in transports.everything()[folder].settings]
    naming = [
        str(path.relative_to(REPOSITORY))
        for path in CODE
        if "stack" not in path.parts and any(name in path.read_text() for name in names)
    ]
    assert naming == []


@pytest.mark.parametrize("folder", ["matrix", "webhook"])
def test_no_document_names_it_but_its_own(folder):
    """What Alertmanager has too stands in the documents of Alertmanager."""
    transport = transports.everything()[folder]
    pages = [*(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "README.md"]
    named = [one.name for one in transport.settings]
    assert [page.name for page in pages if any(n in page.read_text() for n in named)] == []


def test_a_row_whose_channel_is_gone_still_has_a_name():
    assert transports.label("pigeon") == transports.words("pigeon") == "pigeon"
    assert transports.get("pigeon") is None
