"""A feed of lines through `godwit push --ack | godwit pull --ack` over tcp, while the receiver is killed and the sender's
link is cut again and again: all lines arrive, none is dead, and what comes twice is what was not acked at a kill or cut."""
import bisect
import collections
import random
import selectors
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

LINES, KILLS, CUTS = 1_000_000, 10, 50
# What was acked so long before a fault has been heard of, or the acks were not a quarter of the credit (65,536 messages)
# yet, nor ten milliseconds old: a busy machine takes its time.
HEARD_AFTER = 0.5
UNTOLD_MAX = 65_536 // 4
POLL = 0.0005
NO_LINGER = struct.pack("ii", 1, 0)


class Relay(threading.Thread):
    """Passes bytes between who dials it and the receiver's port, until it is told to cut: a RST to both."""

    def __init__(self, to):
        super().__init__(daemon=True)
        self.to = to
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.watched = selectors.DefaultSelector()
        self.watched.register(self.listener, selectors.EVENT_READ)
        self.wanted = threading.Event()
        self.start()

    def cut(self):
        """False: there is no link to be cut."""
        if len(self.watched.get_map()) < 3:
            return False
        self.wanted.set()
        while self.wanted.is_set():
            time.sleep(POLL)
        return True

    def run(self):
        while True:
            for key, _ in self.watched.select(0.002):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj.fileno() >= 0:
                    self.pass_on(key.fileobj, key.data)
            if self.wanted.is_set():
                for key in list(self.watched.get_map().values()):
                    if key.data is not None:
                        self.end(key.fileobj)
                self.wanted.clear()

    def accept(self):
        near, _ = self.listener.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self.to), 5)
        except OSError:
            near.close()
            return
        self.watched.register(near, selectors.EVENT_READ, far)
        self.watched.register(far, selectors.EVENT_READ, near)

    def pass_on(self, side, other):
        try:
            data = side.recv(1 << 18)
            if data:
                other.sendall(data)
                return
        except OSError:
            pass
        self.end(side)
        self.end(other)

    def end(self, side):
        """Of a link both sides are ended, by whoever finds one of them."""
        if side.fileno() < 0:
            return
        self.watched.unregister(side)
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        side.close()


class Feed:
    def __init__(self, build, folder, seed):
        self.tool = str(build / "tools" / "godwit")
        self.random = random.Random(seed)
        self.input, self.output = folder / "in", folder / "out"
        self.errors = open(folder / "errors", "wb")
        with open(self.input, "w") as out:
            out.writelines(f"{number} {self.random.randrange(1 << 30):x}\n" for number in range(LINES))
        self.output.touch()
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        self.holder = holder  # reserves the port
        self.port = holder.getsockname()[1]
        self.relay = Relay(self.port)
        self.faults = []  # (kind, bytes that were printed by then, and before all that may be unheard of)
        self.samples = collections.deque()  # (time, bytes that were printed by then)

    def start_receiver(self):
        self.receiver = subprocess.Popen([self.tool, "pull", "--ack", "--bind", f"tcp://127.0.0.1:{self.port}"],
                                         stdout=open(self.output, "ab"), stderr=self.errors)

    def start_sender(self):
        self.sender = subprocess.Popen([self.tool, "push", "--ack", "--connect", f"tcp://127.0.0.1:{self.relay.port}",
                                        "--linger", "120s"], stdin=open(self.input, "rb"), stderr=self.errors)

    def printed(self):
        return self.output.stat().st_size

    def sample(self):
        now = time.monotonic()
        self.samples.append((now, self.printed()))
        while len(self.samples) > 1 and self.samples[1][0] < now - HEARD_AFTER:
            self.samples.popleft()
        return self.samples[-1][1]

    def wait_until(self, size, end):
        while self.sample() < size and self.sender.poll() is None:
            if time.monotonic() > end:
                return False
            time.sleep(POLL)
        return True

    def note(self, kind):
        printed = self.sample()
        self.faults.append((kind, printed, self.samples[0][1]))

    def kill(self):
        self.receiver.send_signal(signal.SIGKILL)
        self.receiver.wait()
        self.note("kill")
        self.start_receiver()

    def cut(self):
        while not self.relay.cut():
            if self.sender.poll() is not None:
                return
            time.sleep(POLL)
        self.note("cut")

    def run(self, end):
        """Whether it came to its end."""
        self.start_receiver()
        self.start_sender()
        total = self.input.stat().st_size
        plan = [self.kill] * KILLS + [self.cut] * CUTS
        self.random.shuffle(plan)
        places = sorted(self.random.sample(range(total // 100, total - total // 50), len(plan)))
        for fault, place in zip(plan, places):
            if not self.wait_until(place, end):
                return False
            fault()
        try:
            self.sender.wait(max(1.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self):
        for each in (self.sender, self.receiver):
            each.kill()
            each.wait()


def judge(feed):
    """What was printed, against what was fed: the breaches, and the counts."""
    wanted = feed.input.read_bytes().split(b"\n")[:-1]
    raw = feed.output.read_bytes()
    got = raw.split(b"\n")[:-1]
    starts, at = [], 0
    first, repeats, strange = {}, [], 0
    known = set(wanted)
    for index, line in enumerate(got):
        starts.append(at)
        at += len(line) + 1
        if line not in known:
            strange += 1
        elif line in first:
            repeats.append(first[line])
        else:
            first[line] = index
    breaches = []
    if len(first) != len(wanted):
        breaches.append(f"{len(wanted) - len(first)} of {len(wanted)} lines are missing")
    if strange:
        breaches.append(f"{strange} lines were never fed")
    # Each repeat is of a line that stood among the last before a fault.
    faults = [bisect.bisect_left(starts, size) for _, size, _ in feed.faults]
    heard = [bisect.bisect_left(starts, size) for _, _, size in feed.faults]
    of_fault = [0] * len(faults)
    for index in repeats:
        after = bisect.bisect_right(faults, index)
        if after < len(faults) and index >= min(heard[after], faults[after] - UNTOLD_MAX):
            of_fault[after] += 1
        else:
            breaches.append(f"line {index} of the output came again, although no fault was near")
            break
    return breaches, {kind: [count for (what, *_), count in zip(feed.faults, of_fault) if what == kind]
                      for kind in ("kill", "cut")}


def run(build, seconds, seed):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="godwit-feed-") as folder:
        feed = Feed(build, Path(folder), seed)
        try:
            ended = feed.run(time.monotonic() + max(seconds, 120))
            took = time.monotonic() - began
            breaches, repeats = judge(feed)
        finally:
            feed.close()
        if not ended:
            breaches.append(f"it did not come to its end in {took:.0f} s")
        elif feed.sender.returncode != 0:
            said = (Path(folder) / "errors").read_text()[-500:]
            breaches.append(f"push ended with {feed.sender.returncode}: {said}")
        kinds = [kind for kind, *_ in feed.faults]
        for kind, wanted in (("kill", KILLS), ("cut", CUTS)):
            if kinds.count(kind) != wanted:
                breaches.append(f"{kinds.count(kind)} of {wanted} {kind}s were done")
        print(f"feed: {LINES} lines in {took:.1f} s, the receiver killed {kinds.count('kill')} times, the sender's link "
              f"cut {kinds.count('cut')} times")
        for kind, counts in repeats.items():
            print(f"feed: came twice after a {kind}: {sum(counts)}, at most {max(counts, default=0)} after one")
        print(f"feed: dead letters: {'none' if feed.sender.returncode == 0 else 'see the error'}", flush=True)
        return breaches
