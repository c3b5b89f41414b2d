"""Takes snapshots: of the running day every five minutes, of a finished day once."""

import json
import math
from collections.abc import Iterable
from datetime import date, timedelta

import structlog
from django.db import connection
from django.db.models import Min
from django.utils import timezone

from monitoring import policy
from monitoring.kpis import registry
from monitoring.kpis.days import Day, day_of, today
from monitoring.kpis.models import Snapshot, SnapshotState
from monitoring.kpis.registry import Kpi, NotMeasured, Reading, SourceAway, TooFew
from monitoring.maintenance.running import Context

log = structlog.get_logger(__name__)
_FAILED = "It could not be computed; the log of the worker says why."
# In SQL for a race: what is final stays, and a slower run of the day before can't replace it.
_WRITE = """
    INSERT INTO kpis_snapshot (kpi, day, state, value, parts, met, note, final, taken_at)
    VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s)
    ON CONFLICT (kpi, day) DO UPDATE SET
        state = EXCLUDED.state, value = EXCLUDED.value, parts = EXCLUDED.parts,
        met = EXCLUDED.met, note = EXCLUDED.note, final = EXCLUDED.final,
        taken_at = EXCLUDED.taken_at
    WHERE NOT kpis_snapshot.final
"""


def take_today() -> None:
    """Renew the snapshots of the day that runs."""
    day = today()
    _write(_measured(kpi, day) for kpi in registry.all_kpis())


def finish(context: Context) -> None:
    """Take what is missing of yesterday and of days before it. Safe to run twice.

    A day is missing when the job did not run, or when a source was away; as long as it still
    knows, it is asked again.
    """
    work = missing()
    days = sorted({day for _, day in work})
    away = 0
    for number, which in enumerate(days):
        context.progress(number * 100 // len(days), f"{which:%Y-%m-%d}")
        day = day_of(which)
        rows = [_measured(registry.get(slug), day) for slug, of in work if of == which]
        _write(rows)
        away += sum(not row.final for row in rows)
    if away:
        context.finding(
            "warn",
            f"{away} figures not taken",
            "Their source was away; tomorrow it is asked again.",
        )
    context.finding("ok", f"{len(work) - away} figures taken", f"of {len(days)} days")


def missing() -> list[tuple[str, date]]:
    """(slug, day) of finished days without a final snapshot, oldest first.

    From the first day that was ever taken, but no further back than sources are asked.
    """
    yesterday = today().earlier(1)
    earliest = yesterday - policy.KPI_BACKFILL + timedelta(days=1)
    first: date | None = Snapshot.objects.filter(final=True).aggregate(day=Min("day"))["day"]
    begin = max(first or yesterday, earliest)
    done = set(
        Snapshot.objects.filter(final=True, day__gte=begin, day__lte=yesterday).values_list(
            "kpi", "day"
        )
    )
    days = [begin + timedelta(days=n) for n in range((yesterday - begin).days + 1)]
    wanted = [(kpi.slug, day) for day in days for kpi in registry.all_kpis()]
    return [one for one in wanted if one not in done]


def old_snapshots() -> int:
    """Snapshots past their retention."""
    limit = today().on - policy.KPI_RETENTION
    removed: int = Snapshot.objects.filter(day__lt=limit).delete()[0]
    return removed


def _measured(kpi: Kpi, day: Day) -> Snapshot:
    """The snapshot of one KPI; not final when the day runs, or when its source was away."""
    row = Snapshot(kpi=kpi.slug, day=day.on, final=day.over, taken_at=timezone.now())
    try:
        reading = kpi.measure(day)
        if not math.isfinite(reading.value):
            raise NotMeasured("There was nothing to compute it from.")
    except TooFew as why:
        row.state, row.note = SnapshotState.TOO_FEW, str(why)
    except NotMeasured as why:
        row.state, row.note = SnapshotState.NOT_MEASURED, str(why)
        row.final = day.over and not isinstance(why, SourceAway)
    except Exception:
        log.exception("kpi_failed", kpi=kpi.slug)
        row.state, row.note, row.final = SnapshotState.NOT_MEASURED, _FAILED, False
    else:
        _fill(row, kpi, day, reading)
    row.note = row.note[:300]
    return row


def _fill(row: Snapshot, kpi: Kpi, day: Day, reading: Reading) -> None:
    row.state, row.value, row.note = SnapshotState.MEASURED, reading.value, reading.note
    row.parts = [[part.label, part.value] for part in reading.parts]
    if day.over or not kpi.whole_day:
        row.met = kpi.is_met(reading)


def _write(rows: Iterable[Snapshot]) -> None:
    values = [
        (
            row.kpi,
            row.day,
            row.state,
            row.value,
            json.dumps(row.parts),
            row.met,
            row.note,
            row.final,
            row.taken_at,
        )
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, values)
