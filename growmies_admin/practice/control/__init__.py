"""The control surface under /practice/: JSON for tests and for the page. Not part of Discord."""
