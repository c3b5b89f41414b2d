"""What asked, in words: the browser by its own account, and the network it came from, roughly."""

import ipaddress
import re

_BROWSERS = (
    ("Edge", re.compile(r"Edg/(\d{1,4})")),
    ("Opera", re.compile(r"OPR/(\d{1,4})")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/(\d{1,4})")),
    ("Firefox", re.compile(r"Firefox/(\d{1,4})")),
    ("Chromium", re.compile(r"Chrom(?:e|ium)/(\d{1,4})")),
    ("Safari", re.compile(r"Version/(\d{1,4})[.\d]{0,20} (?:Mobile/\w{1,20} )?Safari")),
)
_SYSTEMS = (
    ("Tizen", re.compile(r"Tizen")),
    ("webOS", re.compile(r"[Ww]eb[O0]S")),
    ("ChromeOS", re.compile(r"CrOS")),
    ("Android", re.compile(r"Android")),
    ("Windows", re.compile(r"Windows")),
    ("iOS", re.compile(r"iPhone|iPad")),
    ("macOS", re.compile(r"Mac OS X")),
    ("Linux", re.compile(r"Linux")),
)
_LONGEST = 1_000  # characters of a browser's account of itself that are looked at


def browser_of(user_agent: str) -> str:
    """`Chromium 120 on Linux`; only words of ours, whatever was sent."""
    said = user_agent[:_LONGEST]
    found = next(((n, m[1]) for n, p in _BROWSERS if (m := p.search(said))), None)
    system = next((name for name, p in _SYSTEMS if p.search(said)), "")
    browser = f"{found[0]} {found[1]}" if found else "An unknown browser"
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
