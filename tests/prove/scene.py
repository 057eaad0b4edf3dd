"""The victim, its honest users and its strangers: processes of their own, with their keys."""
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from plain import Process, hexed, skip

try:
    import zmq
except ImportError:
    skip("this Python has no pyzmq (Debian: python3-zmq)")
if not zmq.has("curve"):
    skip("this libzmq was built without CURVE")

LIMITS = {"message_bytes_max": 1 << 20, "handshakes_max": 64, "peers_max": 1000, "unread_bytes_max": 16 << 20,
          "subscriptions_max": 1000, "subscription_bytes_max": 64 << 10}
PATTERNS = ("rep", "pull", "pub")


class Window:
    """The round trips of a member in about a second, in microseconds."""

    def __init__(self, text):
        self.member, count, *times = text.split(":")
        self.count = int(count)
        self.p50, self.p99, self.worst = map(float, times)


class Scene:
    def __init__(self, build: Path, seed: int):
        self.build = build
        self._folder = tempfile.TemporaryDirectory(prefix="godwit-hostile-")
        self.keys = {name: tuple(part.decode() for part in zmq.curve_keypair())
                     for name in ("server", "regular", "limited", "revoked", "late", "unlisted")}
        listed = [self.keys["regular"][0], self.keys["revoked"][0], self.keys["late"][0],
                  self.keys["limited"][0] + " sub=allowed. push=orders."]
        self.victim = Process([str(build / "tests" / "victim_peer")])
        urls = self.victim.must("serve", self._file("server", self.keys["server"][1]), self._file("list", *listed),
                                *(f"{field}={value}" for field, value in LIMITS.items())).split()
        self.plain, self.keyed = urls[:3], urls[3:]
        self.regular = self.user("plain", "keyed")
        self.strangers = Process([sys.executable, str(Path(__file__).with_name("strangers.py"))])
        targets = [(pattern, url, keyed) for keyed, some in ((False, self.plain), (True, self.keyed))
                   for pattern, url in zip(PATTERNS, some)]
        self.tell("know", targets=targets, keys=self.keys, seed=seed)

    def user(self, plain_name, keyed_name):
        """An honest process of two members."""
        made = Process([str(self.build / "tests" / "regular_peer")])
        made.must("join", plain_name, *self.plain)
        made.must("join", keyed_name, *self.keyed, self._file("key", self.keys["regular"][1]),
                  hexed(self.keys["server"][0].encode()))
        return made

    def _file(self, name, *lines):
        path = os.path.join(self._folder.name, name)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write("\n".join(lines) + "\n")
        return path

    def tell(self, verb, **what):
        return json.loads(self.strangers.must(verb, json.dumps(what)))

    def revoke(self, name):
        self.victim.must("revoke", hexed(self.keys[name][0].encode()))

    def report(self):
        return json.loads(self.victim.must("report"))

    def windows(self):
        return [Window(each) for each in self.regular.must("window").split()]

    def breaches_of(self, user):
        """Ends an honest user: what did not come, came twice, or was not answered."""
        breaches = []
        totals = [each.split(":") for each in user.must("end").split()]
        for member, *numbers in totals:
            asked, answered, pushed, _, missed = map(int, numbers)
            breaches += [f"{member}: {asked - answered} of {asked} requests are not answered"] * (answered != asked)
            breaches += [f"{member}: {missed} ticks are missing"] * (missed != 0)
            wanted = {"asked": asked, "pushed": pushed}
            for verb, number in wanted.items():
                got = self.came(verb, member, number)
                if number and got != {"came": number, "missing": 0, "repeated": 0}:
                    breaches.append(f"{member}: {number} {verb}, the victim has {got}")
        return totals, breaches

    def came(self, verb, member, number):
        """What the victim counted, once it has all or does not get more."""
        got = before = None
        while before is None or (got != before and got["came"] < number):
            before = got
            got = self.report()[verb]["senders"].get(member, {"came": 0})
            time.sleep(0.2)
        return got

    def foreign(self):
        """What reached the application and is of no honest user."""
        report = self.report()
        return [f"{report[verb]['foreign']} foreign messages were {verb}, the first: {report[verb]['first_foreign']}"
                for verb in ("asked", "pushed") if report[verb]["foreign"]]

    def counters(self):
        """Of all the victim's sockets together."""
        total = {}
        for each in self.report()["context"]["sockets"]:
            for name, value in each["stats"].items():
                total[name] = total.get(name, 0) + value
        return total

    def status(self, field):
        """Of the victim's process, in bytes."""
        for line in Path(f"/proc/{self.victim.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(field)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.victim.process.pid}/fd"))

    def close(self):
        for process in (self.strangers, self.regular, self.victim):
            process.close()
        self._folder.cleanup()
