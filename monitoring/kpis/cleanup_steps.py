"""What the daily clean-up removes here."""

from monitoring.kpis import snapshots
from monitoring.maintenance import cleanup

cleanup.step("Old snapshots of KPIs", snapshots.old_snapshots)
