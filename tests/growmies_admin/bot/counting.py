"""A guild whose members are counted."""

from types import SimpleNamespace

import discord
import pytest

ROLE_ID = 77


@pytest.fixture
def guild():
    """A real discord.Guild with a verified role and a voice channel; members by `add`."""
    state = discord.Client(intents=discord.Intents.all())._connection
    role = {"id": str(ROLE_ID), "name": "Verified 21+", "permissions": "0", "position": 1}
    role |= {"color": 0, "colors": {"primary_color": 0}, "hoist": False, "managed": False}
    data = {"id": "5", "name": "Growmies", "member_count": 0, "roles": [role], "channels": []}
    voice = {"id": "9", "type": 2, "name": "lounge", "position": 0, "bitrate": 64000}
    data["channels"] = [voice | {"user_limit": 0, "permission_overwrites": []}]
    made = discord.Guild(data=data, state=state)

    def add(member_id, *, name="m", status="offline", verified=False, bot=False):
        user = {"id": str(member_id), "username": name, "discriminator": "0", "avatar": None}
        facts = {"user": user | {"bot": bot}, "roles": [str(ROLE_ID)] if verified else []}
        facts |= {"joined_at": "2024-05-01T00:00:00+00:00", "flags": 0}
        member = discord.Member(data=facts, guild=made, state=state)
        be(member, status)
        made._add_member(member)
        return member

    return SimpleNamespace(real=made, add=add, role=made.get_role(ROLE_ID))


def be(member, status):
    member.client_status._status = status
