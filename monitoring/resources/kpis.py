"""How much of the host is used."""

from django.conf import settings

from monitoring.kpis import asking
from monitoring.kpis.days import Day
from monitoring.kpis.registry import Kpi, Link, Part, Reading, Target, Unit, register

_WHY_NOT = "Prometheus has no figures of the host of that day."
_MEMORY, _MEMORY_PEAK = "Memory, average", "Memory, highest"
_CPU, _CPU_PEAK = "CPU, average", "CPU, highest"
_QUERIES = {
    _MEMORY: "max(avg_over_time(host_memory_percent[1d]))",
    _MEMORY_PEAK: "max(max_over_time(host_memory_percent[1d]))",
    _CPU: "max(avg_over_time(host_cpu_percent[1d]))",
    _CPU_PEAK: "max(max_over_time(host_cpu_percent[1d]))",
}


def usage(day: Day) -> Reading:
    """Memory is the figure; CPU and both peaks are parts."""
    found = {label: asking.number(q, day, _WHY_NOT) / 100 for label, q in _QUERIES.items()}
    return Reading(found[_MEMORY], [Part(*one) for one in found.items()])


register(
    Kpi(
        slug="memory-and-cpu",
        title="Memory and CPU usage",
        group="Technical Performance",
        place=20,
        definition="Memory of the host in use, on average over the day; beside it the CPU, and "
        "the highest of both.",
        formula="avg_over_time and max_over_time of host_memory_percent and host_cpu_percent over "
        "the day",
        source="Prometheus: host_memory_percent, host_cpu_percent",
        unit=Unit.SHARE,
        measure=usage,
        targets=[
            Target(settings.RESOURCE_MEMORY_PERCENT / 100, at_least=False),
            Target(settings.RESOURCE_CPU_PERCENT / 100, at_least=False, part=_CPU),
        ],
        lines=tuple(_QUERIES),
        further=[Link("Wall: memory and CPU", "/wall/main/", "panels.view_boards")],
    )
)
