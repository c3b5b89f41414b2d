"""A television, and an operator who pairs it."""

from dataclasses import dataclass

import pytest
from django.test import Client

from growmies_admin.displays import cookies, pairing
from growmies_admin.displays.models import Display

CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"


@dataclass
class Television:
    """A browser without a person, with its cookies."""

    client: Client

    def ask(self, **headers):
        """What its script asks every few seconds."""
        return self.client.post(
            "/displays/pair/code/",
            {"board": "main"},
            headers={"User-Agent": CHROMIUM} | headers,
            REMOTE_ADDR="192.168.4.17",
        )

    def code(self):
        return self.ask().json()["code"].replace("-", "")

    @property
    def key(self):
        found = self.client.cookies.get(cookies.KEY)
        return found.value if found else ""

    def look(self, path="/wall/main/"):
        return self.client.get(path)


@pytest.fixture
def television():
    return Television(Client())


@pytest.fixture
def operator(staff):
    return staff("operator", username="ada")


@pytest.fixture
def lobby(television, operator):
    """The television, paired as `Lobby`, with its key."""
    made, _ = pairing.confirm(television.code(), by=operator, name="Lobby", board="main")
    assert television.ask().json()["url"] == "/wall/main/"
    assert television.look().status_code == 200
    return Display.objects.get(pk=made.pk)
