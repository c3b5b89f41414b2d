from django.urls import path

from monitoring.alerts import views, views_channels

urlpatterns = [
    path("", views.index, name="alerts"),
    path("rows/", views.rows, name="alert_rows"),
    path("silences/", views_channels.silences, name="alert_silences"),
    path("silences/<uuid:silence_id>/end/", views_channels.end_silence, name="alert_silence_end"),
    path("channels/", views_channels.channels, name="alert_channels"),
    path("channels/test/", views_channels.test, name="alert_channel_test"),
    path("<int:alert_id>/", views.show, name="alert"),
    path("<int:alert_id>/chart/", views.draw, name="alert_chart"),
    path("<int:alert_id>/acknowledge/", views.acknowledge, name="alert_acknowledge"),
    path("<int:alert_id>/withdraw/", views.withdraw, name="alert_withdraw"),
    path("<int:alert_id>/silence/", views.silence, name="alert_silence"),
]
