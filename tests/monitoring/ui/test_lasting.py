"""How long something lasts that has no end yet."""

from datetime import timedelta

from django.utils import timezone

from monitoring.ui.templatetags.ui import lasts


def test_it_is_said_and_kept_true():
    since = timezone.now() - timedelta(minutes=3, seconds=7.5)
    assert lasts(since) == (
        f'<time datetime="{since.isoformat(timespec="seconds")}" data-lasts>3 m 07 s</time>'
    )
