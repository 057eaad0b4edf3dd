"""Bodies: bytes and text go as they are, everything else as MessagePack, a dataclass as the list of its fields, which is what
MSGPACK_DEFINE makes of a struct in C++."""

from __future__ import annotations

import dataclasses
from typing import Any, Union

import msgpack  # type: ignore[import-untyped,unused-ignore]

Bytes = Union[bytes, bytearray, memoryview]


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name) for each in dataclasses.fields(value)]
    raise TypeError(f"{type(value).__name__} is nothing that MessagePack has; send bytes, or plain objects")


def packed(body: Any) -> Bytes:
    if isinstance(body, (bytes, bytearray, memoryview)):
        return body
    if isinstance(body, str):
        return body.encode()
    whole: bytes = msgpack.packb(body, default=_plain)
    return whole


def unpacked(body: memoryview) -> Any:
    from godwit._errors import Malformed

    try:
        return msgpack.unpackb(body, strict_map_key=False)
    except ValueError as problem:  # msgpack's own are ValueErrors, too
        raise Malformed(f"malformed: {problem}") from problem
