from django.urls import path

from compliance.verification import (
    views_desk,
    views_member,
    views_provider,
    views_quality,
    views_second,
)
from compliance.verification.blind import unless_blind

urlpatterns = [
    path("queue/", views_desk.index, name="queue"),
    path("queue/rows/", views_desk.rows, name="queue_rows"),
    path("queue/next/", views_desk.open_next, name="queue_next"),
    path(
        "queue/decisions/<int:decision_id>/undo/", unless_blind(views_desk.undo), name="queue_undo"
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
    path("queue/<int:request_id>/claim/", unless_blind(views_desk.claim), name="queue_claim"),
    path("queue/<int:request_id>/renew/", unless_blind(views_desk.renew), name="queue_renew"),
    path("queue/<int:request_id>/release/", unless_blind(views_desk.release), name="queue_release"),
    path(
        "queue/<int:request_id>/pictures/<int:position>/",
        unless_blind(views_desk.picture),
        name="queue_picture",
    ),
    path("queue/<int:request_id>/approve/", unless_blind(views_desk.approve), name="queue_approve"),
    path("queue/<int:request_id>/deny/", unless_blind(views_desk.deny), name="queue_deny"),
    path("queue/<int:request_id>/more/", unless_blind(views_desk.ask_more), name="queue_more"),
    path(
        "queue/<int:request_id>/escalate/", unless_blind(views_desk.escalate), name="queue_escalate"
    ),
    path(
        "queue/<int:request_id>/override/", unless_blind(views_desk.override), name="queue_override"
    ),
    path("api/verify/provider/", views_provider.callback, name="provider_callback"),
    path("verify/<str:token>/", views_member.upload, name="upload"),
    path("verify/<str:token>/withdraw/", views_member.withdraw, name="upload_withdraw"),
]
