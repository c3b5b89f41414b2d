"""Figures and targets of KPIs in words."""

from monitoring.kpis.registry import Kpi, Target, Unit
from monitoring.ui.words import duration


def figure(value: float, unit: str) -> str:
    """`1,204`, `87 %`, `99.95 %`, `2 h 10 m`, `4.3 of 5`."""
    match Unit(unit):
        case Unit.SHARE:
            return _percent(value * 100)
        case Unit.SECONDS:
            return duration(value) if value else "0 s"
        case Unit.SCORE:
            return f"{value:.1f} of 5"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"


def target(wanted: Target, unit: str) -> str:
    """`at least 90 %`, `CPU, average: at most 80 %`."""
    words = f"{'at least' if wanted.at_least else 'at most'} {figure(wanted.limit, unit)}"
    return f"{wanted.part}: {words}" if wanted.part else words


def targets(kpi: Kpi) -> str:
    """`Target at least 85 %`; `No target set`."""
    wanted = "; ".join(target(one, kpi.unit) for one in kpi.targets)
    return f"Target {wanted}" if wanted else "No target set"


def _percent(value: float) -> str:
    if value == 0 or value == 100 or 1 <= value < 95:
        return f"{value:.0f} %"
    # Near the ends the part behind the point is what matters; never rounded to 0 or to 100.
    return f"{min(max(value, 0.01), 99.99):.2f}".rstrip("0").rstrip(".") + " %"
