"""Hostile connections of every kind beside honest traffic over tcp, in the clear and with keys.

First each kind comes alone, and its counter must rise. Then quiet and hostile phases alternate, because a machine is never
alone; the p99 of a phase is the median of that of its windows, a second each."""
import collections
import json
import statistics
import time

from scene import LIMITS, Scene
from strangers import BYTES_A_SECOND, KINDS

A_SECOND = 100                 # connections: the pace of the hostile side, whose processes run only when others do not
ROLL_CALLS = 3
PATIENCE = 30  # seconds, for what the victim will count: it shares two cores with whatever else is tested
PAUSE = 2000                   # microseconds between two round trips of an honest member
QUIET, HOSTILE = 4, 12         # seconds of a phase
IDLE_LOOK = 0.32               # seconds between two looks at what a peer sends, at most: see options.hpp
HANDSHAKE_BYTES = 64 << 10     # libzmq's buffers of a link


def memory_bound() -> int:
    """What options.hpp states for one link of each kind, as often as the strangers hold it at once."""
    links = lambda *names: sum(KINDS[name].at_once for name in names)
    unread = LIMITS["unread_bytes_max"] + IDLE_LOOK * BYTES_A_SECOND
    subscriptions = 4096 * LIMITS["subscriptions_max"] + 40 * LIMITS["subscription_bytes_max"]
    return int(links("endless_parts", "large_message", "million_topics", "megabyte_topic") * unread
               + links("million_topics", "megabyte_topic") * subscriptions
               + links("huge_ready", "endless_ready") * LIMITS["message_bytes_max"]
               + 6 * LIMITS["handshakes_max"] * HANDSHAKE_BYTES)


def descriptors_bound() -> int:
    """Each link has two: libzmq's and our duplicate. What has not shaken hands is limited, what joins is by its number."""
    joining = sum(each.at_once for each in KINDS.values() if "refused_handshakes" not in each.rises)
    return 2 * (6 * LIMITS["handshakes_max"] + joining + KINDS["huge_length"].at_once)


class Run:
    def __init__(self, scene, timed):
        self.scene, self.timed = scene, timed
        self.breaches = []
        self.counts = collections.Counter()
        self.windows = collections.defaultdict(list)    # by member and phase
        self.descriptors = 0

    def look(self, phase, number):
        for _ in range(number):
            end = time.monotonic() + 1
            while (left := end - time.monotonic()) > 0:
                time.sleep(min(0.1, left))
                self.descriptors = max(self.descriptors, self.scene.descriptors())
            for window in self.scene.windows():
                self.windows[window.member, phase].append(window)

    def count(self, counts):
        for name, number in counts.items():
            if name in KINDS:
                self.counts[name] += number
            else:
                self.breaches.append(f"{name}: {number}")

    def roll_call(self):
        for name, each in KINDS.items():
            # On a busy machine a stranger may give up before it was let in to do harm.
            if not any(self.is_counted(name, each.rises) for _ in range(ROLL_CALLS)):
                self.breaches.append(f"{name}: {' and '.join(each.rises)} did not rise in {ROLL_CALLS} calls")

    def is_counted(self, name, fields):
        before = self.scene.counters()
        counts = self.scene.tell("roll_call", name=name)
        self.count(counts)
        rose = lambda: sum(self.scene.counters()[field] - before[field] for field in fields)
        end = time.monotonic() + PATIENCE
        while rose() < counts.get(name, 1) and time.monotonic() < end:
            time.sleep(0.02)
        return rose() >= counts.get(name, 1)

    def storm(self, number, seconds, revokes):
        self.scene.windows()                             # what came in between counts for neither phase
        self.scene.strangers.say("mix", json.dumps({"number": number, "seconds": seconds}))
        if revokes:
            time.sleep(0.5)
            self.revoke_under_load()
        while not self.scene.strangers.answers_within(0):
            self.look("hostile", 1)
        self.count(json.loads(self.scene.strangers.hear().removeprefix("ok ")))
        self.scene.windows()

    def revoke_under_load(self):
        before = self.scene.counters()["revoked"]
        self.scene.revoke("late")
        end = time.monotonic() + PATIENCE
        while self.scene.counters()["revoked"] - before < 2 and time.monotonic() < end:
            time.sleep(0.02)
        if self.scene.counters()["revoked"] - before < 2:
            self.breaches.append("two live links of a revoked key are not ended")

    def judge_times(self):
        for member in ("plain", "keyed"):
            middle = {phase: [statistics.median(getattr(window, field) for window in self.windows[member, phase])
                              for field in ("p50", "p99")] for phase in ("quiet", "hostile", "after")}
            ratio = middle["hostile"][1] / middle["quiet"][1]
            print(f"hostile: {member}: round trip p50/p99 in us: " + ", ".join(
                f"{phase} {p50:.0f}/{p99:.0f}" for phase, (p50, p99) in middle.items()) + f"; p99 x{ratio:.2f}")
            if ratio > 2:
                self.breaches.append(f"{member}: the p99 is {ratio:.2f} times that of the quiet phases")


def run(build, seconds, seed, connections=10_000, timed=True, measured=True):
    """`timed`: judges the round trips; `measured`: judges the memory. Returns what does not hold."""
    scene = Scene(build, seed)
    try:
        return campaign(Run(scene, timed), scene, seconds, connections, measured)
    finally:
        scene.close()


def campaign(run, scene, seconds, connections, measured):
    scene.regular.must("begin", PAUSE)
    scene.tell("hold", name="late", targets=[("pub", scene.keyed[2], True)] * 2)
    scene.revoke("revoked")
    run.look("warm", 2 if run.timed else 1)
    memory, descriptors = scene.status("VmHWM"), scene.descriptors()
    run.roll_call()
    rounds = max(2, round((seconds - 15) / (QUIET + HOSTILE))) if run.timed else 1
    number = min(-(-connections // rounds), A_SECOND * HOSTILE)
    scene.windows()
    for index in range(rounds):
        if run.timed:
            run.look("quiet", QUIET)
        run.storm(number, HOSTILE if run.timed else 2, index == 0)
    run.look("after", QUIET if run.timed else 1)

    print(f"hostile: {run.counts.total()} connections in {rounds} phases, at most {A_SECOND} a second: "
          + ", ".join(f"{name} {count}" for name, count in sorted(run.counts.items())))
    totals, breaches = scene.breaches_of(scene.regular)
    run.breaches += breaches + scene.foreign()
    for member, asked, answered, pushed, ticks, missed in totals:
        print(f"hostile: {member}: {answered} of {asked} requests answered, {pushed} pushed, "
              f"{ticks} ticks heard, {missed} missed")
    print("hostile: the victim counted " + ", ".join(
        f"{name} {value}" for name, value in scene.counters().items() if value and not name.endswith("_bytes")))
    grown, bound = scene.status("VmHWM") - memory, memory_bound()
    print(f"hostile: memory {memory >> 20} MiB and {grown >> 20} MiB more at its peak, bound {bound >> 20} MiB; descriptors "
          f"{descriptors} before, {run.descriptors} at most, bound {descriptors + descriptors_bound()}, "
          f"{scene.descriptors()} after")
    if measured and grown > bound:
        run.breaches.append(f"{grown >> 20} MiB of memory above the bound of {bound >> 20}")
    if run.descriptors > descriptors + descriptors_bound():
        run.breaches.append(f"{run.descriptors} descriptors")
    if run.timed:
        run.judge_times()
    return run.breaches
