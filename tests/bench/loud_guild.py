"""The practice guild in a process of its own, which can be told to talk at a given rate.

POST /bench/talk {"rate": 2000, "seconds": 60} writes messages of its members over the
gateway; they are announced as any other, and kept nowhere.
"""

import asyncio
import time
from typing import Any

from aiohttp import web

from growmies_admin.practice import server, shapes
from growmies_admin.practice.acts import messages
from growmies_admin.practice.app import make_app
from growmies_admin.practice.context import PRACTICE

WORDS = ("day 21 of flower and the trichomes look cloudy", "good morning all", "nice pictures!")
TICK_SECONDS = 0.02


async def talk(request: web.Request) -> web.Response:
    practice = request.app[PRACTICE]
    body = await request.json()
    rate, seconds = float(body["rate"]), float(body["seconds"])
    world = practice.world
    people = [m for m in world.members if not world.users[m].get("bot")]
    channels = [c["id"] for c in world.channels.values() if c["type"] == 0]
    began, sent, worst = time.monotonic(), 0, 0.0
    while (passed := time.monotonic() - began) < seconds:
        while sent < min(passed, seconds) * rate:
            record = messages.compose(
                practice,
                channels[sent % len(channels)],
                people[sent % len(people)],
                {"content": WORDS[sent % len(WORDS)]},
            )
            practice.hub.dispatch("MESSAGE_CREATE", shapes.message_event(world, record))
            sent += 1
        worst = max(worst, time.monotonic() - began - passed)
        await asyncio.sleep(TICK_SECONDS)
    return web.json_response(
        {"sent": sent, "seconds": time.monotonic() - began, "longest_tick": worst}
    )


def loud_app(practice: Any) -> web.Application:
    app = make_app(practice)
    app.router.add_post("/bench/talk", talk)
    return app


if __name__ == "__main__":
    server.make_app = loud_app
    raise SystemExit(server.run())
