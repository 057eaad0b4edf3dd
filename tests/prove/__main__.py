"""Runs the reliability campaigns against a build, and prints what they counted; exits with 1 if anything does not hold."""
import argparse
import importlib
import random
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

# Each is a file with run(build, seconds, seed, …), which returns the breaches; with its share of the time.
CAMPAIGNS = {"hostile": 6, "flood": 1, "flaps": 2, "races": 2, "sim": 3, "feed": 1, "outbox": 1, "chain": 2,
             "crashes": 1, "fuzz": 1}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/prove", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180, help="for all of them, about (180)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--only", metavar="NAMES", default="", help="of " + ",".join(CAMPAIGNS))
    parser.add_argument("--connections", type=int, default=10_000, help="of the hostile campaign (10,000)")
    parser.add_argument("--short", action="store_true", help="the hostile campaign without a claim about time")
    parser.add_argument("--sanitized", action="store_true", help="the build has a sanitizer: no claim about memory")
    parser.add_argument("--build", metavar="DIR", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--fuzz-build", metavar="DIR", type=Path, default=Path("build/fuzz"), help=argparse.SUPPRESS)
    out = parser.parse_args()
    out.only = [word.strip() for word in out.only.split(",") if word.strip()] or list(CAMPAIGNS)
    if unknown := set(out.only) - set(CAMPAIGNS):
        parser.error(f"no campaign: {', '.join(sorted(unknown))}")
    return out


def main() -> int:
    args = arguments()
    share = args.seconds / sum(CAMPAIGNS[name] for name in args.only)
    broken = 0
    for name in args.only:
        began = time.monotonic()
        more = {"hostile": {"connections": args.connections, "timed": not args.short, "measured": not args.sanitized},
                "outbox": {"slowness": 10 if args.sanitized else 1},
                "chain": {"slowness": 10 if args.sanitized else 1},
                "fuzz": {"fuzz_build": args.fuzz_build}}.get(name, {})
        breaches = importlib.import_module(name).run(args.build, share * CAMPAIGNS[name], args.seed, **more)
        for breach in breaches:
            print(f"{name}: BREACH: {breach}")
        broken += bool(breaches)
        print(f"{name}: {'does not hold' if breaches else 'holds'}; {time.monotonic() - began:.0f} s", flush=True)
    if broken:
        print(f"again: scripts/prove --seconds {args.seconds:.0f} --seed {args.seed} --only {','.join(args.only)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
