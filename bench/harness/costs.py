"""P13: system calls, wake-ups and allocations for a message, of both ends and all their threads. A run of N messages is taken
from one of 2 N, so that starting and ending do not count."""
import os
import resource
import shutil
import sys
from typing import Iterator

from programs import Failed, Programs, run
from rows import Row, measure

TRACED, UNTRACED = 100_000, 1_000_000     # messages
# A batch that libzmq reads is one allocation when messages still point into the last: chance, of a few in a hundred.
ALLOCATIONS_BY_CHANCE = 0.05


def _system_calls(programs: Programs, side: str, transport: str, size: int, count: int, ack: int) -> int:
    out = programs.scratch / "strace"
    run(["strace", "-c", "-f", "-o", str(out),
         *programs.command(side, "throughput", transport, size=size, count=count, ack=ack)])
    for text in out.read_text().splitlines():
        words = text.split()
        if words and words[-1] == "total":
            return int(words[3])
    raise Failed("strace left no figures")


def _wake_ups(programs: Programs, side: str, transport: str, size: int, count: int, ack: int) -> int:
    """How often a thread slept and was woken, with nothing slowed down."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw
    programs.run(side, "throughput", transport, size=size, count=count, ack=ack)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw - before


def _allocations(programs: Programs, side: str, transport: str, size: int, count: int, ack: int) -> int:
    out = programs.scratch / "allocations"
    out.unlink(missing_ok=True)
    run(programs.command(side, "throughput", transport, size=size, count=count, ack=ack),
        env={**os.environ, "LD_PRELOAD": str(programs.bench / "libcount_allocations.so"),
             "GODWIT_ALLOCATIONS": str(out)})
    return sum(int(text) for text in out.read_text().split())


def costs(programs: Programs, runs: int) -> Iterator[list[Row]]:
    def a_message(count_all, transport: str, size: int, side: str, ack: int = 0) -> list[float]:
        messages = TRACED if count_all is _system_calls else UNTRACED
        few, many = (count_all(programs, side, transport, size, messages * times, ack) for times in (1, 2))
        return [max(0.0, many - few) / messages]

    for transport in ("inproc", "ipc", "tcp"):
        must, rule = (None, None) if transport == "inproc" else (1.2, "ratio <=")
        if shutil.which("strace"):
            row = Row("P13", "system calls in a flood", transport, 100, "calls/message", must, rule)
            yield measure([row], runs, lambda side: a_message(_system_calls, transport, 100, side))
        row = Row("P13", "wake-ups in a flood", transport, 100, "wake-ups/message")
        yield measure([row], runs, lambda side: a_message(_wake_ups, transport, 100, side))
        for size in (16, 100):
            row = Row("P13", "allocations in a flood", transport, size, "allocations/message", ALLOCATIONS_BY_CHANCE,
                      "ours - peer <=")
            yield measure([row], runs, lambda side: a_message(_allocations, transport, size, side))
    for transport in ("inproc", "ipc", "tcp"):
        wanted = [("system calls", _system_calls, "calls/message", 0.01), ("allocations", _allocations, "allocations/message", 0.001)]
        for what, count_all, unit, must in wanted:
            if count_all is _system_calls and not shutil.which("strace"):
                continue
            row = Row("P13", f"{what} in an acked flood", transport, 100, unit, must, "ours <=")
            yield measure([row], runs, lambda side: a_message(count_all, transport, 100, side, 1))
    if not shutil.which("strace"):
        print("system calls are left out: strace is not installed", file=sys.stderr)
