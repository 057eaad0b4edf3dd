"""P13: system calls, wake-ups and allocations for a message, of both ends and all their threads. A run of N messages is taken
from one of 2 N, so that starting and ending do not count."""
import os
import resource
import shutil
import sys
from typing import Iterator

from programs import Failed, Programs, run
from rows import Row, measure
from speed import loop_ways

TRACED, UNTRACED = 100_000, 1_000_000     # messages
# A batch that libzmq reads is one allocation when messages still point into the last: chance, of a few in a hundred.
ALLOCATIONS_BY_CHANCE = 0.05
WAKE_UPS_MAX = 0.1      # of all threads of both ends


def _system_calls(programs: Programs, command: list[str]) -> int:
    out = programs.scratch / "strace"
    run(["strace", "-c", "-f", "-o", str(out), *command])
    for text in out.read_text().splitlines():
        words = text.split()
        if words and words[-1] == "total":
            return int(words[3])
    raise Failed("strace left no figures")


def _wake_ups(_: Programs, command: list[str]) -> int:
    """How often a thread slept and was woken, with nothing slowed down."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw
    run(command)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw - before


def _processor_ns(_: Programs, command: list[str]) -> float:
    """What all threads of both ends worked: it holds, roughly, on a busy machine, where rates do not."""
    used = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) * 1e9
    before = used()
    run(command)
    return used() - before


def _allocations(programs: Programs, command: list[str]) -> int:
    out = programs.scratch / "allocations"
    out.unlink(missing_ok=True)
    run(command, env={**os.environ, "LD_PRELOAD": str(programs.bench / "libcount_allocations.so"),
                      "GODWIT_ALLOCATIONS": str(out)})
    return sum(int(text) for text in out.read_text().split())


def _a_message(programs: Programs, count_all, side: str, name: str, transport: str, messages: int = 0,
               **options) -> list[float]:
    messages = messages or (TRACED if count_all is _system_calls else UNTRACED)
    few, many = (count_all(programs, programs.command(side, name, transport, count=messages * times, **options))
                 for times in (1, 2))
    return [max(0.0, many - few) / messages]


def curve_costs(programs: Programs, runs: int) -> Iterator[list[Row]]:
    for transport in ("ipc", "tcp"):
        for size, messages in ((100, 300_000), (1024, 100_000), (65536, 5_000)):
            row = Row("curve", "processor time, push/pull, CURVE", transport, size, "ns/message")
            yield measure([row], runs, lambda side: _a_message(
                programs, _processor_ns, side, "throughput", transport, messages, size=size, curve=1))


def loop_costs(programs: Programs, runs: int) -> Iterator[list[Row]]:
    """What it costs to wait in an event loop, beside our own blocking call: a batch is woken for, and not a message."""
    for transport in ("inproc", "ipc", "tcp"):
        for name, word, with_loop, without in loop_ways(programs):
            wanted = [("wake-ups", _wake_ups, "wake-ups/message", WAKE_UPS_MAX)]
            if shutil.which("strace") and word in ("epoll", "coroutine", "asio"):
                wanted.append(("system calls", _system_calls, "calls/message", None))
            for what, count_all, unit, must in wanted:
                row = Row("loop", f"{what}, pull by {word}", transport, 100, unit, must, "ours <=" if must else None,
                          peer_name="godwit, blocking recv")
                messages = TRACED if count_all is _system_calls else 3 * TRACED
                yield measure([row], runs, lambda side: _a_message(
                    programs, count_all, "ours", name, transport, messages, size=100,
                    **(with_loop if side == "ours" else without)))


def costs(programs: Programs, runs: int) -> Iterator[list[Row]]:
    def a_message(count_all, transport: str, size: int, side: str, ack: int = 0) -> list[float]:
        return _a_message(programs, count_all, side, "throughput", transport, size=size, ack=ack)

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
