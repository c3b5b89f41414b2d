"""Discord, through webhooks: README.md."""
