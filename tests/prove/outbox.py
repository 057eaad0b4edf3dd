"""Lines through `godwit push --ack --journal DIR` to a pull, while the push is killed again and again and started anew: what
it had confirmed as durable arrives, whole and in order, and nothing that was never sent."""
import random
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

LIFE_MIN, LIFE_MAX = 0.01, 0.25  # seconds; of a build with a sanitizer ten times as long
LINES_A_LIFE = 20_000
DRAIN_SECONDS = 300


class Life:
    """One process, from its start to its SIGKILL."""

    def __init__(self, command, number):
        self.number, self.confirmed, self.fed = number, 0, 0
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.threads = [threading.Thread(target=work) for work in (self.feed, self.count)]
        for each in self.threads:
            each.start()

    def feed(self):
        try:
            while self.fed < LINES_A_LIFE:
                some = "".join(f"{self.number} {self.fed + i}\n" for i in range(100))
                self.process.stdin.write(some.encode())
                self.process.stdin.flush()
                self.fed += 100
        except (BrokenPipeError, ValueError):
            pass

    def count(self):
        for line in self.process.stdout:
            if line.endswith(b"\tdurable\n"):
                self.confirmed += 1

    def end(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for each in self.threads:
            each.join()
        # What was being written may have been taken in part.
        self.fed = min(LINES_A_LIFE, self.fed + 100)
        words = self.process.stderr.read().decode().strip()
        for each in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                each.close()
            except BrokenPipeError:
                pass
        return words


def run(build, seconds, seed, slowness=1):
    chance = random.Random(seed)
    tool = str(build / "tools" / "godwit")
    with tempfile.TemporaryDirectory(prefix="godwit-outbox-") as folder:
        url = f"ipc://{folder}/sock"
        with open(f"{folder}/got", "wb") as sink:
            pull = subprocess.Popen([tool, "pull", "--bind", url, "--ack"], stdout=sink)
            try:
                return campaign(chance, [tool, "push", "--connect", url, "--ack", "--journal", f"{folder}/journal"],
                                seconds, Path(folder) / "got", slowness)
            finally:
                pull.terminate()
                pull.wait()


def campaign(chance, command, seconds, got, slowness):
    end, lives, breaches = time.monotonic() + seconds, [], []
    confirmed = False
    while time.monotonic() < end or (not confirmed and time.monotonic() < end + DRAIN_SECONDS):
        one = Life([*command, "--receipts", "durable"], len(lives))
        time.sleep(slowness * chance.uniform(LIFE_MIN, LIFE_MAX))
        if words := one.end():
            breaches.append(f"life {one.number} said: {words}")
        lives.append(one)
        confirmed = confirmed or one.confirmed > 0
        if not confirmed:
            slowness *= 2  # a loaded machine takes longer to begin
    last = subprocess.run([*command, "--linger", f"{DRAIN_SECONDS}s"], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=DRAIN_SECONDS + 30)
    if last.returncode != 0:
        breaches.append(f"the last run ended with {last.returncode}: {last.stderr.strip()}")
    return breaches + judge(lives, got.read_text().splitlines())


def judge(lives, lines):
    breaches, first, repeats, phantoms, corrupted = [], [], 0, 0, 0
    seen = set()
    for line in lines:
        try:
            life, number = map(int, line.split(" "))
        except ValueError:
            corrupted += 1
            continue
        if life >= len(lives) or number >= lives[life].fed:
            phantoms += 1
        elif (life, number) in seen:
            repeats += 1
        else:
            seen.add((life, number))
            first.append((life, number))
    lost = sum((one.number, i) not in seen for one in lives for i in range(one.confirmed))
    reordered = sum(a > b for a, b in zip(first, first[1:]))
    confirmed = sum(one.confirmed for one in lives)
    print(f"outbox: {len(lives)} kills, {confirmed} lines confirmed, {len(seen)} arrived, {repeats} of them again; "
          f"lost {lost}, phantom {phantoms}, corrupted {corrupted}, reordered {reordered}")
    for name, count in (("lost", lost), ("phantom", phantoms), ("corrupted", corrupted), ("reordered", reordered)):
        if count:
            breaches.append(f"{count} {name}")
    if confirmed == 0:
        breaches.append("nothing was ever confirmed: the campaign shows nothing")
    return breaches
