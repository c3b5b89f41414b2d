"""What asked, in words: the browser by its own account, and the network it came from, roughly."""

import ipaddress
import re

_BROWSERS = (
    ("Edge", r"Edg/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"Firefox/(\d+)"),
    ("Chromium", r"Chrom(?:e|ium)/(\d+)"),
    ("Safari", r"Version/(\d+)[.\d]* (?:Mobile/\w+ )?Safari"),
)
_SYSTEMS = (
    ("Tizen", r"Tizen"),
    ("webOS", r"[Ww]eb[O0]S"),
    ("ChromeOS", r"CrOS"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("iOS", r"iPhone|iPad"),
    ("macOS", r"Mac OS X"),
    ("Linux", r"Linux"),
)


def browser_of(user_agent: str) -> str:
    """`Chromium 120 on Linux`; only words of ours, whatever was sent."""
    found = next(((n, m[1]) for n, p in _BROWSERS if (m := re.search(p, user_agent))), None)
    system = next((name for name, p in _SYSTEMS if re.search(p, user_agent)), "")
    browser = f"{found[0]} {found[1][:4]}" if found else "An unknown browser"
    return f"{browser} on {system}" if system else browser


def network_of(address: str) -> str:
    """`192.168.4.x`, `2001:db8:1::…`: enough to recognise one's own network by."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if isinstance(found, ipaddress.IPv4Address):
        return f"{str(found).rpartition('.')[0]}.x"
    network = ipaddress.ip_network((found, 48), strict=False)
    return f"{network.network_address}…"
