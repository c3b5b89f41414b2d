"""/warn, /note, /case and /history in the practice guild, by staff with this Discord account."""

import pytest

from compliance.effects.models import Effect
from compliance.members import roster
from compliance.moderation.models import Case
from growmies_admin.accounts.models import RoleAssignment, Staff
from growmies_admin.bot.database import in_database
from monitoring.audit.models import Entry
from tests.growmies_admin.bot.living import Person, person, running, until

pytestmark = pytest.mark.django_db(transaction=True)


def on_staff(discord_id, *roles, username="ada"):
    row = Staff.objects.create_user(username, discord_id=discord_id)
    RoleAssignment.objects.bulk_create(RoleAssignment(staff=row, role=role) for role in roles)
    return row


async def in_discord(guild, name):
    """A member who may time others out in Discord, on staff here or not."""
    return Person(guild, await guild.member(name, roles=["Moderator"]))


async def moderator(guild, name="rowan", roles=("moderator",)):
    """A member of the guild who is on staff."""
    who = await in_discord(guild, name)
    await in_database(on_staff, int(who.id), *roles)
    return who


async def ask(who, name, **options):
    return (await who._ask("commands", {"name": name, "options": options}))["content"]


async def known(fern):
    """The bot has written them down."""
    await until(lambda: in_database(lambda: roster.Member.objects.filter(pk=fern.id).exists()))


def cases():
    return list(Case.objects.order_by("number").values_list("number", "kind", "reason", "words"))


async def test_warn(guild):
    async with running(guild):
        rowan, fern = await moderator(guild), await person(guild)
        said = await ask(rowan, "warn", member=fern.id, reason="spam", words="Three links.")
        assert said.startswith(f"Case 1: <@{fern.id}> is warned, and reads it in 10 seconds.")
        assert await in_database(cases) == [(1, "warn", "spam", "Three links.")]
        made = await in_database(lambda: Case.objects.select_related("by").get())
        assert (made.by.username, made.source, made.member_id) == ("ada", "discord", int(fern.id))
        effect = await in_database(Effect.objects.get)
        assert "because you posted spam or advertising" in effect.payload["content"]


async def test_the_member_reads_it(guild, monkeypatch):
    from datetime import timedelta

    from compliance import policy

    monkeypatch.setattr(policy, "UNDO_WINDOW", timedelta(seconds=0))
    async with running(guild) as bot:
        rowan, fern = await moderator(guild), await person(guild)
        await known(fern)
        await ask(rowan, "warn", member=fern.id, reason="spam")
        effect = await in_database(Effect.objects.get)
        outcome, *_ = await bot.delivery._attempt(bot.guilds[0], effect)
        assert outcome == "delivered"
        told = (await guild.control("GET", f"/members/{fern.id}"))["dms"]
        assert "This is a warning, because you posted spam" in told[-1]


async def test_note_case_and_history(guild):
    async with running(guild):
        rowan, fern = await moderator(guild), await person(guild)
        assert "There is no case about" in await ask(rowan, "history", member=fern.id)
        said = await ask(rowan, "note", member=fern.id, reason="other", text="Helps newcomers.")
        assert said.startswith(f"Case 1: Noted about <@{fern.id}>.")
        assert not await in_database(Effect.objects.exists)
        said = await ask(rowan, "case", number=1)
        assert f"**Case 1**: note, <@{fern.id}>, Other, medium, by ada" in said
        assert "/moderation/1/" in said and "Helps newcomers" not in said
        assert "**Case 1**" in await ask(rowan, "history", member=fern.id)
        assert "no case of that number" in await ask(rowan, "case", number=7)


async def test_take_it_back(guild):
    async with running(guild):
        rowan, fern = await moderator(guild), await person(guild)
        await ask(rowan, "warn", member=fern.id, reason="spam")
        said = await rowan.presses("case:take-back:1")
        assert said["content"] == "Case 1 is taken back. The member is told nothing."
        assert (await in_database(Effect.objects.get)).state == "superseded"
        again = await rowan.presses("case:take-back:1")
        assert again["content"] == "That has already been done."


async def test_somebody_elses_case_is_not_taken_back(guild):
    async with running(guild):
        rowan, fern = await moderator(guild), await person(guild)
        await ask(rowan, "warn", member=fern.id, reason="spam")
        await in_database(lambda: Staff.objects.update(discord_id=None))
        await in_database(on_staff, int(rowan.id), "moderator", username="bo")
        said = await rowan.presses("case:take-back:1")
        assert said["content"] == "Only its author can take a case back."


@pytest.mark.parametrize(
    ("roles", "why"),
    [(None, "belongs to nobody on the staff"), (("operator",), "You may not record cases.")],
)
async def test_who_may_not(guild, roles, why):
    async with running(guild):
        fern, moss = await person(guild), await in_discord(guild, "moss")
        if roles is not None:
            await in_database(on_staff, int(moss.id), *roles)
        assert why in await ask(moss, "warn", member=fern.id, reason="spam")
        said = await ask(moss, "history", member=fern.id)
        assert why in said or "You may not see cases." in said
        assert not await in_database(Case.objects.exists)
        assert not await in_database(Entry.objects.filter(action="case.recorded").exists)


async def test_who_has_left_the_staff(guild):
    async with running(guild):
        rowan, fern = await moderator(guild), await person(guild)
        await in_database(lambda: Staff.objects.update(is_active=False))
        said = await ask(rowan, "warn", member=fern.id, reason="spam")
        assert "belongs to nobody on the staff" in said


async def test_oneself(guild):
    async with running(guild):
        rowan = await moderator(guild)
        await known(rowan)
        said = await ask(rowan, "warn", member=rowan.id, reason="spam")
        assert said == "That is not for yourself to do."
        assert not await in_database(Case.objects.exists)
