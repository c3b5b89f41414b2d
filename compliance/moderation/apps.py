from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "compliance.moderation"
    label = "moderation"
    verbose_name = "Moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.desk import undoing
        from compliance.members import sections
        from compliance.moderation import listing

        undoing.register(listing.undoable_by)
        sections.register(sections.Section("moderation/_member.html", listing.on_member_page))
