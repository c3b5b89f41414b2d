from django.urls import path

from compliance.verification import (
    views_acts,
    views_bulk,
    views_desk,
    views_evidence,
    views_member,
    views_provider,
    views_quality,
    views_second,
)
from compliance.verification.blind import unless_blind

urlpatterns = [
    path("queue/", views_desk.index, name="queue"),
    path("queue/rows/", views_desk.rows, name="queue_rows"),
    path("queue/bulk/", views_bulk.index, name="queue_bulk"),
    path("queue/next/", views_acts.open_next, name="queue_next"),
    path(
        "queue/decisions/<int:decision_id>/undo/", unless_blind(views_acts.undo), name="queue_undo"
    ),
    path("queue/second-reviews/", views_second.index, name="second_reviews"),
    path("queue/second-reviews/<int:review_id>/", views_second.show, name="second_review"),
    path(
        "queue/second-reviews/<int:review_id>/claim/",
        views_second.claim,
        name="second_review_claim",
    ),
    path(
        "queue/second-reviews/<int:review_id>/renew/",
        views_second.renew,
        name="second_review_renew",
    ),
    path(
        "queue/second-reviews/<int:review_id>/release/",
        views_second.release,
        name="second_review_release",
    ),
    path(
        "queue/second-reviews/<int:review_id>/pictures/<int:position>/",
        views_second.picture,
        name="second_review_picture",
    ),
    path(
        "queue/second-reviews/<int:review_id>/answer/",
        views_second.answer,
        name="second_review_answer",
    ),
    path("queue/disputes/", views_second.dispute_list, name="disputes"),
    path("queue/disputes/<int:dispute_id>/", views_second.settle, name="dispute_settle"),
    path("queue/quality/", views_quality.index, name="quality"),
    path("queue/quality/seed/", views_quality.seed, name="quality_seed"),
    path("queue/quality/told/", views_quality.told, name="quality_told"),
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
    path("api/verify/provider/", views_provider.callback, name="provider_callback"),
    path("verify/<str:token>/", views_member.upload, name="upload"),
    path("verify/<str:token>/withdraw/", views_member.withdraw, name="upload_withdraw"),
]
