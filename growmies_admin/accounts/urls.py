from django.urls import path

from growmies_admin.accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("staff/", views.index, name="staff"),
    path("staff/<int:pk>/", views.change, name="staff_change"),
    path("staff/password/<str:uid>/<str:token>/", views.first_password, name="staff_password"),
]
