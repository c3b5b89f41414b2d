from django.urls import path

from growmies_admin.accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("staff/", views.index, name="staff"),
    path("staff/<int:pk>/", views.change, name="staff_change"),
    # allauth's own page would promise an e-mail; here administrators give the link.
    path("accounts/password/reset/", views.forgotten_password, name="forgotten_password"),
    path("accounts/email/", views.no_mail, name="no_mail"),
    path("staff/password/<str:uid>/<str:token>/", views.first_password, name="staff_password"),
]
