from django.urls import path

from compliance.moderation import views

urlpatterns = [
    path("moderation/", views.index, name="cases"),
    path("moderation/<int:number>/", views.show, name="case"),
    path("moderation/<int:number>/notes/", views.note, name="case_note"),
    path("moderation/<int:number>/overrule/", views.overrule, name="case_overrule"),
    path("moderation/<int:number>/take-back/", views.take_back, name="case_take_back"),
    path("members/<member:snowflake>/record/", views.record, name="case_record"),
]
