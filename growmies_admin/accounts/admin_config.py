from django.contrib.admin.apps import SimpleAdminConfig


class AdminConfig(SimpleAdminConfig):
    """Django's admin with our site in the place of its own."""

    default_site = "growmies_admin.accounts.admin_site.StaffSite"

    def ready(self) -> None:
        super().ready()
        from growmies_admin.accounts.admin_site import register_ours

        register_ours()
