"""An unmodified discord.py works against the practice guild."""

import asyncio
from datetime import timedelta

import discord
import pytest
from discord import app_commands, ui


async def test_signs_in_and_sees_the_whole_guild(guild, start_bot):
    bot = await start_bot()
    seen = bot.get_guild(int(guild.id))
    assert seen.name == "Growmies NJ"
    assert discord.utils.get(seen.channels, name="growing-help")
    assert discord.utils.get(seen.roles, name="Verified 21+")
    assert seen.me.top_role.name == "Growmies"
    carl = discord.utils.get(seen.members, name="carl-bot")
    assert carl.status is discord.Status.online
    assert carl.bot


async def test_slash_command_gets_a_private_answer_with_a_link(guild, start_bot):
    def prepare(bot):
        @bot.tree.command(description="Start verification")
        async def verify(interaction: discord.Interaction) -> None:
            view = ui.View()
            view.add_item(ui.Button(label="Upload", url="http://localhost:8000/verify/x/"))
            await interaction.response.send_message("Your link", view=view, ephemeral=True)

    await start_bot(prepare)
    member = await guild.member()
    result = await guild.control("POST", f"/members/{member}/commands", {"name": "verify"})
    (answer,) = result["responses"]
    assert answer["content"] == "Your link"
    assert answer["ephemeral"] is True
    assert answer["components"][0]["components"][0]["url"] == "http://localhost:8000/verify/x/"
    details = await guild.control("GET", f"/members/{member}")
    assert details["ephemeral"] == ["Your link"]


async def test_options_reach_the_bot_as_its_types(guild, start_bot):
    def prepare(bot):
        @bot.tree.command(description="Look somebody up")
        async def look(interaction: discord.Interaction, who: discord.Member, days: int) -> None:
            await interaction.response.send_message(f"{who.name} {days + 1}")

    await start_bot(prepare)
    member = await guild.member()
    result = await guild.control(
        "POST",
        f"/members/{member}/commands",
        {"name": "look", "options": {"who": "juniper", "days": 6}},
    )
    assert result["responses"][0]["content"] == "juniper 7"


async def test_deferred_answer_appears_with_the_follow_up(guild, start_bot):
    def prepare(bot):
        @bot.tree.command(description="Slow")
        async def slow(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True)
            await asyncio.sleep(0.1)
            await interaction.followup.send("Done", ephemeral=True)

    await start_bot(prepare)
    member = await guild.member()
    result = await guild.control("POST", f"/members/{member}/commands", {"name": "slow"})
    assert result["responses"][0]["content"] == "Done"
    assert result["responses"][0]["ephemeral"] is True


async def test_button_updates_its_message(guild, start_bot):
    class View(ui.View):
        @ui.button(label="Yes", custom_id="yes")
        async def yes(self, interaction: discord.Interaction, button: ui.Button) -> None:
            await interaction.response.edit_message(content="Thanks", view=None)

    def prepare(bot):
        @bot.tree.command(description="Ask")
        async def ask(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("Sure?", view=View(), ephemeral=True)

    await start_bot(prepare)
    member = await guild.member()
    await guild.control("POST", f"/members/{member}/commands", {"name": "ask"})
    result = await guild.control("POST", f"/members/{member}/clicks", {"custom_id": "yes"})
    assert result["responses"][0]["content"] == "Thanks"
    details = await guild.control("GET", f"/members/{member}")
    assert details["ephemeral"] == ["Thanks"]


async def test_select_carries_the_choice(guild, start_bot):
    class View(ui.View):
        @ui.select(
            custom_id="why",
            options=[discord.SelectOption(label="A"), discord.SelectOption(label="B")],
        )
        async def why(self, interaction: discord.Interaction, select: ui.Select) -> None:
            await interaction.response.send_message(f"Chose {select.values[0]}", ephemeral=True)

    def prepare(bot):
        @bot.tree.command(description="Ask")
        async def ask(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("Why?", view=View())

    await start_bot(prepare)
    member = await guild.member()
    await guild.control("POST", f"/members/{member}/commands", {"name": "ask"})
    result = await guild.control(
        "POST", f"/members/{member}/clicks", {"custom_id": "why", "values": ["B"]}
    )
    assert result["responses"][0]["content"] == "Chose B"


async def test_modal_with_label_and_old_text_input(guild, start_bot):
    class Form(ui.Modal, title="Appeal"):
        name = ui.TextInput(label="Name", custom_id="name")
        text = ui.Label(text="Why", component=ui.TextInput(custom_id="text", required=False))

        async def on_submit(self, interaction: discord.Interaction) -> None:
            words = f"{self.name.value}: {self.text.component.value}"
            await interaction.response.send_message(words, ephemeral=True)

    def prepare(bot):
        @bot.tree.command(description="Appeal")
        async def appeal(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Form(custom_id="form"))

    await start_bot(prepare)
    member = await guild.member()
    opened = await guild.control("POST", f"/members/{member}/commands", {"name": "appeal"})
    assert opened["modal"]["title"] == "Appeal"
    result = await guild.control(
        "POST",
        f"/members/{member}/modals",
        {"custom_id": "form", "values": {"name": "Fern", "text": "I am 30"}},
    )
    assert result["responses"][0]["content"] == "Fern: I am 30"


async def test_context_menu_names_the_message(guild, start_bot):
    def prepare(bot):
        @bot.tree.context_menu(name="Report")
        async def report(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"Got {message.content}", ephemeral=True)

    await start_bot(prepare)
    member = await guild.member()
    written = await guild.control(
        "POST", f"/members/{member}/messages", {"channel": "general", "content": "hello"}
    )
    result = await guild.control(
        "POST",
        f"/members/{member}/commands",
        {"name": "Report", "target_id": written["id"], "channel": "general"},
    )
    assert result["responses"][0]["content"] == "Got hello"


async def test_command_without_permission_is_not_offered(guild, start_bot):
    def prepare(bot):
        @bot.tree.command(description="Staff only")
        @app_commands.default_permissions(ban_members=True)
        async def purge(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("Done")

    await start_bot(prepare)
    member = await guild.member()
    result = await guild.control("POST", f"/members/{member}/commands", {"name": "purge"})
    assert "lacks the permissions" in result["error"]


async def test_dm_reaches_the_member(guild, start_bot):
    bot = await start_bot()
    member = await guild.member()
    user = await bot.fetch_user(int(member))
    await user.send(embed=discord.Embed(title="Approved", description="Welcome"))
    details = await guild.control("GET", f"/members/{member}")
    assert details["dms"] == ["Approved\nWelcome"]


async def test_closed_dm_is_refused_with_50007(guild, start_bot):
    bot = await start_bot()
    member = await guild.member(dms_open=False)
    user = await bot.fetch_user(int(member))
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("Hello")
    assert refused.value.code == 50007


async def test_granted_role_shows_on_the_member(guild, start_bot):
    bot = await start_bot()
    member_id = await guild.member()
    seen = bot.get_guild(int(guild.id))
    member = await seen.fetch_member(int(member_id))
    await member.add_roles(seen.get_role(int(guild.role("Verified 21+"))), reason="21 at 40 %")
    _, after = await bot.until("member_update")
    assert [role.name for role in after.roles] == ["@everyone", "Verified 21+"]
    (entry,) = await bot.until("audit_log_entry_create")
    assert entry.reason == "21 at 40 %"
    assert entry.action is discord.AuditLogAction.member_role_update
    details = await guild.control("GET", f"/members/{member_id}")
    assert details["roles"] == ["Verified 21+"]


async def test_role_above_the_bot_is_refused_with_50013(guild, start_bot):
    bot = await start_bot()
    member_id = await guild.member()
    await guild.control("PATCH", "/roles/Verified 21+", {"above_bot": True})
    member = await bot.get_guild(int(guild.id)).fetch_member(int(member_id))
    with pytest.raises(discord.Forbidden) as refused:
        await member.add_roles(discord.Object(int(guild.role("Verified 21+"))))
    assert refused.value.code == 50013


async def test_lost_permission_is_refused_with_50013(guild, start_bot):
    bot = await start_bot()
    member_id = await guild.member()
    await guild.control("PATCH", "/roles/Growmies", {"remove": ["MANAGE_ROLES"]})
    member = await bot.get_guild(int(guild.id)).fetch_member(int(member_id))
    with pytest.raises(discord.Forbidden) as refused:
        await member.add_roles(discord.Object(int(guild.role("Verified 21+"))))
    assert refused.value.code == 50013


async def test_deleted_role_is_unknown(guild, start_bot):
    bot = await start_bot()
    member_id = await guild.member()
    role_id = int(guild.role("Verified 21+"))
    await guild.control("DELETE", "/roles/Verified 21+")
    member = await bot.get_guild(int(guild.id)).fetch_member(int(member_id))
    with pytest.raises(discord.NotFound) as refused:
        await member.add_roles(discord.Object(role_id))
    assert refused.value.code == 10011


async def test_member_who_left_is_unknown(guild, start_bot):
    bot = await start_bot()
    member_id = await guild.member()
    await guild.control("POST", f"/members/{member_id}/leave")
    await bot.until("raw_member_remove")
    with pytest.raises(discord.NotFound) as refused:
        await bot.get_guild(int(guild.id)).fetch_member(int(member_id))
    assert refused.value.code == 10007


async def test_timeout_kick_and_ban(guild, start_bot):
    bot = await start_bot()
    member_id = await guild.member()
    seen = bot.get_guild(int(guild.id))
    member = await seen.fetch_member(int(member_id))
    await member.timeout(timedelta(hours=1))
    assert (await guild.control("GET", f"/members/{member_id}"))["timed_out_until"]
    refused = await guild.control(
        "POST", f"/members/{member_id}/messages", {"channel": "general", "content": "hi"}
    )
    assert "timed out" in refused["error"]
    await member.kick(reason="spam")
    await guild.control("POST", f"/members/{member_id}/join")
    await seen.ban(discord.Object(int(member_id)), reason="again")
    details = await guild.control("GET", f"/members/{member_id}")
    assert (details["in_guild"], details["banned"]) == (False, True)
    actions = [entry.action.name async for entry in seen.audit_logs(limit=3)]
    assert actions == ["ban", "kick", "member_update"]


async def test_what_members_do_reaches_the_bot(guild, start_bot):
    bot = await start_bot()
    member = await guild.member()
    await bot.until("member_join")
    written = await guild.control(
        "POST", f"/members/{member}/messages", {"channel": "growing-help", "content": "Mites?"}
    )
    (message,) = await bot.until("message")
    assert (message.content, message.channel.name) == ("Mites?", "growing-help")
    await guild.control(
        "POST", f"/members/{member}/reactions", {"message_id": written["id"], "emoji": "🌱"}
    )
    (reaction,) = await bot.until("raw_reaction_add")
    assert str(reaction.emoji) == "🌱"
    await guild.control("POST", f"/members/{member}/voice", {"channel": "Grow Room"})
    _, _, after = await bot.until("voice_state_update")
    assert after.channel.name == "Grow Room"
    await guild.control("POST", f"/members/{member}/presence", {"status": "idle"})
    await bot.until("presence_update")
    await guild.control("DELETE", f"/members/{member}/messages/{written['id']}")
    await bot.until("raw_message_delete")


async def test_automod_event_is_complete(guild, start_bot):
    bot = await start_bot()
    member = await guild.member()
    await bot.until("member_join")
    await guild.control(
        "POST", f"/members/{member}/automod", {"content": "for sale", "keyword": "sale"}
    )
    (execution,) = await bot.until("automod_action")
    assert (execution.member.name, execution.matched_keyword) == ("fern", "sale")


async def test_bot_moderates_messages(guild, start_bot):
    bot = await start_bot()
    member = await guild.member()
    for word in ("one", "two", "three"):
        await guild.control(
            "POST", f"/members/{member}/messages", {"channel": "general", "content": word}
        )
    channel = bot.get_channel(int(guild.channel("general")))
    kept = [message async for message in channel.history(limit=10)]
    assert [message.content for message in kept] == ["three", "two", "one"]
    await channel.delete_messages(kept[:2])
    await kept[2].delete()
    assert [message async for message in channel.history(limit=10)] == []


async def test_bursts_stay_inside_the_stated_limit(guild, start_bot):
    bot = await start_bot()
    channel = bot.get_channel(int(guild.channel("general")))
    await asyncio.gather(*(channel.send(f"{n}") for n in range(12)))
    assert guild.practice.limits.invalid_count() == 0
    assert len(guild.practice.world.messages(str(channel.id))) == 12


async def test_429_is_honoured(guild, start_bot):
    bot = await start_bot()
    channel = bot.get_channel(int(guild.channel("general")))
    await guild.control("POST", "/faults", {"kind": "ratelimit", "seconds": 0.3, "scope": "global"})
    sent = await channel.send("late")
    assert sent.content == "late"
    assert guild.practice.limits.invalid_count() == 1


async def test_dropped_socket_resumes_with_the_missed_events(guild, start_bot):
    bot = await start_bot()
    member = await guild.member()
    await bot.until("member_join")
    await guild.control("POST", "/faults", {"kind": "drop_gateway", "seconds": 0.3})
    await guild.control(
        "POST", f"/members/{member}/messages", {"channel": "general", "content": "missed"}
    )
    (message,) = await bot.until("message")
    assert message.content == "missed"
    await bot.until("resumed")
    assert [name for name, _ in bot.seen].count("ready") == 1


async def test_op_7_resumes(guild, start_bot):
    bot = await start_bot()
    await guild.control("POST", "/faults", {"kind": "reconnect"})
    await bot.until("resumed")


async def test_refused_resume_identifies_anew(guild, start_bot):
    bot = await start_bot()
    await guild.control("POST", "/faults", {"kind": "refuse_resume", "seconds": 5})
    await guild.control("POST", "/faults", {"kind": "drop_gateway"})
    await bot.until("ready", 2)
    assert "resumed" not in [name for name, _ in bot.seen]


async def test_wrong_token_ends_the_login(guild, start_bot):
    await start_bot()
    bot = discord.Client(intents=discord.Intents.none())
    with pytest.raises(discord.LoginFailure):
        await bot.login("MTIz.abc.def")
    await bot.close()
