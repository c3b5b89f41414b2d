"""What the bot does until it has worked."""

import asyncio
import contextlib
from datetime import timedelta

import aiohttp
import pytest
from django.db import OperationalError

from growmies_admin import policy
from growmies_admin.bot.chores import Chore


@contextlib.asynccontextmanager
async def running(act, **more):
    chore = Chore("test", act, again_seconds=0.01, **more)
    task = asyncio.create_task(chore.run())
    try:
        yield chore
    finally:
        task.cancel()


class Act:
    """Counts how often it is done; raises what it is given, one a time."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.times = 0
        self.worked = asyncio.Event()

    async def __call__(self):
        self.times += 1
        if self.errors:
            raise self.errors.pop(0)
        self.worked.set()


async def test_it_is_done_when_woken():
    act = Act()
    async with running(act) as chore:
        await asyncio.sleep(0.02)
        assert act.times == 0
        chore.wake()
        await asyncio.wait_for(act.worked.wait(), 10)
    assert act.times == 1


@pytest.mark.parametrize(
    "error", [OperationalError(), aiohttp.ServerDisconnectedError(), TimeoutError(), KeyError()]
)
async def test_it_is_done_again_until_it_works(error):
    act = Act(error, error)
    async with running(act) as chore:
        chore.wake()
        await asyncio.wait_for(act.worked.wait(), 10)
    assert act.times == 3


async def test_it_is_done_every_so_often_without_being_woken():
    act = Act()
    async with running(act, every_seconds=0.01):
        await asyncio.wait_for(act.worked.wait(), 10)


async def test_who_wakes_it_while_it_is_done_has_it_done_once_more():
    times = []
    chore = Chore("test", lambda: act(), again_seconds=0.01)

    async def act():
        times.append(1)
        if len(times) == 1:
            chore.wake()

    task = asyncio.create_task(chore.run())
    chore.wake()
    await asyncio.sleep(0.05)
    task.cancel()
    assert len(times) == 2


async def test_one_that_never_ends_is_begun_again(monkeypatch):
    monkeypatch.setattr(policy, "CHORE_AT_MOST", timedelta(seconds=0.05))
    act = Act()

    async def hangs_once():
        await act()
        if act.times == 1:
            act.worked.clear()
            await asyncio.Event().wait()

    async with running(hangs_once) as chore:
        chore.wake()
        async with asyncio.timeout(5):
            while act.times < 2:
                await asyncio.sleep(0.01)
            await act.worked.wait()


@pytest.mark.parametrize("turns", range(5))
@pytest.mark.parametrize("every_seconds", [None, 60])
async def test_cancelled_in_the_moment_of_a_wake_it_ends(turns, every_seconds):
    """Else who stops the bot waits for it for ever."""
    chore = Chore("test", Act(), again_seconds=0.01, every_seconds=every_seconds)
    task = asyncio.create_task(chore.run())
    await asyncio.sleep(0.01)
    chore.wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=1)
    task.cancel()
    assert done
