"""Numbers through a chain of three processors, over ipc and tcp, while each of them is killed again and again and started anew:
each number arrives once, and each processor has counted it once. The first and the last process are not killed."""
import random
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

STAGES = 3
NUMBERS_A_SECOND = 5_000  # that there are, of the campaign's time
LIFE_MIN, LIFE_MAX = 0.05, 0.4  # seconds; of a build with a sanitizer ten times as long
DRAIN_SECONDS = 300


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


class Chain:
    def __init__(self, peer, folder, count):
        self.peer, self.folder, self.count, self.breaches = str(peer), folder, count, []
        # ipc, tcp, ipc, tcp: a stage is found again where it was.
        self.urls = [f"ipc://{folder}/{i}" if i % 2 == 0 else f"tcp://127.0.0.1:{free_port()}" for i in range(STAGES + 1)]
        self.got = folder / "got"
        with self.got.open("wb") as sink:
            self.sink = subprocess.Popen([self.peer, "sink", self.urls[-1], str(count)], stdout=sink)
        self.source = subprocess.Popen([self.peer, "source", self.urls[0], str(count)])
        self.stages = [self.begin(i) for i in range(STAGES)]

    def begin(self, i):
        return subprocess.Popen([self.peer, "stage", self.urls[i], self.urls[i + 1], str(self.folder / f"journal{i}")],
                                stderr=subprocess.PIPE)

    def end(self, i):
        one = self.stages[i]
        early = one.poll()
        one.send_signal(signal.SIGKILL)
        one.wait()
        words = one.stderr.read().decode().strip()
        one.stderr.close()
        if early is not None or words:
            self.breaches.append(f"stage {i} ended by itself, with {early}: {words}")

    def is_over(self):
        return self.source.poll() is not None and self.sink.poll() is not None

    def close(self):
        for i in range(STAGES):
            self.end(i)
        for one in (self.source, self.sink):
            if one.poll() is None:
                one.kill()
            if one.wait() != 0:
                self.breaches.append(f"an end of the chain ended with {one.returncode}")


def run(build, seconds, seed, slowness=1):
    chance = random.Random(seed)
    count = max(1000, int(seconds * NUMBERS_A_SECOND / slowness))
    with tempfile.TemporaryDirectory(prefix="godwit-chain-") as folder:
        chain = Chain(build / "tests" / "chain_peer", Path(folder), count)
        kills, began = 0, time.monotonic()
        while not chain.is_over() and not chain.breaches and time.monotonic() - began < seconds + DRAIN_SECONDS:
            time.sleep(slowness * chance.uniform(LIFE_MIN, LIFE_MAX))
            if time.monotonic() - began < seconds:
                i = chance.randrange(STAGES)
                chain.end(i)
                chain.stages[i] = chain.begin(i)
                kills += 1
        chain.close()
        return chain.breaches + judge(count, kills, chain.got.read_text().splitlines())


def judge(count, kills, lines):
    """A line is the number and what each stage had counted with it: of each of them every number up to `count`, once."""
    breaches, columns = [], [[] for _ in range(1 + STAGES)]
    for line in lines:
        words = line.split(" ")
        if len(words) != 1 + STAGES or not all(word.isdigit() for word in words):
            breaches.append(f"an odd line: {line!r}")
            continue
        for column, word in zip(columns, words):
            column.append(int(word))
    names = ["numbers"] + [f"counts of stage {i}" for i in range(STAGES)]
    lost = repeated = 0
    for name, column in zip(names, columns):
        different = set(column)
        missing = count - len(different & set(range(1, count + 1)))
        again = len(column) - len(different)
        lost, repeated = lost + missing, repeated + again
        if missing or again or len(different) > count:
            breaches.append(f"{name}: {missing} are missing, {again} are there again, {len(different)} differ")
    print(f"chain: {kills} kills, {count} numbers through {STAGES} processors, {len(lines)} arrived; "
          f"lost {lost}, repeated {repeated}")
    if kills == 0:
        breaches.append("nothing was ever killed: the campaign shows nothing")
    return breaches
