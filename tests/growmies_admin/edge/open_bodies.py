"""Bodies at the edge that are open at the same time."""

import asyncio

from growmies_admin.edge.bodies import Bodies
from tests.growmies_admin.edge.calls import Call, bearer, length

MEGABYTE = 1024**2


class Edge:
    """The limit of bodies, and what is open there at the moment."""

    token, wrong_token = bearer("a token of Alertmanager"), bearer("another token")

    def __init__(self):
        self.app = Bodies(self.reader)
        self._tasks = []

    @property
    def forms(self):
        return self.app._kinds._strangers.forms

    @property
    def uploads(self):
        return self.app._kinds._uploads.room

    async def reader(self, scope, receive, send):
        """Reads a body whole, as Django does, and answers when it has it."""
        if await self._read(receive):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"read"})

    async def slow(self, scope, receive, send):
        """Reads it whole, and never answers."""
        if await self._read(receive):
            await asyncio.Event().wait()

    async def _read(self, receive):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            if not message["more_body"]:
                return True

    async def silent(self, path, megabytes, client, headers=()):
        """Begin a body of which one byte comes."""
        return await self._open(path, megabytes, client, headers, b"x")

    async def sending(self, path, megabytes, client, of=None):
        """Begin a body of which all but the last byte comes; `of` megabytes, when given."""
        comes = bytes(int((of or megabytes) * MEGABYTE) - 1)
        return await self._open(path, megabytes, client, (), comes)

    async def more(self, call, megabytes):
        """Further bytes of what is being sent."""
        call.comes.put_nowait(
            {"type": "http.request", "body": bytes(int(megabytes * MEGABYTE)), "more_body": True}
        )
        await self._settle()

    async def begun(self, path, megabytes, client, headers=()):
        """A whole body that is not waited for."""
        call = self._call(path, megabytes, client, headers)
        call.parts = [bytes(int(megabytes * MEGABYTE))]
        self._start(call, call.receive)
        await self._settle()
        return call

    async def whole(self, path, megabytes, client, headers=()):
        call = self._call(path, megabytes, client, headers)
        call.parts = [bytes(int(megabytes * MEGABYTE))]
        await asyncio.wait_for(call.to(self.app), 5)
        await self._settle()
        return call

    async def _open(self, path, megabytes, client, headers, comes):
        call = self._call(path, megabytes, client, headers)
        call.comes = asyncio.Queue()
        call.comes.put_nowait({"type": "http.request", "body": comes, "more_body": True})
        call.leave = lambda: call.comes.put_nowait({"type": "http.disconnect"})
        self._start(call, call.comes.get)
        await self._settle()
        return call

    def _call(self, path, megabytes, client, headers):
        return Call("POST", path, [*length(int(megabytes * MEGABYTE)), *headers], client=client)

    def _start(self, call, receive):
        self._tasks.append(asyncio.create_task(self.app(call.scope, receive, call.send)))

    async def _settle(self):
        """Let everybody come as far as they can."""
        for _ in range(10):
            await asyncio.sleep(0)

    def end(self):
        for task in self._tasks:
            task.cancel()
