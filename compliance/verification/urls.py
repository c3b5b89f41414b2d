from django.urls import path

from compliance.verification import views_desk, views_member, views_provider

urlpatterns = [
    path("queue/", views_desk.index, name="queue"),
    path("queue/rows/", views_desk.rows, name="queue_rows"),
    path("queue/next/", views_desk.open_next, name="queue_next"),
    path("queue/decisions/<int:decision_id>/undo/", views_desk.undo, name="queue_undo"),
    path("queue/<int:request_id>/", views_desk.show, name="queue_item"),
    path("queue/<int:request_id>/claim/", views_desk.claim, name="queue_claim"),
    path("queue/<int:request_id>/renew/", views_desk.renew, name="queue_renew"),
    path("queue/<int:request_id>/release/", views_desk.release, name="queue_release"),
    path(
        "queue/<int:request_id>/pictures/<int:position>/",
        views_desk.picture,
        name="queue_picture",
    ),
    path("queue/<int:request_id>/approve/", views_desk.approve, name="queue_approve"),
    path("queue/<int:request_id>/deny/", views_desk.deny, name="queue_deny"),
    path("queue/<int:request_id>/more/", views_desk.ask_more, name="queue_more"),
    path("queue/<int:request_id>/escalate/", views_desk.escalate, name="queue_escalate"),
    path("queue/<int:request_id>/override/", views_desk.override, name="queue_override"),
    path("api/verify/provider/", views_provider.callback, name="provider_callback"),
    path("verify/<str:token>/", views_member.upload, name="upload"),
    path("verify/<str:token>/withdraw/", views_member.withdraw, name="upload_withdraw"),
]
