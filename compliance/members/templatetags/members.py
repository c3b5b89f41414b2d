"""{% load members %}: a member's names, and what is known of their age, as all pages say it."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from compliance import policy
from compliance.members.models import Member

register = template.Library()


@register.simple_tag
def member(shown: Member) -> SafeString:
    """`Display name (username)`, each kept from turning the words around it."""
    if not shown.has_display_name:
        return format_html('<span class="member"><bdi>{}</bdi></span>', shown.username)
    return format_html(
        '<span class="member"><bdi>{}</bdi> <span class="username">(<bdi>{}</bdi>)</span></span>',
        shown.display_name,
        shown.username,
    )


@register.simple_tag
def of_age() -> str:
    """`21 or over`."""
    return f"{policy.AGE_THRESHOLD_YEARS} or over"
