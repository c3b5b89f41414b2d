"""Signed JSON to any address: README.md."""
