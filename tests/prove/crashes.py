"""Journals on simulated disks that are stopped at any call, again and again, on each processor: what was confirmed is there,
once and in order, whatever the disk lost."""
import os
import re
import subprocess
import time

COUNTS = re.compile(r"(\d+) lives, (\d+) crash states; (.*)")


def start(program, seconds, first):
    return subprocess.Popen(["nice", str(program), "--seconds", str(max(1, int(seconds))), "--seed", str(first)],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(build, seconds, seed):
    program = build / "tests" / "crash_campaign"
    if not program.exists():
        return [f"{program} is not built"]
    breaches, lives, states, found = [], 0, 0, {}
    end = time.monotonic() + seconds + 120
    # Seeds far apart, so that none is run twice.
    running = [start(program, seconds, seed % (1 << 30) + 1 + each * (1 << 32)) for each in range(os.cpu_count() or 1)]
    for each in running:
        try:
            said = each.communicate(timeout=max(1, end - time.monotonic()))[0]
        except subprocess.TimeoutExpired:
            each.kill()
            each.communicate()
            breaches.append("a seed does not end")
            continue
        counts = COUNTS.search(said)
        if each.returncode != 0 or not counts:
            breaches.append(f"exit status {each.returncode}: {said[-1500:]} again: {program} --only-seed N")
        if counts:
            lives, states = lives + int(counts[1]), states + int(counts[2])
            for word in counts[3].split(", "):
                name, _, number = word.rpartition(" ")
                found[name] = found.get(name, 0) + int(number)
    print(f"crashes: {lives} lives, {states} crash states; "
          + ", ".join(f"{name} {number}" for name, number in found.items()))
    return breaches
