"""Prometheus' own check of what we expose."""

import subprocess

from growmies_admin.stack.servers import debian_program


def promtool(text):
    done = subprocess.run(
        [debian_program("promtool"), "check", "metrics"],
        input=text,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr + done.stdout
