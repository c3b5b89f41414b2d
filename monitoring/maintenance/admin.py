from django.contrib import admin
from django_celery_beat.models import PeriodicTask

from monitoring.maintenance.models import JobRun
from monitoring.ui.read_only import ReadOnly


@admin.register(JobRun)
class JobRunAdmin(ReadOnly):
    right = "maintenance.view"
    list_display = ("id", "job", "state", "trigger", "queued_at", "finished_at")
    list_filter = ("state", "job")
    ordering = ("-id",)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ReadOnly):
    right = "maintenance.view"
    list_display = ("name", "enabled", "schedule_words", "last_run_at", "total_run_count")
    list_filter = ("enabled", "queue")
    fields = (*list_display, "task", "args", "queue", "expire_seconds", "date_changed")
    readonly_fields = ("schedule_words",)
    list_select_related = ("interval", "crontab", "solar", "clocked")

    @admin.display(description="schedule")
    def schedule_words(self, task: PeriodicTask) -> str:
        return str(task.interval or task.crontab or task.solar or task.clocked or "none")
