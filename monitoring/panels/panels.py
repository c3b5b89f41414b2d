"""Panels whose rooms are not built: each says so, and moves to its room later."""

from datetime import timedelta

from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, register
from monitoring.panels.shown import Shown


def _not_built(panel: Panel, shown: Shown) -> None:
    shown.not_measured(panel.empty)


register(
    Panel(
        slug="backup-status",
        title="Backup Status",
        short="Backup",
        kind=Kind.STAT,
        board=Board.MAIN,
        position=12,
        about="Not measured yet: age of the last good backup and of the last restore.",
        look=_not_built,
        refresh=timedelta(minutes=1),
        empty="Backups are not set up yet, so their age is not measured.",
        runbook="docs/runbooks/BackupTooOld.md",
    )
)
register(
    Panel(
        slug="system-logs",
        title="System Logs",
        short="System logs",
        kind=Kind.LIST,
        board=Board.SECONDARY,
        position=3,
        about="Not measured yet: newest warnings and errors of all processes.",
        look=_not_built,
        refresh=timedelta(minutes=1),
        empty="Logs are not collected in one place yet. Until then ./dev logs NAME shows those "
        "of one process.",
        runbook="docs/operations.md",
    )
)
