"""The example of docs/provider.md does what it says, word for word."""

import re
from datetime import date
from pathlib import Path

import pytest

from compliance.members import roster
from compliance.providers import provider
from compliance.providers.models import ProviderSession
from compliance.verification import age
from compliance.verification.models import VerificationRequest
from monitoring.refusals import declared
from tests.docs.reading import doc, rows

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.mark.django_db(transaction=True)
def test_the_example_works_and_works_twice(live_server, settings):
    settings.VERIFICATION_METHODS = ("provider",)
    settings.PROVIDER_URL = "https://age.example.com/check/{reference}"
    settings.PROVIDER_SECRET = SECRET
    provider.hand_over(roster.seen(1187342001234567890, "fern"), consent_version=1)
    (example,) = re.findall(r"```python\n(.*?)```", doc("provider.md"), re.DOTALL)
    given = {
        "REFERENCE": str(ProviderSession.objects.get().reference),
        "PROVIDER_SECRET": SECRET,
        "PUBLIC_URL": live_server.url,
    }
    assert age.is_old_enough(date(1990, 12, 31))
    for repeated in (False, True):
        exec(example, given)
        assert given["taken"] == {
            "reference": given["REFERENCE"],
            "result": "passed",
            "state": "approved",
            "repeated": repeated,
        }
    assert VerificationRequest.objects.get().state == "approved"


def test_every_refusal_is_described():
    from compliance.providers import provider_answers, provider_calls, views_provider

    raised = set()
    for module in (provider_answers, provider_calls, views_provider):
        raised |= set(re.findall(r'Refusal\("(\w+)"', Path(module.__file__).read_text()))
    described = rows("provider.md")
    assert raised <= described.keys()
    said = {code: described[code][1] for code in raised}
    assert said == {code: str(int(declared()[code].status)) for code in raised}
