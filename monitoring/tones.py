"""Tones of states: the one place from which pages, embeds and mails take colour and sign.

A state has a tone beside its choices; tone -> CSS colour is in static/css/tokens.css, tone ->
Discord colour and emoji is here.
"""

from enum import StrEnum


class Tone(StrEnum):
    OK = "ok"
    WARN = "warn"
    CRITICAL = "critical"
    INFO = "info"
    MUTED = "muted"


ICONS = {
    Tone.OK: "circle-check",
    Tone.WARN: "alert-triangle",
    Tone.CRITICAL: "circle-x",
    Tone.INFO: "info-circle",
    Tone.MUTED: "clock",
}
DISCORD_COLOURS = {
    Tone.OK: 0x00FF00,
    Tone.WARN: 0xFFA500,
    Tone.CRITICAL: 0xFF0000,
    Tone.INFO: 0x00FF00,
    Tone.MUTED: 0x97A69E,
}
EMOJIS = {
    Tone.OK: "✅",
    Tone.WARN: "⚠️",
    Tone.CRITICAL: "🔥",
    Tone.INFO: "ℹ️",
    Tone.MUTED: "•",
}
