from django.urls import path

from compliance.effects import views

urlpatterns = [
    path("", views.index, name="effects"),
    path("<int:effect_id>/retry/", views.retry, name="effect_retry"),
]
