"""Runs a test program again and again until the time is up."""
import re
import subprocess
import time

PASSED = re.compile(r"(\d+) assertions? in \d+ test cases?")


def again(name, program, claims, seconds, run_seconds_max=120):
    """Each of the claims in turn, at least once; returns what does not hold."""
    breaches = []
    if not program.exists():
        return [f"{program} is not built"]
    end = time.monotonic() + seconds
    runs = dict.fromkeys(claims, 0)
    checks = 0
    while min(runs.values()) == 0 or time.monotonic() < end:
        claim = min(runs, key=runs.get)
        runs[claim] += 1
        try:
            done = subprocess.run([str(program), claim], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=run_seconds_max)
        except subprocess.TimeoutExpired:
            breaches.append(f"{claim}: not done after {run_seconds_max} s")
            continue
        found = PASSED.search(done.stdout)
        checks += int(found.group(1)) if found else 0
        if done.returncode != 0 or not found:
            breaches.append(f"{claim}: exit status {done.returncode}: {done.stdout[-1500:]}")
    print(f"{name}: " + "; ".join(f"{claim.rstrip('*')}: {number} times" for claim, number in runs.items())
          + f"; {checks} checks")
    return breaches
