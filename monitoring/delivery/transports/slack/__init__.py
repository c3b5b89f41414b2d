"""Slack, through apprise: README.md."""
