"""The simulated world: seeds of its campaigns until the time is over, on each processor."""
import os
import subprocess
import time

# How many of eight seconds each has.
KINDS = {"push_pull": 6, "pub_sub": 1, "req_rep": 1}


def start(program, kind, seconds, first):
    return subprocess.Popen(["nice", str(program), "--kind", kind, "--seconds", str(max(1, int(seconds))), "--seed",
                             str(first)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True)


def run(build, seconds, seed):
    program = build / "tests" / "push_pull_campaign"
    if not program.exists():
        return [f"{program} is not built"]
    first = seed % (1 << 30) + 1
    breaches = []
    for kind, share in KINDS.items():
        part = seconds * share / sum(KINDS.values())
        end = time.monotonic() + part + 120
        # Seeds far apart, so that none is run twice.
        running = [start(program, kind, part, first + each * (1 << 32)) for each in range(os.cpu_count() or 1)]
        for each in running:
            try:
                said = each.communicate(timeout=max(1, end - time.monotonic()))[0].splitlines()
            except subprocess.TimeoutExpired:
                each.kill()
                each.communicate()
                breaches.append(f"{kind}: a seed does not end")
                continue
            print(said[-1] if said else "sim: no counts")
            found = [line for line in said if line.startswith(("BREACH", "seed "))]
            if each.returncode != 0 and not found:
                found = [f"exit status {each.returncode}: {' / '.join(said[-5:])}"]
            if found:
                found.append(f"again, with its event log: {program} --kind {kind} --only-seed N --tail 5000")
            breaches += found
    return breaches
