"""/verify and /verify-status, and what their buttons do. Who decides stands elsewhere."""

import discord
from discord import app_commands

from compliance import policy
from compliance.members import roster
from compliance.members.models import Member
from compliance.providers import provider
from compliance.refusals import Refusal
from compliance.uploads import opening
from compliance.verification import consent, in_person, requests, status
from compliance.verification.models import VerificationRequest
from compliance.verification.states import Method
from growmies_admin.bot.commands import Answer, MeasuredTree, respond
from growmies_admin.bot.database import in_database
from monitoring.ui.words import span

User = discord.User | discord.Member
# Custom ids of buttons. Messages that hold them live for ever: don't change what one means.
VERIFY = "verify"
_ABOUT = {
    Method.ID_DOCUMENT: "send a picture; a moderator looks at it, then it is destroyed",
    Method.IN_PERSON: "show it to somebody of the staff; no picture is taken",
    Method.PROVIDER: "an outside service checks it and tells us yes or no",
}


def add_to(tree: MeasuredTree) -> None:
    """Register both commands."""

    @tree.command(
        name="verify", description=f"Show that you are {policy.AGE_THRESHOLD_YEARS} or over"
    )
    @app_commands.guild_only()
    async def verify_command(interaction: discord.Interaction) -> None:
        await respond(interaction, "verify", verify(interaction.user))

    @tree.command(name="verify-status", description="See where your age verification stands")
    @app_commands.guild_only()
    async def status_command(interaction: discord.Interaction) -> None:
        await respond(interaction, "verify-status", show_status(interaction.user))


async def verify(user: User) -> Answer:
    """The ways to choose from; where there is only one, straight on. Raises Refusal."""
    await in_database(_may_begin, user)
    methods = requests.methods()
    if len(methods) == 1:
        return await choose(user, methods[0])
    lines = [f"- **{label(method)}**: {_ABOUT[method]}" for method in methods]
    return Answer(
        f"How would you like to show that you are {policy.AGE_THRESHOLD_YEARS} or over?\n"
        + "\n".join(lines),
        buttons=[(label(method), f"verify:method:{method}") for method in methods],
    )


def label(method: Method) -> str:
    """How a member knows a method."""
    return {
        Method.ID_DOCUMENT: "Picture of my ID",
        Method.IN_PERSON: "In person",
        Method.PROVIDER: f"With {consent.provider_name()}"[:80],
    }[method]


async def choose(user: User, method: Method) -> Answer:
    """Go on with one way. For a picture the upload page asks for consent, else we do here."""
    if method == Method.ID_DOCUMENT:
        return await _upload_link(user)
    await in_database(_may_begin, user)
    if method not in requests.methods():
        raise Refusal("method_off")
    text = await in_database(consent.text_of, method)
    version = consent.version_of(method)
    return Answer(
        f"{text}\n-# This is version {version} of what you agree to.",
        buttons=[("I agree to this one check", f"verify:agree:{method}:{version}")],
    )


async def agree(user: User, method: Method, version: int) -> Answer:
    """The member has read the text of this version and agrees."""
    if method == Method.IN_PERSON:
        await in_database(_ask_in_person, user, version)
        return Answer(
            "You have asked to show your ID in person. Agree with the staff when and where: "
            f"within {span(policy.IN_PERSON_REVIEW_TARGET)}, please. Bring a photo ID. "
            "/verify-status tells you where it stands."
        )
    if method != Method.PROVIDER:
        raise Refusal("method_off")
    url = await in_database(_hand_over, user, version)
    name = consent.provider_name()
    return Answer(
        f"Go on at {name}: the link is for you alone and works for "
        f"{span(policy.PROVIDER_SESSION_LIFE)}. You hear from us here when they have answered.",
        link=(f"Go to {name}"[:80], url),
    )


async def show_status(user: User) -> Answer:
    """Where it stands, with buttons for what the member can do about it."""
    found = await in_database(status.of_member, user.id)
    buttons = [("Go on", VERIFY)] if found.may_go_on else []
    if found.withdrawable is not None:
        buttons.append(("Take it back", f"verify:withdraw:{found.withdrawable}"))
    return Answer(found.words, buttons=buttons)


async def ask_to_withdraw(request_id: int) -> Answer:
    """Once more, so that a slip of the finger ends nothing."""
    return Answer(
        "Really take your request back? A picture that you sent is destroyed at once.",
        buttons=[("Yes, take it back", f"verify:withdraw-now:{request_id}")],
    )


async def withdraw(user: User, request_id: int) -> Answer:
    """Take one's own request back."""
    await in_database(_withdraw, user.id, request_id)
    return Answer("You took your request back. Type /verify whenever you want to begin again.")


async def _upload_link(user: User) -> Answer:
    opened = await in_database(_open, user)
    text = (
        f"Here is your one-time link: {opened.url} (it works for "
        f"{span(policy.UPLOAD_LINK_LIFE)} and for you alone: please don't pass it on).\n"
        "You need a picture of your ID on which your photo and date of birth can be read; cover "
        "the rest. A moderator looks at it, and it is destroyed after the decision."
    )
    return Answer(text, ("Open my link", opened.url))


def _seen(user: User) -> Member:
    return roster.seen(
        user.id,
        user.name,
        display_name=user.display_name,
        joined_at=user.joined_at if isinstance(user, discord.Member) else None,
    )


def _may_begin(user: User) -> None:
    requests.may_begin(_seen(user))


def _open(user: User) -> opening.Opened:
    return opening.open_request(_seen(user))


def _ask_in_person(user: User, version: int) -> VerificationRequest:
    return in_person.ask(_seen(user), consent_version=version)


def _hand_over(user: User, version: int) -> str:
    return provider.hand_over(_seen(user), consent_version=version)


def _withdraw(member_id: int, request_id: int) -> None:
    if not VerificationRequest.objects.filter(pk=request_id, member_id=member_id).exists():
        raise Refusal("not_allowed", "There is nothing of yours to take back.")
    requests.withdraw(request_id)
