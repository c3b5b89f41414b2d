"""/verify and its buttons, in the practice guild: choice, consent, the message that stays."""

import pytest

from compliance.providers.models import ProviderSession
from compliance.refusals import Refusal
from compliance.uploads import opening
from growmies_admin.bot import verifying
from growmies_admin.bot.database import in_database
from growmies_admin.bot.models import PostedMessage
from tests.growmies_admin.bot.living import person, running, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def methods(settings):
    settings.VERIFICATION_METHODS = ("id_document", "in_person", "provider")
    settings.PROVIDER_URL = "https://age.example.com/check/{reference}"
    settings.PROVIDER_NAME = "age.example.com"
    settings.PROVIDER_SECRET = "0123456789abcdef0123456789abcdef"
    settings.DISCORD_VERIFICATION_CHANNEL = ""
    return settings


def buttons(said):
    """label -> custom id, or URL."""
    children = [child for row in said["components"] for child in row["components"]]
    return {child["label"]: child.get("custom_id") or child["url"] for child in children}


async def test_where_one_way_is_on_it_goes_straight_on(guild, settings):
    async with running(guild):
        fern = await person(guild)
        said = await fern.types("verify")
        assert "/verify/" in said["content"]
        assert list(buttons(said)) == ["Open my link"]
        settings.VERIFICATION_METHODS = ("in_person",)
        rowan = await person(guild, "rowan")
        assert list(buttons(await rowan.types("verify"))) == ["I agree to this one check"]


async def test_choosing_a_picture(guild, methods):
    async with running(guild):
        fern = await person(guild)
        said = await fern.types("verify")
        assert buttons(said) == {
            "Picture of my ID": "verify:method:id_document",
            "In person": "verify:method:in_person",
            "With age.example.com": "verify:method:provider",
        }
        assert await fern.request() is None, "nothing begins before a choice"
        said = await fern.presses("verify:method:id_document")
        assert "one-time link" in said["content"]
        assert (await fern.request()).method == "id_document"


async def test_in_person_after_consent(guild, methods):
    async with running(guild):
        fern = await person(guild)
        await fern.types("verify")
        said = await fern.presses("verify:method:in_person")
        assert "No picture is taken." in said["content"] and "version 1" in said["content"]
        assert await fern.request() is None, "nothing begins before consent"
        agree = buttons(said)["I agree to this one check"]
        said = await fern.presses(agree)
        assert "Bring a photo ID" in said["content"]
        assert (await fern.request()).state == "pending"
        again = await fern.presses(agree)
        assert again["content"] == "Your request already waits for a review."


async def test_the_provider_after_consent(guild, methods):
    async with running(guild):
        fern = await person(guild)
        await fern.types("verify")
        said = await fern.presses("verify:method:provider")
        assert "a random reference and nothing else" in said["content"]
        assert not await in_database(ProviderSession.objects.exists)
        said = await fern.presses(buttons(said)["I agree to this one check"])
        session = await in_database(ProviderSession.objects.get)
        url = f"https://age.example.com/check/{session.reference}"
        assert buttons(said) == {"Go to age.example.com": url}
        assert fern.id not in url


async def test_a_consent_button_of_an_older_text(guild, methods, monkeypatch):
    async with running(guild):
        fern = await person(guild)
        await fern.types("verify")
        said = await fern.presses("verify:method:in_person")
        monkeypatch.setitem(verifying.policy.CONSENT_VERSIONS, "in_person", 2)
        said = await fern.presses(buttons(said)["I agree to this one check"])
        assert said["content"].startswith("The consent text has changed.")
        assert await fern.request() is None


async def test_a_way_that_was_switched_off_meanwhile(guild, methods):
    async with running(guild):
        fern = await person(guild)
        await fern.types("verify")
        methods.VERIFICATION_METHODS = ("in_person", "provider")
        said = await fern.presses("verify:method:id_document")
        assert said["content"].startswith("This way of verification is not offered now.")


async def test_taking_it_back_from_the_status(guild, methods):
    async with running(guild):
        fern = await person(guild)
        assert buttons(await fern.types("verify-status")) == {"Go on": "verify"}
        await fern.types("verify")
        await fern.presses("verify:method:in_person")
        await fern.presses("verify:agree:in_person:1")
        said = await fern.types("verify-status")
        request = await fern.request()
        assert buttons(said) == {"Take it back": f"verify:withdraw:{request.pk}"}
        said = await fern.presses(f"verify:withdraw:{request.pk}")
        assert (await fern.request()).state == "pending", "asked once more first"
        said = await fern.presses(buttons(said)["Yes, take it back"])
        assert said["content"].startswith("You took your request back.")
        assert (await fern.request()).state == "withdrawn"
        said = await fern.presses(f"verify:withdraw-now:{request.pk}")
        assert said["content"] == "That has already been done."


def test_nobody_takes_back_what_is_somebody_else_s(db):
    from compliance.members import roster

    request = opening.open_request(roster.seen(1187342001234567890, "fern")).request
    with pytest.raises(Refusal) as refusal:
        verifying._withdraw(1187342001234567891, request.pk)
    assert refusal.value.code == "not_allowed"
    request.refresh_from_db()
    assert request.state == "opened"


# --- the message that stays ----------------------------------------------------


def kept_in(guild, name):
    """The bot's messages in a channel."""
    found = guild.practice.world.messages(guild.channel(name)).values()
    return [one for one in found if one["_author_id"] == guild.practice.world.bot_id]


async def posted(guild, name="age-verification"):
    async def is_there():
        row = await in_database(PostedMessage.objects.first)
        return row and [m for m in kept_in(guild, name) if m["id"] == str(row.message_id)]

    (message,) = await until(is_there)
    return message


@pytest.fixture
def channel(methods):
    methods.DISCORD_VERIFICATION_CHANNEL = "age-verification"
    return methods


async def test_it_is_posted_once_and_works_after_restarts(guild, channel):
    async with running(guild):
        first = await posted(guild)
        fern = await person(guild)
        said = await fern.presses("verify", message_id=first["id"])
        assert "In person" in buttons(said)
    async with running(guild) as bot:
        assert not bot.persistent_views, "the custom id alone says what a button does"
        rowan = await person(guild, "rowan")
        said = await rowan.presses("verify", message_id=first["id"])
        assert "In person" in buttons(said)
        # What the first bot had answered works too.
        said = await fern.presses("verify:method:in_person")
        assert "No picture is taken." in said["content"]
    assert [m["id"] for m in kept_in(guild, "age-verification")] == [first["id"]]


async def test_deleted_it_is_posted_again(guild, channel):
    async with running(guild):
        first = await posted(guild)
        path = f"/channels/{first['channel_id']}/messages/{first['id']}"
        assert (await guild.rest("DELETE", path))[0] == 204

        async def is_back():
            now = kept_in(guild, "age-verification")
            return now and now[0]["id"] != first["id"]

        await until(is_back)
        assert len(kept_in(guild, "age-verification")) == 1


async def test_deleted_while_the_bot_was_away(guild, channel):
    async with running(guild):
        first = await posted(guild)
    await guild.rest("DELETE", f"/channels/{first['channel_id']}/messages/{first['id']}")
    async with running(guild):

        async def is_back():
            return kept_in(guild, "age-verification")

        (second,) = await until(is_back)
        assert second["id"] != first["id"]


async def test_in_another_channel_the_old_one_goes(guild, channel):
    async with running(guild):
        await posted(guild)
    channel.DISCORD_VERIFICATION_CHANNEL = guild.channel("welcome")  # by id this time
    async with running(guild):
        await posted(guild, "welcome")

        async def is_gone():
            return not kept_in(guild, "age-verification")

        await until(is_gone)


async def test_a_channel_that_is_not_there_stops_nothing(guild, channel):
    channel.DISCORD_VERIFICATION_CHANNEL = "nowhere"
    async with running(guild):
        fern = await person(guild)
        assert "In person" in buttons(await fern.types("verify"))
    assert not await in_database(PostedMessage.objects.exists)
