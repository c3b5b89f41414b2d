from django.urls import URLPattern, path

from monitoring.panels.boards import WALLS, Board
from monitoring.walls import views


def _wall(board: Board) -> list[URLPattern]:
    """wall_main, wall_main_panels, wall_main_charts, and the same for the other walls."""
    facts, name = {"board": board}, f"wall_{board}"
    return [
        path(f"wall/{board}/", views.wall, facts, name=name),
        path(f"wall/{board}/panels/", views.wall_panels, facts, name=f"{name}_panels"),
        path(f"wall/{board}/charts/", views.wall_charts, facts, name=f"{name}_charts"),
    ]


urlpatterns = [
    *(one for board in WALLS for one in _wall(board)),
    path("mobile/", views.mobile, name="mobile"),
    path("mobile/manifest.webmanifest", views.manifest, name="mobile_manifest"),
    path("mobile/worker.js", views.service_worker, name="mobile_worker"),
    path("status-chip/", views.status_chip, name="status_chip"),
]
