"""Where a request may lead to: whatever comes from outside is a path of this site, or nothing."""

from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest

_LONGEST = 2_000  # characters; the addresses of this site are far shorter


def is_path_of_ours(target: str) -> bool:
    """Whether a browser that is sent to `target` stays on this site, under whatever name it has.

    A scheme, a host, a second slash, a backslash (browsers read it as a slash) and characters
    that browsers leave out are refused.
    """
    if not target.startswith("/") or target.startswith("//") or len(target) > _LONGEST:
        return False
    if "\\" in target or not target.isprintable():
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc and not parts.path.startswith("//")


def page_of(request: HttpRequest) -> str:
    """The path and query of the page that a partial was asked from (HX-Current-URL).

    Empty when it says none, or one that is not ours.
    """
    try:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return ""
    path = urlunsplit(("", "", page.path, page.query, ""))
    return path if page.netloc == request.get_host() and is_path_of_ours(path) else ""
