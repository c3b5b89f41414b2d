from django.contrib import admin

from monitoring.audit.models import Entry, Seal
from monitoring.ui.read_only import ReadOnly


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    right = "audit.view_all"
    list_display = ("id", "at", "severity", "category", "action", "actor_type", "actor")
    list_filter = ("category", "severity", "actor_type")
    search_fields = ("=action", "=target_id")
    ordering = ("-id",)


@admin.register(Seal)
class SealAdmin(ReadOnly):
    right = "audit.view_all"
    list_display = ("position", "entry_id", "hash_hex", "sealed_at")
    fields = ("position", "entry_id", "hash_hex", "sealed_at")
    readonly_fields = ("entry_id", "hash_hex")
    ordering = ("-position",)

    @admin.display(description="hash")
    def hash_hex(self, seal: Seal) -> str:
        return bytes(seal.hash).hex()
