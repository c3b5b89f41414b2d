"""Panels of memory and processor."""

from monitoring.panels.asking import line, value
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, Query, Threshold, Unit, register
from monitoring.panels.shown import Shown
from monitoring.prometheus.keeping import NothingMeasured
from monitoring.tones import Tone

_MEMORY = "sum(process_resident_memory_bytes{job=~'discord-bot|growmies-.*'})"
_CPU = '100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[2m])))'


def _memory_and_cpu(panel: Panel, shown: Shown) -> None:
    used, busy = value(_MEMORY), value(_CPU)
    if used is None:
        raise NothingMeasured(panel.empty)
    shown.spark, shown.spark_tone = line(_MEMORY), "info"
    shown.second = line(_CPU, at_least=100)
    shown.swatches = [f"Memory {used / 1024**2:,.0f} MB"]
    shown.swatches.append("CPU not measured" if busy is None else f"CPU {busy:.0f} %")
    reached = panel.threshold(busy) if busy is not None else None
    if reached:
        shown.say(reached.words, reached.tone)
    else:
        shown.say("Normal", Tone.OK)


register(
    Panel(
        slug="memory-cpu-usage",
        title="Memory/CPU Usage",
        short="Memory and CPU",
        kind=Kind.LINES,
        board=Board.MAIN,
        position=5,
        about="Resident memory of site, worker and bot together; processors of the host.",
        look=_memory_and_cpu,
        unit=Unit.PERCENT,
        thresholds=(Threshold(80, Tone.WARN, "Busy"),),
        empty="No process has reported its memory yet.",
        runbook="docs/runbooks/HighServerLoad.md",
    )
)
register(
    Panel(
        slug="memory-usage",
        title="Memory Usage",
        short="Memory, MB",
        kind=Kind.LINES,
        board=Board.OVERVIEW,
        position=4,
        about="Resident memory of each process that Prometheus asks.",
        queries=(Query("process_resident_memory_bytes / 1024 / 1024", "{{job}}"),),
        unit=Unit.MEGABYTES,
        empty="No process has reported its memory yet.",
        runbook="docs/runbooks/HighMemoryUsage.md",
    )
)
