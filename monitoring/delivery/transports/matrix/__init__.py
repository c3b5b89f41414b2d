"""Matrix, through the client-server API: README.md."""
