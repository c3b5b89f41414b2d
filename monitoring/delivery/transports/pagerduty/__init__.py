"""PagerDuty's Events API v2: README.md."""
