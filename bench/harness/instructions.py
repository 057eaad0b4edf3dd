"""P1's instructions: what the caller's own thread executes for a message, by callgrind. They repeat where time does
not. A run of N messages is taken from one of 2 N, so that starting and ending do not count."""
import subprocess
from typing import Iterator

from programs import Failed, Programs, end, finish, run, start
from rows import Row, measure

MESSAGES = 20_000


def _callgrind(programs: Programs, command: list[str]) -> list[str]:
    for old in programs.scratch.glob("callgrind.*"):
        old.unlink()
    return ["valgrind", "--tool=callgrind", "--separate-threads=yes", "--fair-sched=yes", "-q",
            f"--callgrind-out-file={programs.scratch}/callgrind.out", *command]


def _total(programs: Programs, thread: int) -> int:
    """Instructions of one thread; threads are numbered as they begin."""
    for file in programs.scratch.glob(f"callgrind.out*-{thread:02}"):
        for text in file.read_text().splitlines():
            if text.startswith("totals:"):
                return int(text.split()[1])
    raise Failed("callgrind left no figures")


def _one_end(programs: Programs, side: str, end_watched: str, transport: str, **options) -> int:
    """Over ipc and tcp the watched end is a process of its own, and the other one runs at full speed."""
    command = programs.command(side, "throughput", transport, **options)
    watched = _callgrind(programs, command + ["--role", end_watched])
    other = command + ["--role", "send" if end_watched == "recv" else "recv"]
    first, second = (watched, other) if end_watched == "recv" else (other, watched)
    receiver = start(first)
    sender = start(second, stdin=subprocess.PIPE)   # stays until its standard input ends
    try:
        finish(receiver)
        finish(sender)
    finally:
        end(receiver)
        end(sender)
    return _total(programs, 1)


def _caller(programs: Programs, side: str, end_watched: str, transport: str, **options) -> int:
    if transport != "inproc":
        return _one_end(programs, side, end_watched, transport, **options)
    run(_callgrind(programs, programs.command(side, "throughput", transport, **options)))
    return _total(programs, 1 if end_watched == "recv" else 2)


def instructions(programs: Programs, runs: int) -> Iterator[list[Row]]:
    def row(watched: str, transport: str, size: int, batch: int) -> list[Row]:
        some = "" if batch == 1 else f", {batch} a call"
        out = Row("P1", f"caller's part of a {watched}{some}", transport, size, "instructions/message")
        if batch == 1:
            out.must, out.rule = 1.10, "ratio <="

        def once(side: str) -> list[float]:
            few, many = (_caller(programs, side, watched, transport, size=size, batch=batch, count=MESSAGES * times)
                         for times in (1, 2))
            return [(many - few) / MESSAGES]

        return measure([out], runs, once)

    for transport in ("inproc", "ipc", "tcp"):
        for size in (100, 1024):
            for watched in ("send", "recv"):
                yield row(watched, transport, size, 1)
    for watched in ("send", "recv"):
        yield row(watched, "tcp", 100, 16)
