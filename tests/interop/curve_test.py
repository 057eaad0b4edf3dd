"""CURVE by libzmq through pyzmq against our keys: both directions of bind and connect, over tcp and ipc."""
import functools
import os
import tempfile

import plain
from plain import SOON, Ours, Process, hexed

try:
    import zmq
except ImportError:
    plain.skip("this Python has no pyzmq (Debian: python3-zmq)")
if not zmq.has("curve"):
    plain.skip("this libzmq was built without CURVE")

MILLISECONDS = int(SOON * 1000)
FOLDER = tempfile.TemporaryDirectory(prefix="godwit-curve-")


def file_of(name, text):
    """A file that only we can read, as our key files have to be."""
    path = os.path.join(FOLDER.name, name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(text)
    return path


class Scene:
    """Our pull with its keys, a raw PUSH with its own, and both pairs."""

    def __init__(self, transport, we_bind, admitted=True, right_server=True):
        self.context = zmq.Context()
        our_public, our_secret = zmq.curve_keypair()
        raw_public, raw_secret = zmq.curve_keypair()
        other_public, _ = zmq.curve_keypair()
        expected = our_public if right_server else other_public
        self.raw = self.context.socket(zmq.PUSH)
        self.raw.set(zmq.SNDTIMEO, MILLISECONDS)
        self.raw.set(zmq.LINGER, 0)
        self.raw.set(zmq.CURVE_PUBLICKEY, raw_public)
        self.raw.set(zmq.CURVE_SECRETKEY, raw_secret)
        self.ours = Ours()
        options = ["keys=" + file_of("key", our_secret + b"\n")]
        where = plain.url(transport)
        if we_bind:
            listed = raw_public if admitted else other_public
            self.ours.new("o", "pull", *options, "allow=" + file_of("list", b"# ours\n" + listed + b" push=t\n"))
            self.ours.must("bind", "o", where)
            self.raw.set(zmq.CURVE_SERVERKEY, expected)
            self.raw.connect(where)
        else:
            self.raw.set(zmq.CURVE_SERVER, 1)
            self.raw.bind(where)
            server = raw_public if right_server else other_public
            self.ours.new("o", "pull", *options, "server=" + hexed(server))
            self.ours.must("connect", "o", where)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ours.close()
        self.raw.close()
        self.context.term()

    def refused(self, words):
        """The next refusal at our side, which says so."""
        while True:
            answer = self.ours.must("event", "o", MILLISECONDS)
            if answer.startswith("handshake_refused"):
                if words not in answer:
                    raise AssertionError(answer)
                return


def sealed(transport, we_bind):
    with Scene(transport, we_bind) as s:
        s.ours.must("peers", "o", 1, MILLISECONDS)
        s.raw.send_multipart([b"t", b"sealed"])
        Process.expect(s.ours.recv("o")["body"], b"sealed")


def only_its_topics(transport, _):
    with Scene(transport, True) as s:
        s.ours.must("peers", "o", 1, MILLISECONDS)
        for topic in (b"s", b"", b"t"):
            s.raw.send_multipart([topic, b"body"])
        Process.expect(s.ours.recv("o")["topic"], b"t")


def not_listed(transport, _):
    with Scene(transport, True, admitted=False) as s:
        s.refused("not listed")


def wrong_server(transport, we_bind):
    with Scene(transport, we_bind, right_server=False) as s:
        s.refused("")


if __name__ == "__main__":
    plain.run([(f"{name}, {transport}, {'we bind' if we_bind else 'we connect'}",
                functools.partial(case, transport, we_bind))
               for name, case, ways in (("a sealed message", sealed, (True, False)),
                                        ("topics of its right only", only_its_topics, (True,)),
                                        ("a key that is not listed", not_listed, (True,)),
                                        ("another server's key", wrong_server, (True, False)))
               for transport in ("tcp", "ipc", "abstract") for we_bind in ways])
