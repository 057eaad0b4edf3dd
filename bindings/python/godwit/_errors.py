"""One exception a status code, all of them an Error."""

from __future__ import annotations


class Error(Exception):
    """What a call failed with."""

    code: int = 0  # the number of godwit/godwit.h
    value: str = ""  # what offended
    retriable: bool = False  # nothing was taken, and the same call may succeed later


class InvalidArgument(Error, ValueError):
    """A value that can never be right here."""

    code = -1


class InvalidEndpoint(Error, ValueError):
    """A URL that cannot be bound or connected to."""

    code = -2


class Insecure(Error, PermissionError):
    """Others could listen, and nobody has said that they may."""

    code = -3


class AddressInUse(Error):
    """Somebody listens there already."""

    code = -4


class NotFound(Error, LookupError):
    """No such endpoint, name, host or file."""

    code = -5


class TooLarge(Error, ValueError):
    """Above a limit in bytes or in number."""

    code = -6


class TooLate(Error):
    """An option after the first bind or connect."""

    code = -7


class TimedOut(Error, TimeoutError):
    """The deadline came first; nothing was taken."""

    code = -8


class Cancelled(Error):
    """Stopped first; nothing was taken."""

    code = -9


class Closed(Error):
    """The socket or its context was closed."""

    code = -10


class Forked(Error):
    """Made before fork(), and used in the child, which has to make its own context."""

    code = -11


class Unsupported(Error):
    """This socket, with these modules, cannot do that."""

    code = -12


class Unreachable(Error, ConnectionError):
    """The peer that this was meant for is gone."""

    code = -13


class Malformed(Error, ValueError):
    """Bytes that do not decode."""

    code = -14


class NoResources(Error):
    """Out of descriptors, memory or threads."""

    code = -15


class IoError(Error, OSError):
    """An error of the operating system."""

    code = -16


class AlreadyExists(Error, FileExistsError):
    """A file would be overwritten."""

    code = -17


class Full(Error):
    """A log has reached its limit in bytes."""

    code = -18


class Gap(Error):
    """Records that are gone: `value` names the first and the last."""

    code = -19


class Mismatch(Error):
    """The other side speaks, but not this."""

    code = -20


class Fenced(Error):
    """A newer incarnation has taken this one's place."""

    code = -21


class Conflict(Error):
    """One identity with two contents."""

    code = -22


class WouldDeadlock(Error):
    """Waiting, in a callback, for what only its return can bring."""

    code = -23


class Expired(Error):
    """Its time to live or its deadline ended first."""

    code = -24


class Refused(Error):
    """A handler rejected it."""

    code = -25


class Unknown(Error):
    """It may have happened or not."""

    code = -26


class Locked(Error):
    """Another has it open to write."""

    code = -27


class Corrupt(Error):
    """What was confirmed is damaged; `value` says where."""

    code = -28


_by_code: dict[int, type[Error]] = {each.code: each for each in Error.__subclasses__()}


def _of(code: int, message: str, value: str, retriable: bool) -> Error:
    made = _by_code.get(code, Error)(message)
    made.code, made.value, made.retriable = code, value, retriable
    return made
