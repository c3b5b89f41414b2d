"""E-mail, through the site's mail server: README.md."""
