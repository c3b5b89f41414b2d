"""`python -m growmies_admin.practice`."""

import sys

from growmies_admin.practice.server import run

if __name__ == "__main__":
    sys.exit(run())
