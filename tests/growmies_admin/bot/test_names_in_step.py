"""Every field that we keep of a member has an event that renews it; a bad one stops no other."""

import pytest

from compliance.members import roster
from compliance.members.models import Member
from growmies_admin.bot.client import Bot
from growmies_admin.bot.database import in_database
from tests.growmies_admin.bot.living import person, running, until

pytestmark = pytest.mark.django_db(transaction=True)

# Field -> the handlers that renew it.
RENEWED = {
    "username": {"on_user_update", "on_member_join"},
    "display_name": {"on_user_update", "on_member_update", "on_member_join"},
    "in_guild": {"on_member_join", "on_raw_member_remove"},
    "joined_at": {"on_member_join"},
    "left_at": {"on_raw_member_remove", "on_member_join"},
    "has_verified_role": {"on_member_update", "on_member_join"},
}
# No facts of Discord's that change; the database makes `names` of the two others.
OURS = {"discord_id", "seen_at", "first_seen_at", "made_up", "names"}


def test_every_field_is_listed():
    kept = {field.name for field in Member._meta.concrete_fields}
    assert kept == {*RENEWED, *OURS}
    for handlers in RENEWED.values():
        assert all(hasattr(Bot, handler) for handler in handlers)


def kept(member_id):
    found = Member.objects.filter(pk=member_id)
    return found.values_list("username", "display_name").first()


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"username": "basil"}, ("basil", "Fern")),
        ({"display_name": "Basil Green"}, ("fern", "Basil Green")),
        ({"nick": "Basil here"}, ("fern", "Basil here")),
        ({"username": "basil", "display_name": "B"}, ("basil", "B")),
    ],
)
async def test_a_renamed_member_is_found_by_the_new_name(guild, change, names):
    async with running(guild):
        fern = await person(guild)
        await guild.control("PATCH", f"/members/{fern.id}", {"display_name": "Fern"})

        async def becomes(wanted):
            async def so():
                return await in_database(kept, int(fern.id)) == wanted

            await until(so)

        await becomes(("fern", "Fern"))
        await guild.control("PATCH", f"/members/{fern.id}", change)
        await becomes(names)


def seen(member_id, name="fern"):
    return roster.Seen(member_id, name)


@pytest.mark.parametrize(
    ("name", "kept_as"), [("fe\0rn", "fern"), ("fern\ud83d", "fern"), ("f" * 90, "f" * 64)]
)
def test_a_name_that_postgresql_can_not_hold_is_mended(name, kept_as):
    assert roster.seen_many([seen(1), seen(2, name), seen(3)]) == 3
    assert Member.objects.get(pk=2).username == kept_as


@pytest.mark.parametrize("member_id", [0, -5, 2**63, 2**70])
def test_one_row_that_does_not_fit_is_left_out_and_the_rest_is_kept(member_id):
    assert roster.seen_many([seen(1), seen(member_id), seen(3)]) == 2
    assert sorted(Member.objects.values_list("pk", flat=True)) == [1, 3]
