"""SMS, through apprise: README.md."""
