"""Runs Godwit beside raw libzmq, interleaved in one job, and prints and writes the ratios: see docs/performance.md."""
import argparse
import shutil
import sys
import time
from pathlib import Path

import acked
import costs
import instructions
import memory
import speed
from programs import Failed, Programs
from rows import HEAD, show, write_json


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--only", metavar="IDS", default="", help="of P1,P2,P3,P7,P8,P11,P13,P14,P15,curve,loop; pub/sub runs without it")
    parser.add_argument("--quick", action="store_true", help="3 runs instead of 9, shorter, of fewer sizes")
    parser.add_argument("--json", metavar="FILE", help="where the rows go; - is standard output, behind the table")
    parser.add_argument("--against-itself", action="store_true",
                        help="libzmq in both places: how far from 1 a ratio is that means nothing")
    parser.add_argument("--build", metavar="DIR", type=Path, required=True, help=argparse.SUPPRESS)
    out = parser.parse_args()
    out.only = {word.strip() for word in out.only.split(",") if word.strip()}
    unknown = out.only - {"P1", "P2", "P3", "P7", "P8", "P11", "P13", "P14", "P15", "curve", "loop"}
    if unknown:
        parser.error(f"not measured yet: {', '.join(sorted(unknown))}")
    return out


def jobs(args: argparse.Namespace, programs: Programs):
    """Yields rows as they are measured."""
    runs, few = (3, 1) if args.quick else (9, 3)   # `few` for figures that repeat
    seconds = 0.2 if args.quick else 0.4
    sizes = (100, 1024) if args.quick else speed.SIZES
    wanted = lambda name: not args.only or name in args.only
    if wanted("P1"):
        yield from speed.floods(programs, runs, seconds, (16, 100, 1024, 65536) if args.quick else speed.SIZES)
        if shutil.which("valgrind"):
            yield from instructions.instructions(programs, few)
        else:
            print("instructions are left out: valgrind is not installed", file=sys.stderr)
    if wanted("P2"):
        yield from speed.round_trips(programs, runs, seconds, sizes)
    if not args.only:
        yield from speed.fan_outs(programs, runs, seconds, (100,) if args.quick else speed.SIZES)
    for name in ("P3", "P7"):
        if wanted(name):
            yield from acked.floods(programs, runs, seconds, name)
    if wanted("P8"):
        yield from acked.lone(programs, runs, seconds)
    if wanted("P11"):
        yield from acked.fan_outs(programs, runs, seconds)
    if wanted("P14"):
        yield from acked.topics(programs, runs, seconds)
    if wanted("curve"):
        yield from speed.encrypted(programs, runs, seconds)
        yield from costs.curve_costs(programs, runs)
    if wanted("loop"):
        yield from speed.event_loops(programs, runs, seconds)
        yield from costs.loop_costs(programs, few)
    if wanted("P13"):
        yield from costs.costs(programs, runs)
    if wanted("P15"):
        yield from memory.memory(programs, few)


def main() -> int:
    args = arguments()
    began = time.monotonic()
    try:
        programs = Programs(args.build, args.against_itself)
    except Failed as failure:
        print(f"scripts/bench: {failure}", file=sys.stderr)
        return 1
    rows = []
    print(HEAD)
    for more in jobs(args, programs):
        rows += more
        show(more)
    if args.json:
        write_json(rows, args.json)
    demanded = [row for row in rows if row.must is not None]
    broken = [row for row in rows if row.error]
    print(f"{sum(row.holds for row in demanded)} of {len(demanded)} musts hold, {len(broken)} rows could not be "
          f"measured; {time.monotonic() - began:.0f} s", file=sys.stderr if args.json == "-" else sys.stdout)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
