from django.urls import path

from compliance.appeals import views

urlpatterns = [
    path("", views.index, name="appeals"),
    path("<int:appeal_id>/", views.show, name="appeal"),
    path("<int:appeal_id>/decide/", views.decide, name="appeal_decide"),
    path("<int:appeal_id>/undo/", views.undo, name="appeal_undo"),
]
