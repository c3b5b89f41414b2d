"""`python -m growmies_admin.practice`."""

import sys

from growmies_admin.practice.server import run

sys.exit(run())
