from django.urls import path

from compliance.verification import (
    views_acts,
    views_bulk,
    views_desk,
    views_evidence,
    views_member,
)

urlpatterns = [
    path("queue/", views_desk.index, name="queue"),
    path("queue/rows/", views_desk.rows, name="queue_rows"),
    path("queue/bulk/", views_bulk.index, name="queue_bulk"),
    path("queue/next/", views_acts.open_next, name="queue_next"),
    path("queue/decisions/<int:decision_id>/undo/", views_acts.undo, name="queue_undo"),
    path("queue/<int:request_id>/", views_desk.show, name="queue_item"),
    path("queue/<int:request_id>/watch/", views_desk.watch, name="queue_watch"),
    path("queue/<int:request_id>/upcoming/", views_desk.upcoming, name="queue_upcoming"),
    path("queue/<int:request_id>/look/", views_evidence.look, name="queue_look"),
    path(
        "queue/<int:request_id>/look/<int:position>/",
        views_evidence.look_at,
        name="queue_look_at",
    ),
    path("queue/<int:request_id>/claim/", views_acts.claim, name="queue_claim"),
    path("queue/<int:request_id>/renew/", views_acts.renew, name="queue_renew"),
    path("queue/<int:request_id>/release/", views_acts.release, name="queue_release"),
    path(
        "queue/<int:request_id>/pictures/<int:position>/",
        views_evidence.picture,
        name="queue_picture",
    ),
    path("queue/<int:request_id>/approve/", views_acts.approve, name="queue_approve"),
    path("queue/<int:request_id>/deny/", views_acts.deny, name="queue_deny"),
    path("queue/<int:request_id>/more/", views_acts.ask_more, name="queue_more"),
    path("queue/<int:request_id>/escalate/", views_acts.escalate, name="queue_escalate"),
    path("queue/<int:request_id>/override/", views_acts.override, name="queue_override"),
    path("verify/<str:token>/", views_member.upload, name="upload"),
    path("verify/<str:token>/withdraw/", views_member.withdraw, name="upload_withdraw"),
]
