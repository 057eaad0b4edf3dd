"""P15: resident memory of an idle context with its first socket, and of an idle pair of push and pull."""
from typing import Iterator

from programs import Programs
from rows import Row, measure

FEW, MANY = 20, 220


def memory(programs: Programs, runs: int) -> Iterator[list[Row]]:
    for transport, must in (("ipc", 80), ("inproc", None)):
        rows = [Row("P15", "an idle pair", transport, None, "KiB", must, must and "ours <=")]
        if transport == "ipc":
            rows.append(Row("P15", "an idle context", transport, None, "KiB", 4096, "ours <="))

        def once(side: str) -> list[float]:
            few, many = (programs.run(side, "footprint", transport, count=count) for count in (FEW, MANY))
            pair = (many["all_kib"] - few["all_kib"]) / (MANY - FEW)
            return [pair, many["context_kib"]][:len(rows)]

        yield measure(rows, runs, once)
