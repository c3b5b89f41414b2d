from django.urls import path

from compliance.desk import views

urlpatterns = [
    path("", views.index, name="inbox"),
    path("rows/", views.rows, name="inbox_rows"),
    path("<int:item_id>/", views.look, name="inbox_look"),
    path("<int:item_id>/claim/", views.claim, name="inbox_claim"),
    path("<int:item_id>/release/", views.release, name="inbox_release"),
]
