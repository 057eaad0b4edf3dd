"""Options of the modules, as keyword arguments of plain classes. Times are seconds. None: as the library has it."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Optional, Union


def _given(options: Any) -> dict[str, Any]:
    every = ((each.name, getattr(options, each.name)) for each in dataclasses.fields(options))
    return {name: value for name, value in every if value is not None}


@dataclasses.dataclass(frozen=True)
class AckRetry:
    """At least once: acks, retries and receipts, on both sides' sockets. See include/godwit/ack_retry.hpp."""

    attempts_max: Optional[int] = None
    ordered_by_key: Optional[bool] = None
    backoff_min: Optional[float] = None
    backoff_max: Optional[float] = None
    log_bytes_max: Optional[int] = None
    dead_letters_max: Optional[int] = None
    evict_after: Optional[float] = None
    credit_bytes: Optional[int] = None
    credit_messages: Optional[int] = None
    pause_after_failures: Optional[int] = None
    handler_max: Optional[float] = None
    messages_per_second: Optional[float] = None
    burst_messages: Optional[float] = None
    heartbeat: Optional[float] = None
    lease: Optional[float] = None
    identity: Optional[str] = None


_STARTS = {"next": 0, "first": 1, "last": 2}


@dataclasses.dataclass(frozen=True)
class From:
    """Where a reliable Sub starts: "next", "first", "last", an offset, or a time; a name makes the publisher remember it."""

    start: Union[str, int, datetime.datetime] = "next"
    name: Optional[str] = None

    def _as_dict(self) -> dict[str, Any]:
        made: dict[str, Any] = {} if self.name is None else {"name": self.name}
        if isinstance(self.start, str):
            if self.start not in _STARTS:
                raise ValueError(f"start is {self.start!r}; one of {', '.join(_STARTS)}, an offset, or a time")
            return made | {"start": _STARTS[self.start]}
        if isinstance(self.start, int):
            return made | {"start": 3, "at": self.start}
        return made | {"start": 4, "since_ns": int(self.start.timestamp() * 1_000_000) * 1000}
