"""The hostile side: a process of its own that does to a victim_peer what strangers do, one connection after the other.

Every kind is one coroutine: it opens one connection and ends within a few seconds. Whatever could be taken for a message
carries MARKER. Commands (know, mix, hold, roll_call) come on standard input, each is answered by one line of JSON."""
import asyncio
import collections
import contextlib
import json
import os
import random
import sys

import zmq
import zmtp

MARKER = b"stranger-4d3c"
PATIENCE = 4.0                 # seconds that a stranger waits to be thrown out
PUSHED_MAX = 128 << 20         # bytes, of what goes on until it is cut
BYTES_A_SECOND = 64 << 20      # at most, of one connection

Target = collections.namedtuple("Target", "pattern url keyed")     # pattern: rep, pull, pub
PARTNER = {"rep": b"REQ", "pull": b"PUSH", "pub": b"SUB"}          # who belongs at the other end
SOCKET = {"rep": zmq.REQ, "pull": zmq.PUSH, "pub": zmq.SUB}


# --- raw connections -------------------------------------------------------------------------------------------------

class Link:
    """A stream on which the bytes of ZMTP are written by hand."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def write(self, data):
        self.writer.write(data)
        await asyncio.wait_for(self.writer.drain(), PATIENCE)

    async def ended(self):
        async with asyncio.timeout(PATIENCE):
            while await self.reader.read(65536):
                pass

    async def shake_hands(self, pattern, *more):
        """libzmq takes what comes before its own READY is out for a breach."""
        await self.write(zmtp.greeting() + zmtp.ready(pattern, *more))
        async with asyncio.timeout(PATIENCE):
            await self.reader.readexactly(64)
            await self.reader.readexactly((await self.reader.readexactly(2))[1])

    async def write_until_cut(self, piece):
        for _ in range(PUSHED_MAX // len(piece)):
            await self.write(piece)
            await asyncio.sleep(len(piece) / BYTES_A_SECOND)


@contextlib.asynccontextmanager
async def link(target):
    host, port = target.url.removeprefix("tcp://").rsplit(":", 1)
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), PATIENCE)
    try:
        yield Link(reader, writer)
    finally:
        writer.transport.abort()


def sends(make):
    """A stranger that sends what `make` returns, and waits for its end."""
    async def kind(target, dice, keys):
        async with link(target) as stream:
            await stream.write(make(target, dice))
            await stream.ended()
    return kind


async def silent(target, dice, keys):
    async with link(target) as stream:
        await stream.ended()


async def storm(target, dice, keys):
    async with link(target):
        pass


async def slow_loris(target, dice, keys):
    async with link(target) as stream:
        for each in zmtp.greeting(b"CURVE" if target.keyed else b"NULL"):
            await stream.write(bytes([each]))
            await asyncio.sleep(0.05)
        await stream.ended()


def half_greeting(target, dice):
    return zmtp.greeting(b"CURVE" if target.keyed else b"NULL")[:dice.randrange(1, 65)]


def other_mechanism(target, dice):
    if target.keyed:
        return zmtp.handshake(PARTNER[target.pattern]) + zmtp.frame(MARKER)
    return zmtp.greeting(dice.choice([b"CURVE", b"PLAIN", b"GSSAPI"])) + zmtp.ready(b"PUSH") + zmtp.frame(MARKER)


def wrong_pattern(target, dice):
    return zmtp.handshake(b"PUB" if target.pattern != "pub" else b"REP") + zmtp.frame(MARKER)


async def huge_length(target, dice, keys):
    claimed = dice.choice([1 << 63, (1 << 64) - 1, 1 << 31, (1 << 20) + 1])
    async with link(target) as stream:
        if target.keyed:
            await stream.write(zmtp.greeting(b"CURVE") + zmtp.header(claimed, zmtp.COMMAND) + MARKER)
        else:
            await stream.shake_hands(PARTNER[target.pattern])
            await stream.write(zmtp.header(claimed, dice.choice([zmtp.LAST, zmtp.MORE])) + MARKER)
        await stream.ended()


def huge_ready(target, dice):
    size = dice.choice([900_000, 2 << 20])
    if target.keyed:
        return zmtp.greeting(b"CURVE") + zmtp.frame(b"\x05HELLO" + MARKER + bytes(size), zmtp.COMMAND)
    # One that is small enough might shake hands, but for what follows.
    return (zmtp.greeting() + zmtp.ready(PARTNER[target.pattern], zmtp.metadata(b"X-" + MARKER, bytes(size)))
            + zmtp.header(1 << 40))


async def endless_parts(target, dice, keys):
    async with link(target) as stream:
        await stream.shake_hands(b"XSUB" if target.pattern == "pub" else PARTNER[target.pattern])
        parts = zmtp.frame(MARKER + bytes(3900), zmtp.MORE) * 16
        await stream.write_until_cut(parts)


async def endless_ready(target, dice, keys):
    """A handshake that goes on and on."""
    async with link(target) as stream:
        await stream.write(zmtp.greeting(b"CURVE" if target.keyed else b"NULL"))
        await stream.write_until_cut(zmtp.frame(b"\x05ERROX" + MARKER + bytes(64 * 1024), zmtp.COMMAND))


def subscription(prefix):
    return zmtp.frame(b"\x01" + prefix)


async def million_topics(target, dice, keys):
    if target.keyed:
        return await keyed_million_topics(target, dice, keys)
    async with link(target) as stream:
        await stream.shake_hands(b"SUB")
        for first in range(0, 1_000_000, 1000):
            await stream.write(b"".join(subscription(MARKER + b"%d" % n) for n in range(first, first + 1000)))
            await asyncio.sleep(0.001)


async def megabyte_topic(target, dice, keys):
    async with link(target) as stream:
        await stream.shake_hands(b"SUB")
        size = dice.choice([4000, 900_000, 1 << 20])
        for number in range(256):
            await stream.write(subscription(MARKER + number.to_bytes(2, "big") + bytes(size)))


# --- libzmq's own, with keys -----------------------------------------------------------------------------------------

CONTEXT = zmq.Context()
ANSWERS = (zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL |
           zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_DISCONNECTED)


@contextlib.contextmanager
def client(target, keys, name, server=None, pattern=None):
    """A libzmq socket that dials once, as the holder of the pair of keys of that name."""
    made = CONTEXT.socket(pattern if pattern is not None else SOCKET[target.pattern])
    made.linger = made.sndhwm = 0
    made.reconnect_ivl = -1
    made.curve_publickey, made.curve_secretkey = (part.encode() for part in keys[name])
    made.curve_serverkey = (server or keys["server"][0]).encode()
    monitor = made.get_monitor_socket(ANSWERS)
    made.connect(target.url)
    try:
        yield made
    finally:
        made.disable_monitor()
        monitor.close()
        made.close()


async def answered(socket):
    """Waits until the victim has let it in, or not."""
    monitor = socket.get_monitor_socket()
    for _ in range(int(PATIENCE / 0.01)):
        if monitor.poll(0):
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def speak(socket, target, topic=b""):
    """Says what belongs to the pattern, and hears nothing."""
    if target.pattern == "pub":
        socket.subscribe(topic)
    else:
        with contextlib.suppress(zmq.Again):
            socket.send_multipart([topic, MARKER] if topic else [MARKER], zmq.NOBLOCK)
    await answered(socket)
    # A busy pub reads its subscriptions four times a second.
    await asyncio.sleep(0.6 if target.pattern == "pub" else 0.2)
    if target.pattern != "pull":
        with contextlib.suppress(zmq.ZMQError):          # nothing is there, or nothing was asked
            heard = socket.recv_multipart(zmq.NOBLOCK)
            raise AssertionError(f"a stranger heard {heard[0][:40]!r}")


def comes_with(name, right_server=True):
    async def kind(target, dice, keys):
        server = None if right_server else keys["unlisted"][0]
        with client(target, keys, name, server) as socket:
            await speak(socket, target)
    return kind


async def forbidden_topic(target, dice, keys):
    with client(target, keys, "limited") as socket:
        await speak(socket, target, dice.choice([b"secret", b"ticks", b"x" * 300]))


async def prefix_tricks(target, dice, keys):
    """May subscribe to `allowed.` and push `orders.`."""
    tricks = ([b"", b"a", b"allowed", b"Allowed.", b"\0allowed.", b"tick"] if target.pattern == "pub" else
              [b"order", b"orders", b"Orders.", b"\0orders.", b" orders."])
    with client(target, keys, "limited") as socket:
        await speak(socket, target, dice.choice(tricks))


async def forbidden_pattern(target, dice, keys):
    """May neither ask nor take, which its handshake says already."""
    with client(target, keys, "limited") as socket:
        await speak(socket, target)


async def large_message(target, dice, keys):
    """One of more than three times the limit; libzmq sends no message that has no end."""
    with client(target, keys, "limited") as socket:
        with contextlib.suppress(zmq.Again):             # ended in the middle, or not let in yet
            socket.send_multipart([b"secret"] + [MARKER + bytes(64 * 1024)] * 256, zmq.NOBLOCK)
        await answered(socket)
        await asyncio.sleep(0.5)


async def keyed_million_topics(target, dice, keys):
    with client(target, keys, "limited") as socket:
        await answered(socket)
        for first in range(0, 20_000, 500):
            for n in range(first, first + 500):
                socket.subscribe(b"allowed." + MARKER + b"%d" % n)
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.3)


# --- the mix ---------------------------------------------------------------------------------------------------------

Kind = collections.namedtuple("Kind", "run weight plain keyed at_once rises")
EVERY = ("rep", "pull", "pub")
REFUSED = ("refused_handshakes",)
ENDED = ("over_limit",)
RIGHTS = ("refused_messages", "refused_subscriptions")


def kind(run, weight, plain=EVERY, keyed=EVERY, at_once=64, rises=REFUSED):
    """`rises`: the counters that name it; each such stranger makes one of them rise."""
    return Kind(run, weight, plain, keyed, at_once, rises)


KINDS = {
    "silent": kind(silent, 30),
    "storm": kind(storm, 60),
    "half_greeting": kind(sends(half_greeting), 39),
    "noise": kind(sends(lambda target, dice: MARKER + dice.randbytes(dice.randrange(1, 4096))), 30),
    "zmtp_1": kind(sends(lambda target, dice: zmtp.version_1(MARKER)), 18),
    "zmtp_2": kind(sends(lambda target, dice: zmtp.version_2(MARKER)), 18),
    "http": kind(sends(lambda target, dice: zmtp.http(MARKER)), 18),
    "tls": kind(sends(lambda target, dice: zmtp.tls(MARKER)), 18),
    "other_mechanism": kind(sends(other_mechanism), 18),
    "wrong_pattern": kind(sends(wrong_pattern), 12, keyed=()),
    "slow_loris": kind(slow_loris, 9),
    "huge_length": kind(huge_length, 18, rises=REFUSED + ("joined",)),
    "huge_ready": kind(sends(huge_ready), 2, at_once=2, rises=REFUSED + ENDED + ("joined",)),
    "endless_ready": kind(endless_ready, 1, at_once=2, rises=REFUSED + ENDED),
    "endless_parts": kind(endless_parts, 1, keyed=(), at_once=1, rises=ENDED),
    "large_message": kind(large_message, 1, plain=(), keyed=("pull",), at_once=1, rises=RIGHTS + ENDED),
    "million_topics": kind(million_topics, 1, plain=("pub",), keyed=("pub",), at_once=1, rises=ENDED),
    "megabyte_topic": kind(megabyte_topic, 1, plain=("pub",), keyed=(), at_once=1, rises=("joined",)),
    "wrong_server_key": kind(comes_with("limited", right_server=False), 12, plain=(), at_once=8),
    "unlisted_key": kind(comes_with("unlisted"), 12, plain=(), at_once=8),
    "revoked_key": kind(comes_with("revoked"), 12, plain=(), at_once=8),
    "forbidden_topic": kind(forbidden_topic, 9, plain=(), keyed=("pull", "pub"), at_once=8, rises=RIGHTS),
    "prefix_tricks": kind(prefix_tricks, 9, plain=(), keyed=("pull", "pub"), at_once=8, rises=RIGHTS),
    "forbidden_pattern": kind(forbidden_pattern, 9, plain=(), keyed=("rep",), at_once=8),
}
THROWN_OUT = (OSError, asyncio.IncompleteReadError)


class Strangers:
    def __init__(self, targets, keys, seed):
        self.targets = [Target(*each) for each in targets]
        self.keys = keys
        self.dice = random.Random(seed)
        self.held = contextlib.ExitStack()
        self.places = {name: asyncio.Semaphore(each.at_once) for name, each in KINDS.items()}

    def targets_of(self, name):
        return [t for t in self.targets if t.pattern in (KINDS[name].keyed if t.keyed else KINDS[name].plain)]

    async def one(self, name, target, counts):
        dice = random.Random(self.dice.random())
        async with self.places[name]:
            try:
                await KINDS[name].run(target, dice, self.keys)
                counts[name] += 1
            except THROWN_OUT:
                counts[name] += 1
            except TimeoutError:
                counts[name] += 1
                counts["not thrown out"] += 1
            except AssertionError as failure:
                counts[f"{name}: {failure}"] += 1

    async def mix(self, number, seconds, names=None):
        """So many of all kinds, or of these, evenly over the time."""
        counts = collections.Counter()
        kinds = {name: KINDS[name].weight for name in names or KINDS}
        names = self.dice.choices(list(kinds), list(kinds.values()), k=number)
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as all_of_them:
            for index, name in enumerate(names):
                await asyncio.sleep(max(0.0, began + index * seconds / number - loop.time()))
                all_of_them.create_task(self.one(name, self.dice.choice(self.targets_of(name)), counts))
        return counts

    async def hold(self, name, targets):
        """Live links of an allowed key, to stay."""
        for target in targets:
            target = Target(*target)
            self.held.enter_context(client(target, self.keys, name)).subscribe(b"allowed.")
        await asyncio.sleep(0.5)
        return {}

    async def roll_call(self, name):
        """One of this kind at each target."""
        counts = collections.Counter()
        await asyncio.gather(*(self.one(name, target, counts) for target in self.targets_of(name)))
        return counts


async def main():
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))       # whoever is honest goes first
    made = None
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        verb, _, rest = line.strip().partition(" ")
        what = json.loads(rest)
        if verb == "know":
            made = Strangers(**what)
            print("ok {}", flush=True)
        else:
            print("ok", json.dumps(await getattr(made, verb)(**what)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
