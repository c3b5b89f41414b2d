"""Hears what browsers complain of: the console, exceptions, the content security policy."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, WebError

# A form that is refused, or a page that isn't there, answers so by design, and the browser logs it.
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


# For a test that stops the site, or takes the network away.
AWAY = r"Failed to load resource: (net::ERR_|the server responded with a status of 50[0234])"


class Console:
    """The consoles of all pages of one test; they must be empty at its end.

    Chromium writes violations of the content security policy into the console too.
    """

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._provoked: list[re.Pattern[str]] = []

    def provokes(self, pattern: str) -> None:
        """From now on no complaint that this regular expression finds counts.

        For a test that breaks something itself: name what it breaks, and nothing more.
        """
        self._provoked.append(re.compile(pattern))

    def listen(self, context: BrowserContext) -> None:
        """To every page of the context, also those that it opens later."""
        context.on("console", self._logged)
        context.on("weberror", self._thrown)

    def _logged(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        url = message.location["url"]
        if _REFUSED.search(message.text) and "/static/" not in url:
            return
        self._complain(f"{message.text} ({url})")

    def _thrown(self, error: WebError) -> None:
        self._complain(str(error.error))

    def _complain(self, words: str) -> None:
        if not any(pattern.search(words) for pattern in self._provoked):
            self.complaints.append(words)
