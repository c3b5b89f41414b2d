"""The list of reasons: the community's own, or that of a file."""

import pytest

from compliance.moderation import reasons

FILE = """
[reasons.late]
label = "Late"
rule = "Be on time"
words = "were late"
severity = "low"
"""


@pytest.fixture
def read(tmp_path, settings):
    def from_(text):
        path = tmp_path / "reasons.toml"
        path.write_text(text)
        settings.MODERATION_REASONS_FILE = str(path)
        reasons.everything.cache_clear()
        return reasons.everything()

    yield from_
    reasons.everything.cache_clear()


def test_the_communitys_own():
    assert {"sales_activity", "harassment", "spam", "other"} <= reasons.everything().keys()


def test_a_file_takes_their_place(read):
    found = read(FILE)
    assert list(found) == ["late"]
    assert found["late"].rule == "Be on time"


def test_a_code_that_is_not_listed_any_more(read):
    read(FILE)
    assert reasons.get("sales_activity").label == "Sales activity"
    assert reasons.get("sales_activity").words == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no tables"),
        ("[reasons]", "lists no reason"),
        ("reasons = 5", "no tables"),
        ("[reasons.late]", "needs label, rule, words, severity"),
        (FILE.replace("late]", "Late-1]"), "is no code"),
        (FILE.replace('"Late"', "5"), "must be text"),
        (FILE.replace('"Late"', '" "'), "must be text"),
        (FILE.replace('"low"', '"huge"'), "severity is one of"),
        ("".join(FILE.replace("late]", f"late{n}]") for n in range(26)), "more than 25"),
        (FILE + 'color = "red"', "nothing else"),
    ],
)
def test_a_file_that_can_not_be_read(read, text, why):
    with pytest.raises(reasons.Unreadable, match=why.replace("(", r"\(")):
        read(text)


def test_a_file_that_is_not_there(settings):
    settings.MODERATION_REASONS_FILE = "/nowhere/reasons.toml"
    reasons.everything.cache_clear()
    with pytest.raises(reasons.Unreadable, match="can't be read"):
        reasons.everything()
    reasons.everything.cache_clear()
