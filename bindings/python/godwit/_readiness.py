"""Receiving on asyncio: one descriptor a socket in the loop while somebody waits, and no thread."""

from __future__ import annotations

import asyncio
import collections
from typing import TYPE_CHECKING, Optional

from godwit._core import Delivery
from godwit._errors import Closed, TimedOut

if TYPE_CHECKING:
    from godwit._core import Socket

_RECV = 1
_AT_A_STRETCH = 256  # deliveries that were there already, before the loop's others get their turn


class Readiness:
    def __init__(self, socket: Socket, ahead: int) -> None:
        self._socket = socket
        self._ahead = ahead
        self._here: collections.deque[Delivery] = collections.deque()
        self._waiting: collections.deque[asyncio.Future[None]] = collections.deque()
        self._watched_by: Optional[asyncio.AbstractEventLoop] = None
        self._descriptor = -1
        self._given = 0
        self._ended = False

    async def next(self) -> Delivery:
        self._given += 1
        if self._given % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)
        while True:
            if self._ended:
                raise Closed("closed: socket")
            if self._here:
                return self._here.popleft()
            try:
                self._here.extend(self._socket._recv_many(self._ahead, 0))
            except TimedOut:
                await self._wait()

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._watch(loop)
        waiting: asyncio.Future[None] = loop.create_future()
        self._waiting.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                self._wake()  # what woke this one is for the next
            raise
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._watched_by is loop:
            return
        self._unwatch()
        self._descriptor = self._socket._descriptor(_RECV)
        loop.add_reader(self._descriptor, self._wake)
        self._watched_by = loop

    def _unwatch(self) -> None:
        if self._watched_by is not None and not self._watched_by.is_closed():
            self._watched_by.remove_reader(self._descriptor)
        self._watched_by = None

    def _wake(self) -> None:
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(None)
                return
        self._unwatch()  # nobody waits: a level that stays high would turn the loop for nothing

    def end(self) -> None:
        """On the loop's own thread. Who waits is told that the socket is closed."""
        self._ended = True
        self._unwatch()
        self._here.clear()
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(None)
