from django.urls import path

from compliance.quality import views_quality, views_second

urlpatterns = [
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
]
