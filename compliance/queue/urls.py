from django.urls import path

from compliance.quality.blind import unless_blind
from compliance.queue import views_acts, views_bulk, views_desk, views_evidence

urlpatterns = [
    path("queue/", views_desk.index, name="queue"),
    path("queue/rows/", views_desk.rows, name="queue_rows"),
    path("queue/bulk/", views_bulk.index, name="queue_bulk"),
    path("queue/next/", views_acts.open_next, name="queue_next"),
    path(
        "queue/decisions/<int:decision_id>/undo/", unless_blind(views_acts.undo), name="queue_undo"
    ),
    path(
        "queue/escalations/<int:escalation_id>/undo/",
        unless_blind(views_acts.undo_escalation),
        name="queue_escalation_undo",
    ),
    path("queue/held/<int:held_id>/undo/", views_acts.undo_held, name="queue_held_undo"),
    path("queue/<int:request_id>/", unless_blind(views_desk.show), name="queue_item"),
    path("queue/<int:request_id>/watch/", unless_blind(views_desk.watch), name="queue_watch"),
    path(
        "queue/<int:request_id>/upcoming/", unless_blind(views_desk.upcoming), name="queue_upcoming"
    ),
    path("queue/<int:request_id>/look/", unless_blind(views_evidence.look), name="queue_look"),
    path(
        "queue/<int:request_id>/look/<int:position>/",
        unless_blind(views_evidence.look_at),
        name="queue_look_at",
    ),
    path("queue/<int:request_id>/claim/", unless_blind(views_acts.claim), name="queue_claim"),
    path("queue/<int:request_id>/renew/", unless_blind(views_acts.renew), name="queue_renew"),
    path("queue/<int:request_id>/sign/", unless_blind(views_acts.sign), name="queue_sign"),
    path("queue/<int:request_id>/release/", unless_blind(views_acts.release), name="queue_release"),
    path(
        "queue/<int:request_id>/pictures/<int:position>/",
        unless_blind(views_evidence.picture),
        name="queue_picture",
    ),
    path("queue/<int:request_id>/approve/", unless_blind(views_acts.approve), name="queue_approve"),
    path("queue/<int:request_id>/deny/", unless_blind(views_acts.deny), name="queue_deny"),
    path("queue/<int:request_id>/more/", unless_blind(views_acts.ask_more), name="queue_more"),
    path(
        "queue/<int:request_id>/escalate/", unless_blind(views_acts.escalate), name="queue_escalate"
    ),
    path(
        "queue/<int:request_id>/override/", unless_blind(views_acts.override), name="queue_override"
    ),
]
