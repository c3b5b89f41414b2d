"""What anybody wrote pings nobody in Discord, and shows where its links lead."""

import re
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.discord_words import as_shown, quiet, sentence

# As Discord reads a message.
LIVE = (
    re.compile(r"\[[^\]\n]*\]\(\s*<?https?://", re.IGNORECASE),
    re.compile(r"@(everyone|here)", re.IGNORECASE),
    re.compile(r"<(@[!&]?|#)\d+>"),
    re.compile(r"</[^>]+:\d+>"),
    re.compile(r"<(a?:\w+:\d+|t:-?\d+(:\w)?|id:\w+|sound:[\d:]+)>", re.IGNORECASE),
)
GAP = "\u200b"


def live(text):
    return [one.pattern for one in LIVE if one.search(text)]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("The back of the ID, please.", "The back of the ID, please."),
        ("[our rules](https://evil.example)", "[our rules](https://evil.example)"),
        ("[https://good.example](https://evil.example)",) * 2,
        ("[x](<https://evil.example>)", "[x](<https://evil.example>)"),
        ("[x]\u200b(https://evil.example)", "[x](https://evil.example)"),
        ("[x]\u2060(https://evil.example)", "[x](https://evil.example)"),
        ("[x]\u3164(https://evil.example)", "[x](https://evil.example)"),
        ("\\[x](https://evil.example)", "\\[x](https://evil.example)"),
        ("@everyone", "@everyone"),
        ("@EVERYONE @Here", "@EVERYONE @Here"),
        ("@\u200beveryone", "@everyone"),
        ("@ever\u2060yone", "@everyone"),
        ("@\u00adhere", "@here"),
        ("\\<@1187342001234567890>", "\\<@1187342001234567890>"),
        ("<@!1187342001234567890> <@&1187342001234567890>",) * 2,
        ("<#1187342001234567890>", "<#1187342001234567890>"),
        ("<\ufe0f#1187342001234567890>", "<#1187342001234567890>"),
        ("</verify:1187342001234567890>", "</verify:1187342001234567890>"),
        ("<:cat:1187342001234567890> <a:cat:1187342001234567890>",) * 2,
        ("<t:1> <id:customize>", "<t:1> <id:customize>"),
        ("https://good.example/\u202egpj.exe", "https://good.example/gpj.exe"),
        ("# Loud\n||hidden||\tand `code`", "# Loud\n||hidden||\tand `code`"),
        ("Write to team@growmies.example, or see <https://growmies.example>.",) * 2,
        ("We \u2764\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467 <3",) * 2,
        ("one\r\ntwo\x00", "one\ntwo"),
    ],
)
def test_words(written, seen):
    said = quiet(written)
    assert live(said) == []
    assert said.replace(GAP, "") == seen.replace(GAP, "")


@pytest.mark.parametrize(
    "written", ["We love it \u2764\ufe0f", "team@growmies.example", "<https://growmies.example>"]
)
def test_what_is_harmless_stays_as_it_is(written):
    assert quiet(written) == written


PIECES = st.sampled_from(
    [
        "[", "]", "(", ")", "<", ">", "@", "!", "&", "#", "/", ":", "\\", "`", "\n", " ",
        "everyone", "HERE", "https://evil.example", "1187342001234567890", "a:", "t:", "id:guide",
        "\u200b", "\u200d", "\u2060", "\ufe0f", "\u202e", "\u3164", "\u00ad", "\u034f", "\u2764",
        "\U000e0041", "\ud800",
    ]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(PIECES | st.characters(), max_size=40).map("".join))
def test_nothing_is_live_whatever_it_is_made_of(written):
    said = quiet(written)
    assert live(said) == []
    assert quiet(said) == said
    unseen = {c for c in said if unicodedata.category(c) in ("Cf", "Cs", "Cc")}
    assert unseen <= {GAP, "\u200d", "\n", "\t"}
    letters = "".join(c for c in written if c.isalnum() and c not in "\u115f\u1160\u3164\uffa0")
    assert "".join(c for c in said if c.isalnum()) == letters


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("from <t:1764547200:f> on", "from November 30, 2025 at 7:00 PM on"),
        ("<t:1764547200>", "November 30, 2025 at 7:00 PM"),
        ("<t:1764590700:t>", "7:05 AM"),
        ("<t:1764590700:T>", "7:05:00 AM"),
        ("<t:1764590700:d>", "12/1/2025"),
        ("<t:1764590700:D>", "December 1, 2025"),
        ("<t:1764590700:F>", "Monday, December 1, 2025 at 7:05 AM"),
        ("<t:1764590700:R>", "in 5 min"),
        ("<t:1764561600:f> <t:1764604800:t>", "November 30, 2025 at 11:00 PM 11:00 AM"),
        ("<t:99999999999999:f> <t:-99999999999:f>",) * 2,
        ("<t:x:f> <@1> @everyone", "<t:x:f> <@1> @everyone"),
    ],
)
def test_times_are_shown_as_discord_shows_them(written, shown):
    with (
        timezone.override(ZoneInfo("America/New_York")),
        time_machine.travel(datetime.fromtimestamp(1764590400, tz=UTC), tick=False),
    ):
        assert as_shown(written) == shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("The date is cut off", "The date is cut off."),
        ("The date is cut off. ", "The date is cut off."),
        ("Is it yours?", "Is it yours?"),
        ("…", "…"),
        (" ", ""),
    ],
)
def test_somebodys_words_are_a_sentence(words, expected):
    assert sentence(words) == expected
