from django.urls import path

from compliance.uploads import views_member

urlpatterns = [
    path("verify/<secret:token>/", views_member.upload, name="upload"),
    path("verify/<secret:token>/place/", views_member.place, name="upload_place"),
    path("verify/<secret:token>/withdraw/", views_member.withdraw, name="upload_withdraw"),
]
