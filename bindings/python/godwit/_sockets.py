"""Context, and the six sockets as the six patterns have them."""

from __future__ import annotations

import atexit
import os
import types
import weakref
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, NamedTuple, Optional, TypeVar, Union

from godwit import _core
from godwit._bodies import Bytes, packed
from godwit._core import Delivery, Message
from godwit._errors import Closed, TimedOut
from godwit._options import AckRetry, From, _given
from godwit._readiness import Readiness

Self = TypeVar("Self", bound="Socket")
_STAGES = {"accepted": 0, "stored": 1, "durable": 2, "received": 3, "processed": 4}
_OUTCOMES = [*_STAGES, "expired", "refused", "dead", "unknown"]
_LINGER: Any = object()
_open: weakref.WeakSet[Context] = weakref.WeakSet()


def _stage(name: str) -> int:
    if name not in _STAGES:
        raise ValueError(f"stage is {name!r}; one of {', '.join(_STAGES)}")
    return _STAGES[name]


class Context(_core.Context):
    """The home of sockets; one per process is usual. Closing it ends every call on its sockets with Closed."""

    def __init__(self, *, io_threads: int = 1, sockets_max: int = 1023) -> None:
        super().__init__(io_threads=io_threads, sockets_max=sockets_max)
        _open.add(self)

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@atexit.register
def _close_all() -> None:
    """Threads that wait in a call are let go before the interpreter ends. A forked child leaves its parent's alone."""
    for each in list(_open):
        try:
            each.close(timeout=1.0)
        except Exception:  # what is unsent then is lost, as by any process that ends
            pass


class Receipt(NamedTuple):
    """What a send returns: how far its message came can be asked, also after the socket is gone."""

    socket: int
    at: int

    def wait(self, stage: str = "processed", timeout: Optional[float] = None) -> str:
        """What is known when the stage is reached, or never can be: "processed", "expired", "refused", "dead", "unknown"…
        Raises TimedOut (not yet), Closed, Unsupported."""
        return _OUTCOMES[_core.receipt_wait(self.socket, self.at, _stage(stage), timeout)]


class Event(NamedTuple):
    kind: str
    peer_id: int
    endpoint: str
    detail: str
    when_ns: int


class Socket(_core.Socket):
    """What the six patterns have in common. Timeouts are seconds; None waits for ever, 0 not at all. Any thread may use a socket.

    Options: name, queue_messages_max, message_bytes_max, send_timeout, requests_max, linger, wait_for_peer, insecure, any_user, keepalive,
    redial_min, redial_max, handshake_max, events_max, key_file, allow_file, allow_anyone, server_key: include/godwit/options.hpp says what each is.
    """

    _pattern = 0

    def __init__(self, context: Context, *, ack_retry: Optional[AckRetry] = None, **options: Any) -> None:
        if ack_retry is not None:
            options["ack_retry"] = _given(ack_retry)
        self._journal_of_own: Optional[_core.Journal] = None
        journal = options.get("journal")
        if isinstance(journal, (str, os.PathLike)):
            self._journal_of_own = _core.Journal(os.fspath(journal))
            options["journal"] = self._journal_of_own.stream(options.get("name") or "outbox")
        super().__init__(context, self._pattern, options)
        self._is_reliable = ack_retry is not None
        self._readiness: Optional[Readiness] = None

    def close(self, timeout: Optional[float] = _LINGER) -> None:
        """Ends every call on it with Closed, and lets unsent messages go out for that long, or for the linger option."""
        if self._readiness is not None:
            self._readiness.end()
        has_timeout = timeout is not _LINGER
        try:
            self._close(timeout if has_timeout else None, has_timeout)
        finally:
            if self._journal_of_own is not None:
                self._journal_of_own.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], problem: Optional[BaseException],
                 trace: Optional[types.TracebackType]) -> None:
        self.close()

    def next_event(self, timeout: Optional[float] = None) -> Event:
        return Event(*self._next_event(timeout))


class _Sender(Socket):
    def send(self, body: Any, *, topic: str = "", key: Bytes = b"", headers: Optional[dict[str, bytes]] = None,
             timeout: Optional[float] = None, priority: int = 4, delay: float = 0, ttl: float = 0) -> Receipt:
        """Bytes and text go as they are, other objects as MessagePack. timeout None: the send_timeout option. The rest is for sockets
        with ack_retry. Raises TimedOut, Full, Closed, TooLarge; then surely nothing was sent."""
        return Receipt(*self._send(packed(body), topic, key or None, headers, timeout, priority, delay, ttl))

    def flush(self, stage: str = "processed", timeout: Optional[float] = None) -> None:
        """With ack_retry: waits until all that was sent so far has come to the stage, or never will."""
        self._flush(_stage(stage), timeout)


class Push(_Sender):
    """Sends each message to one of the connected pulls. journal: a directory, or a Stream of a Journal."""

    _pattern = 1

    def __init__(self, context: Context, *, ack_retry: Optional[AckRetry] = None,
                 journal: Union[None, str, os.PathLike[str], _core.Stream] = None, **options: Any) -> None:
        super().__init__(context, ack_retry=ack_retry, **options, **({} if journal is None else {"journal": journal}))

    def send_many(self, bodies: Iterable[Any], *, timeout: Optional[float] = None) -> int:
        """In order, until all are taken or the time is up; how many were."""
        return self._send_many([packed(each) for each in bodies], timeout)


class Pub(_Sender):
    """Sends each message to every subscriber of its topic."""

    _pattern = 3

    def __init__(self, context: Context, *, ack_retry: Optional[AckRetry] = None,
                 journal: Union[None, str, os.PathLike[str], _core.Stream] = None, **options: Any) -> None:
        super().__init__(context, ack_retry=ack_retry, **options, **({} if journal is None else {"journal": journal}))

    def wait_for_subscribers(self, topic: str, count: int, timeout: Optional[float] = None) -> None:
        self._wait_for_subscribers(topic, count, timeout)


class _Receiver(Socket):
    def recv(self, timeout: Optional[float] = None) -> Delivery:
        """Waits for a message. Raises TimedOut, Closed; a Sub with ack_retry also Gap."""
        return self._recv(timeout)

    def recv_many(self, most: int = 256, timeout: Optional[float] = None) -> list[Delivery]:
        """Waits for one at least, then takes what is there, at most `most`, and 256."""
        return self._recv_many(most, timeout)

    def __iter__(self) -> Iterator[Delivery]:
        """Until the socket is closed."""
        try:
            while True:
                yield self._recv(None)
        except Closed:
            return

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        """On asyncio, until the socket is closed: by the socket's descriptor, without a thread."""
        try:
            while True:
                yield await self.recv_async()
        except Closed:
            return

    async def recv_async(self) -> Delivery:
        """Waits on asyncio's loop. A plain socket takes up to 256 messages at once, and hands them out one by one."""
        if self._readiness is None:
            self._readiness = Readiness(self, 1 if self._is_reliable else 256)
        return await self._readiness.next()


class Pull(_Receiver):
    """Receives from all connected pushes, fairly."""

    _pattern = 2


class Sub(_Receiver):
    """Receives the messages whose topics begin with one of its subscriptions."""

    _pattern = 4

    def __init__(self, context: Context, *, ack_retry: Optional[AckRetry] = None, start: Optional[From] = None,
                 **options: Any) -> None:
        if start is not None:
            options["subscription"] = start._as_dict()
        super().__init__(context, ack_retry=ack_retry, **options)

    def subscribe(self, prefix: str = "") -> None:
        self._subscribe(prefix)

    def unsubscribe(self, prefix: str = "") -> None:
        self._unsubscribe(prefix)


class Rep(_Receiver):
    """Receives requests; each delivery is answered by its own reply()."""

    _pattern = 6

    @staticmethod
    def reply(request: Delivery, body: Any) -> None:
        """Once; never waits. Raises Unreachable, Closed, TooLarge, InvalidArgument."""
        request._reply(packed(body))


class Req(Socket):
    """Sends requests in turn, and gives each its own reply. Any number may be open."""

    _pattern = 5

    def request(self, body: Any, *, topic: str = "", key: Bytes = b"", headers: Optional[dict[str, bytes]] = None,
                timeout: Optional[float] = None) -> Message:
        """Sends and waits for the reply. TimedOut: executed once or not at all."""
        return self._request(packed(body), topic, key or None, headers, timeout)

    def send(self, body: Any, *, topic: str = "", key: Bytes = b"",
             headers: Optional[dict[str, bytes]] = None) -> _core.Pending:
        """Sends, and returns without waiting for the reply."""
        return self._request_open(packed(body), topic, key or None, headers)


__all__ = ["Context", "Event", "Pub", "Pull", "Push", "Receipt", "Rep", "Req", "Socket", "Sub", "TimedOut"]
