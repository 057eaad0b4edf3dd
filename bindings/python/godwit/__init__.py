"""Godwit: sockets between threads, processes and machines, without a server, and, where asked for, without a loss.

    import godwit

    with godwit.Context() as context, godwit.Pull(context) as jobs, godwit.Push(context) as out:
        out.connect(jobs.bind("ipc://@jobs"))
        out.send({"id": 7, "sku": "tern"})
        print(godwit.unpack(jobs.recv(timeout=5)))

Every socket may be used by any thread. A child after fork() makes its own context: calls on its parent's raise Forked.
"""

from godwit._bodies import unpacked as _unpacked
from godwit._core import Delivery, Journal, Message, Pending, Stream, ack_many, version
from godwit._errors import (AddressInUse, AlreadyExists, Cancelled, Closed, Conflict, Corrupt, Error, Expired, Fenced,
                            Forked, Full, Gap, Insecure, InvalidArgument, InvalidEndpoint, IoError, Locked, Malformed,
                            Mismatch, NoResources, NotFound, Refused, TimedOut, TooLarge, TooLate, Unknown, Unreachable,
                            Unsupported, WouldDeadlock)
from godwit._options import AckRetry, From
from godwit._sockets import Context, Event, Pub, Pull, Push, Receipt, Rep, Req, Socket, Sub


def unpack(message: "Delivery | Message") -> object:
    """The object in a body of MessagePack. Raises Malformed."""
    made: object = _unpacked(message.body)
    return made


__all__ = [
    "AckRetry", "AddressInUse", "AlreadyExists", "Cancelled", "Closed", "Conflict", "Context", "Corrupt", "Delivery", "Error",
    "Event", "Expired", "Fenced", "Forked", "From", "Full", "Gap", "Insecure", "InvalidArgument", "InvalidEndpoint", "IoError",
    "Journal", "Locked", "Malformed", "Message", "Mismatch", "NoResources", "NotFound", "Pending", "Pub", "Pull", "Push",
    "Receipt", "Refused", "Rep", "Req", "Socket", "Stream", "Sub", "TimedOut", "TooLarge", "TooLate", "Unknown", "Unreachable",
    "Unsupported", "WouldDeadlock", "ack_many", "unpack", "version",
]
