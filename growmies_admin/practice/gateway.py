"""The gateway: one web socket, HELLO to close, as Discord's v10 speaks it."""

import asyncio
import contextlib
import hmac
import json
import time
from collections import deque

import structlog
from aiohttp import WSMsgType, web

from growmies_admin.practice import intents, ready
from growmies_admin.practice.acts import presence
from growmies_admin.practice.compression import KINDS, Compressor, Plain
from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.errors import Json
from growmies_admin.practice.sessions import Session, compact

log = structlog.get_logger(__name__)

SENDS_PER_MINUTE = 120
LARGEST_PAYLOAD_BYTES = 4096
# About Discord's own. An answer faster than a client's clock makes discord.py measure the
# whole heartbeat interval instead.
ACK_AFTER_SECONDS = 0.03


class Closed(Exception):
    """The server ends the connection with one of Discord's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve(request: web.Request) -> web.StreamResponse:
    """Serve one gateway connection until either side ends it."""
    practice = practice_of(request)
    if practice.faults.find("outage") or practice.faults.find("drop_gateway"):
        return web.Response(status=503, text="upstream connect error")
    if "Upgrade" not in request.headers:
        raise web.HTTPFound("/practice/")
    socket = web.WebSocketResponse(max_msg_size=1 << 20, compress=False, timeout=1.0)
    await socket.prepare(request)
    practice.connections.add(socket)
    connection = Connection(practice, socket, request)
    try:
        await connection.run()
    finally:
        practice.connections.discard(socket)
    return socket


class Connection:
    """One web socket and the session that it identified or resumed."""

    def __init__(
        self, practice: Practice, socket: web.WebSocketResponse, request: web.Request
    ) -> None:
        self.practice = practice
        self.socket = socket
        self.session: Session | None = None
        self._request = request
        self._compressor: Compressor = Plain()
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._sent: deque[float] = deque()

    def push(self, text: str) -> None:
        """Queue one payload for the writer."""
        self._outbox.put_nowait(text)

    def send(self, op: int, data: object, event: str | None = None) -> None:
        """Queue a payload that is no numbered event."""
        self.push(json.dumps({"t": event, "s": None, "op": op, "d": data}, separators=(",", ":")))

    async def run(self) -> None:
        """Speak with the client until the socket is closed."""
        writer = asyncio.create_task(self._write())
        try:
            self._negotiate()
            trace = ["practice"]
            interval = self.practice.config.heartbeat_interval_ms
            self.send(10, {"heartbeat_interval": interval, "_trace": trace})
            await self._read(interval / 1000)
        except Closed as closed:
            await self._drain()
            log.info("gateway_closed", code=closed.code, reason=closed.reason)
            await self.socket.close(code=closed.code, message=closed.reason.encode())
        except ConnectionError:
            pass
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
            self._leave()

    def _negotiate(self) -> None:
        query = self._request.query
        if query.get("v", "10") != "10":
            raise Closed(4012, "Invalid API version.")
        if query.get("encoding", "json") != "json":
            raise Closed(4002, "Error while decoding payload: only json is spoken here.")
        kind = KINDS.get(query.get("compress", ""))
        if kind is None:
            raise Closed(4002, "Unknown compression.")
        self._compressor = kind()

    async def _write(self) -> None:
        while True:
            text = await self._outbox.get()
            with contextlib.suppress(ConnectionError, RuntimeError):
                message = self._compressor.encode(text)
                if isinstance(message, str):
                    await self.socket.send_str(message)
                else:
                    await self.socket.send_bytes(message)
            self._outbox.task_done()

    async def _drain(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outbox.join(), 1)

    async def _read(self, interval_seconds: float) -> None:
        heard = time.monotonic()
        while True:
            patience = heard + interval_seconds * 1.5 - time.monotonic()
            try:
                frame = await self.socket.receive(timeout=max(patience, 0.001))
            except TimeoutError:
                raise Closed(4009, "Session timed out.") from None
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            payload = _decode(frame.data)
            self._count_send()
            if payload.get("op") == 1:
                heard = time.monotonic()
            await self._handle(payload)

    def _count_send(self) -> None:
        moment = time.monotonic()
        self._sent.append(moment)
        while self._sent[0] < moment - 60:
            self._sent.popleft()
        if len(self._sent) > SENDS_PER_MINUTE:
            raise Closed(4008, "You are being rate limited.")

    async def _handle(self, payload: Json) -> None:
        op, data = payload.get("op"), payload.get("d")
        if op == 1:
            if latency := self.practice.faults.find("latency"):
                await asyncio.sleep(latency.delay_seconds)
            if not self.practice.faults.find("silence"):
                asyncio.get_running_loop().call_later(ACK_AFTER_SECONDS, self.send, 11, None)
            return
        if op in (2, 6):
            if self.session is not None:
                raise Closed(4005, "Already authenticated.")
            if not isinstance(data, dict):
                raise Closed(4002, "Error while decoding payload.")
            self._identify(data) if op == 2 else self._resume(data)
            return
        if op not in (3, 4, 8, 31):
            raise Closed(4001, "Unknown opcode.")
        if self.session is None:
            raise Closed(4003, "Not authenticated.")
        if not isinstance(data, dict):
            raise Closed(4002, "Error while decoding payload.")
        if op == 3:
            presence.set_own(self.practice, data)
        elif op == 4:
            presence.set_own_voice(self.practice, data)
        elif op == 8:
            ready.send_members(self.practice, self.session, data)

    def _check_token(self, token: object) -> None:
        known = self.practice.token.encode()
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), known):
            raise Closed(4004, "Authentication failed.")

    def _identify(self, data: Json) -> None:
        self._check_token(data.get("token"))
        wanted = data.get("intents")
        if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted & ~intents.ALL:
            raise Closed(4013, "Invalid intent(s).")
        allowed = self.practice.world.meta.get("intents_allowed", True)
        if wanted & intents.PRIVILEGED and not allowed:
            raise Closed(4014, "Disallowed intent(s).")
        if not self.practice.starts_left():
            # Discord resets the token then, and ends whatever is connected with it.
            self.practice.faults.met["session_limit"] += 1
            raise Closed(4004, "Authentication failed.")
        shard = _shard(data.get("shard"))
        threshold = data.get("large_threshold", 50)
        if isinstance(self._compressor, Plain):
            self._compressor.compress_payloads = data.get("compress") is True
        session = Session(
            intents=wanted,
            large_threshold=threshold if isinstance(threshold, int) else 50,
            shard=shard,
            has_guild=(int(self.practice.world.guild_id) >> 22) % shard[1] == shard[0],
            link=self,
        )
        self.session = session
        self.practice.identifies += 1
        presence.begin_own(self.practice, data.get("presence"))
        self.practice.hub.add(session)
        log.info("gateway_identified", session=session.id[:8], intents=wanted)
        ready.greet(self.practice, session, with_shard="shard" in data)

    def _resume(self, data: Json) -> None:
        self._check_token(data.get("token"))
        seq = data.get("seq")
        session = self.practice.hub.find(str(data.get("session_id")))
        if session is None or self.practice.faults.find("refuse_resume"):
            self.send(9, False)
            return
        if isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq <= session.seq:
            raise Closed(4007, "Invalid seq.")
        missed = session.replay_after(seq)
        if missed is None:
            self.practice.hub.drop(session)
            self.send(9, False)
            return
        other = session.link
        if isinstance(other, Connection):
            other.session = None
            other.hang_up(4000)
        self.session = session
        session.left_at = None
        for text in missed:
            self.push(text)
        session.link = self
        log.info("gateway_resumed", session=session.id[:8], replayed=len(missed))
        session.dispatch("RESUMED", compact({"_trace": ["practice"]}))

    def hang_up(self, code: int | None) -> None:
        """End the connection: with a close code, or by cutting the line without a word."""
        transport = self._request.transport
        if code is None and transport is not None:
            transport.abort()
        elif code is not None:
            task = asyncio.ensure_future(self.socket.close(code=code))
            _closing.add(task)
            task.add_done_callback(_closing.discard)

    def _leave(self) -> None:
        session, self.session = self.session, None
        if session is None or session.link is not self:
            return
        session.link = None
        session.left_at = time.monotonic()
        # A client that says goodbye with 1000 or 1001 ends its session.
        if self.socket.close_code in (1000, 1001) and not self.practice.stopping.is_set():
            self.practice.hub.drop(session)


_closing: set["asyncio.Task[bool]"] = set()


def _decode(data: str | bytes) -> Json:
    if len(data) > LARGEST_PAYLOAD_BYTES:
        raise Closed(4002, "Error while decoding payload: larger than 4096 bytes.")
    try:
        payload = json.loads(data)
    except ValueError:
        raise Closed(4002, "Error while decoding payload.") from None
    if not isinstance(payload, dict):
        raise Closed(4002, "Error while decoding payload.")
    return payload


def _shard(value: object) -> tuple[int, int]:
    if value is None:
        return (0, 1)
    if not isinstance(value, list) or len(value) != 2:
        raise Closed(4010, "Invalid shard.")
    number, count = value
    if not isinstance(number, int) or not isinstance(count, int) or not 0 <= number < count:
        raise Closed(4010, "Invalid shard.")
    return (number, count)
