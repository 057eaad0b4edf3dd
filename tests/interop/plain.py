"""What the interop tests share: our sockets as a scripted process, claims over every transport and direction."""
import itertools
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time

SOON = 20.0
BUILD = os.environ.get("GODWIT_BUILD", "build/release")


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def hexed(data):
    return data.hex() if data else "-"


class Process:
    """A program that answers each line of a script with one line; dies with the test."""

    def __init__(self, command):
        self.command = command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.heard = b""
        self.expect(self.hear(), "ready")

    def say(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words).encode() + b"\n")

    def hear(self, limit=3 * SOON):
        end = time.monotonic() + limit
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.heard:
                if not waiting.select(max(0.0, end - time.monotonic())):
                    raise AssertionError("no answer")
                got = self.process.stdout.read(65536)
                if not got:
                    raise AssertionError("the peer is gone")
                self.heard += got
        line, self.heard = self.heard.split(b"\n", 1)
        return line.decode()

    def answers_within(self, seconds):
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            return b"\n" in self.heard or bool(waiting.select(seconds))

    def ask(self, *words):
        self.say(*words)
        return self.hear()

    def must(self, *words):
        answer = self.ask(*words)
        if not answer.startswith("ok"):
            raise AssertionError(f"{' '.join(map(str, words))}: {answer}")
        return answer[3:]

    @staticmethod
    def expect(got, wanted):
        if got != wanted:
            raise AssertionError(f"got {got!r}, wanted {wanted!r}")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Ours(Process):
    """Godwit's sockets: tests/system/plain_peer.cpp."""

    def __init__(self):
        program = os.path.join(BUILD, "tests", "plain_peer")
        if not os.path.exists(program):
            raise SystemExit(f"{program} is missing: build first, or set GODWIT_BUILD")
        super().__init__([program])

    def new(self, name, pattern, *options):
        self.must("new", name, pattern, *options)

    def send(self, name, body=b"", topic=b"", key=b"", headers=(), verb="send"):
        words = [f"topic={hexed(topic)}", f"key={hexed(key)}", f"body={hexed(body)}"]
        words += [f"header={hexed(n)}:{hexed(v)}" for n, v in headers]
        self.must(verb, name, *words)

    def recv(self, name):
        """The message as a dictionary of topic, key, body, headers and frames."""
        message = {"headers": []}
        for word in self.must("recv", name, int(SOON * 1000)).split():
            field, value = word.split("=", 1)
            if field == "header":
                message["headers"].append(tuple(unhexed(part) for part in value.split(":")))
            elif field == "frames":
                message["frames"] = [unhexed(part) for part in value.split(",")]
            else:
                message[field] = unhexed(value)
        return message


def unhexed(text):
    return b"" if text == "-" else bytes.fromhex(text)


# --- claims ----------------------------------------------------------------------------------------------------------

_scratch = tempfile.TemporaryDirectory(prefix="godwit-interop-")
_count = itertools.count()
_reserved = []


def url(transport):
    """Fresh, and known before anybody binds it. A reserved port is bound here, never listened on."""
    if transport == "ipc":
        return f"ipc://{_scratch.name}/{next(_count)}"
    if transport == "abstract":
        return f"ipc://@godwit-interop-{os.getpid()}-{next(_count)}"
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _reserved.append(holder)
    return f"tcp://127.0.0.1:{holder.getsockname()[1]}"


# What messages of ours look like to others: (parts of the message, its frames on push, req and rep).
SHAPES = [
    (dict(body=b"body"), [b"body"]),
    (dict(body=b""), [b""]),
    (dict(body=b"body", topic=b"topic"), [b"topic", b"body"]),
    (dict(body=b"body", key=b"key"), [b"", b"body", b"key"]),
    (dict(body=b"", topic=b"t"), [b"t", b""]),
    (dict(body=b"b", topic=b"t", key=b"k", headers=[(b"n", b"v")]), [b"t", b"b", b"k", b"n", b"v"]),
    (dict(body=b"b", headers=[(b"n", b"v"), (b"m", b"")]), [b"", b"b", b"", b"n", b"v", b"m", b""]),
    (dict(body=bytes(range(256)) * 400), [bytes(range(256)) * 400]),
]


def published(frames):
    """The frames of a publication: its topic always comes first."""
    return [b""] + frames if len(frames) == 1 else frames


def publish_until_heard(ours, name, publish):
    """A PUB does not tell who subscribed: publishes until our sub `name` has heard, and has caught up with it."""
    ours.say("recv", name, int(SOON * 1000))
    end = time.monotonic() + SOON
    while not ours.answers_within(0.01) and time.monotonic() < end:
        publish([b"prologue", b""])
    if not ours.hear().startswith("ok"):
        raise AssertionError("nothing was heard")
    publish([b"end of prologue", b""])
    while ours.recv(name)["topic"] != b"end of prologue":
        pass


def same(message, parts):
    for field in ("body", "topic", "key"):
        Process.expect(message[field], parts.get(field, b""))
    Process.expect(message["headers"], list(parts.get("headers", [])))


def run(claims):
    """Runs every claim; ends the program with 1 if one does not hold."""
    failed = 0
    for name, claim in claims:
        try:
            claim()
            print("ok", name)
        except Exception as failure:  # noqa: BLE001: a claim may fail in any way
            failed += 1
            print("FAILED", name, "-", type(failure).__name__, failure)
    print(f"{len(claims) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not claims else 0)
