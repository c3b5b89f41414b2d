"""Debian packages: installed where we may, named where we may not."""

import os
import shutil
import subprocess
from pathlib import Path

from growmies_admin.stack.servers import debian_program

# program -> Debian package
SERVERS = {
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "prometheus-node-exporter": "prometheus-node-exporter",
    "prometheus-postgres-exporter": "prometheus-postgres-exporter",
    "prometheus-redis-exporter": "prometheus-redis-exporter",
}
BROWSER = {"chromium": "chromium"}
_POLICY = Path("/usr/sbin/policy-rc.d")
# Debian starts a service as soon as it is installed; this answer forbids it.
_FORBID = "#!/bin/sh\nexit 101\n"


def missing(programs: dict[str, str]) -> list[str]:
    """Packages of the programs that are not installed."""
    return [package for name, package in programs.items() if debian_program(name) is None]


def install(packages: list[str]) -> str:
    """Install packages without starting their services. Returns "" or why it was not done."""
    if not packages:
        return ""
    by_hand = f"install it by hand: apt-get install {' '.join(packages)}"
    if os.environ.get("GROWMIES_NO_APT") == "1" or not shutil.which("apt-get"):
        return f"this is no Debian with apt-get, or it is not to be used; {by_hand}"
    root = _as_root()
    if root is None:
        return f"this needs root or passwordless sudo; {by_hand}"
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    held = _forbid_services(root)
    try:
        for arguments in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
        ):
            done = subprocess.run(
                [*root, *environment, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            if done.returncode and arguments[1] == "install":
                return f"apt-get failed: {done.stderr.strip()[-300:]}; {by_hand}"
    finally:
        if held:
            subprocess.run([*root, "rm", "-f", str(_POLICY)], check=False)
    return ""


def _as_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and not subprocess.run([sudo, "-n", "true"], capture_output=True).returncode:
        return [sudo, "-n"]
    return None


def _forbid_services(root: list[str]) -> bool:
    """True when we made the policy file, and so must remove it again."""
    if _POLICY.exists():
        return False
    subprocess.run([*root, "tee", str(_POLICY)], input=_FORBID, text=True, capture_output=True)
    subprocess.run([*root, "chmod", "755", str(_POLICY)], check=False)
    return True
