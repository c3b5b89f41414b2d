"""Templates can be read and compared line by line."""

from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LONGEST = 140


def test_no_line_of_a_template_is_longer_than_140_characters():
    files = sorted(TEMPLATES.rglob("*.html"))
    assert files
    assert not [
        f"{path.relative_to(TEMPLATES)}:{number}: {len(line)}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST
    ]
