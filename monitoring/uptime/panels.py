"""Panels of other people's bots."""

from datetime import timedelta

from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, Query, Threshold, Unit, register
from monitoring.panels.shown import Item, Shown
from monitoring.prometheus.client import query
from monitoring.prometheus.keeping import NothingMeasured
from monitoring.tones import Tone

_EMPTY = "Needs the presence intent, and the bot connected."
_RUNBOOK = "docs/runbooks/ThirdPartyBotOffline.md"


def _bots(panel: Panel, shown: Shown) -> None:
    bots = query("max by (bot_name) (third_party_bot_health)")
    if not bots:
        raise NothingMeasured(panel.empty)
    offline = [bot for bot in bots if bot.value < 1]
    for bot in sorted(bots, key=lambda bot: (bot.value, bot.labels["bot_name"])):
        up = bot.value >= 1
        tone = Tone.OK if up else Tone.CRITICAL
        shown.items.append(Item(bot.labels["bot_name"], "online" if up else "offline", tone))
    if offline:
        shown.say(f"{len(offline)} offline", Tone.CRITICAL)
    else:
        shown.say("All online", Tone.OK)


register(
    Panel(
        slug="third-party-bot-status",
        title="Third-Party Bot Status",
        short="Third-party bots",
        kind=Kind.LIST,
        board=Board.MAIN,
        position=6,
        about="Each bot that the community relies on: online or not.",
        look=_bots,
        unit=Unit.STATE,
        empty=_EMPTY,
        runbook=_RUNBOOK,
    )
)
register(
    Panel(
        slug="third-party-bot-health",
        title="Third-Party Bot Health",
        short="Third-party bots",
        kind=Kind.STAT,
        board=Board.COMMUNITY,
        position=6,
        about="Each bot that the community relies on: 1 online, 0 not.",
        queries=(Query("third_party_bot_health", "{{bot_name}}"),),
        unit=Unit.STATE,
        thresholds=(
            Threshold(0, Tone.CRITICAL, "Offline"),
            Threshold(1, Tone.OK, "All online"),
        ),
        refresh=timedelta(seconds=15),
        empty=_EMPTY,
        runbook=_RUNBOOK,
    )
)
