"""The simulated world: seeds of the push/pull campaign until the time is over."""
import subprocess


def run(build, seconds, seed):
    program = build / "tests" / "push_pull_campaign"
    if not program.exists():
        return [f"{program} is not built"]
    first = seed % (1 << 40) + 1
    try:
        done = subprocess.run([str(program), "--seconds", str(max(1, int(seconds))), "--seed", str(first)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 120)
    except subprocess.TimeoutExpired:
        return [f"a seed from {first} on does not end"]
    print(done.stdout.splitlines()[-1] if done.stdout else "sim: no counts")
    breaches = [line for line in done.stdout.splitlines() if line.startswith(("BREACH", "seed "))]
    if done.returncode != 0 and not breaches:
        breaches = [f"exit status {done.returncode}: {done.stderr[-1500:]}"]
    if breaches:
        breaches.append(f"again, with its whole tail: {program} --only-seed N")
    return breaches
