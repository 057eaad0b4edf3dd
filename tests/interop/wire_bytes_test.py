"""The worked examples of docs/plain_mapping.md, byte for byte, against a bare ZMTP 3.0 peer."""
import os
import re
import socket
import struct

import plain
from plain import SOON, Ours, Process, hexed, same

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + b"\0" + bytes(31)
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "plain_mapping.md")


def examples():
    """The page's examples: a list of the lines' bytes for each fenced block of hexadecimal."""
    with open(PAGE, encoding="utf-8") as page:
        blocks = re.findall(r"^```\n(.*?)^```", page.read(), re.S | re.M)
    found = []
    for block in blocks:
        lines = [re.match(r"^([<>] )?((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:\s|$)", line) for line in block.splitlines() if line]
        if lines and all(lines):
            found.append([(match[1] or "> ", bytes.fromhex(match[2])) for match in lines])
    return found


class Bare:
    """A connection to `where` that has shaken hands as a socket of the given type."""

    def __init__(self, where, socket_type):
        host, port = where.removeprefix("tcp://").split(":")
        self.stream = socket.create_connection((host, int(port)), SOON)
        self.stream.settimeout(SOON)
        self.stream.sendall(GREETING)
        Process.expect(self.take(64)[:1], b"\xff")
        ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(socket_type)) + socket_type
        self.stream.sendall(bytes([4, len(ready)]) + ready)
        flags, size = self.take(2)
        Process.expect(flags, 4)
        assert self.take(size).startswith(b"\x05READY")

    def take(self, count):
        data = b""
        while len(data) < count:
            more = self.stream.recv(count - len(data))
            assert more, "the connection was ended"
            data += more
        return data

    def expect(self, *lines):
        wanted = b"".join(lines)
        Process.expect(self.take(len(wanted)).hex(" "), wanted.hex(" "))


def scene(pattern, socket_type):
    ours = Ours()
    ours.new("o", pattern)
    bare = Bare(ours.must("bind", "o", "tcp://127.0.0.1:*"), socket_type)
    ours.must("peers", "o", 1, int(SOON * 1000))
    return ours, bare


def of(example):
    return [line for _, line in example]


def push():
    ours, bare = scene("push", b"PULL")
    for example, parts in zip(EXAMPLES[:4], (dict(body=b"hi"), dict(topic=b"t", body=b"hi"), dict(key=b"k", body=b"hi"),
                                              dict(topic=b"t", body=b"hi", headers=[(b"n", b"v")]))):
        ours.send("o", **parts)
        bare.expect(*of(example))
    ours.close()


def pull():
    ours, bare = scene("pull", b"PUSH")
    for example, parts in zip(EXAMPLES[:4], (dict(body=b"hi"), dict(topic=b"t", body=b"hi"), dict(key=b"k", body=b"hi"),
                                              dict(topic=b"t", body=b"hi", headers=[(b"n", b"v")]))):
        bare.stream.sendall(b"".join(of(example)))
        same(ours.recv("o"), parts)
    ours.close()


def pub():
    ours, bare = scene("pub", b"SUB")
    bare.stream.sendall(b"\x00\x01\x01")
    ours.must("subscribers", "o", hexed(b""), 1, int(SOON * 1000))
    ours.send("o", body=b"hi")
    bare.expect(*of(EXAMPLES[4]))
    ours.close()


def req():
    ours, bare = scene("req", b"REP")
    ours.send("o", body=b"hi")
    example = of(EXAMPLES[5])
    request_id = bare.take(len(example[0]))
    Process.expect(request_id[:2], example[0][:2])
    bare.expect(*example[1:3])
    bare.stream.sendall(b"".join([request_id, *example[4:]]))
    same(ours.recv("o"), dict(body=b"yo"))
    ours.close()


def rep():
    ours, bare = scene("rep", b"DEALER")
    example = of(EXAMPLES[6])
    bare.stream.sendall(b"".join(example[:3]))
    same(ours.recv("o"), dict(body=b"hi"))
    ours.send("o", body=b"yo", verb="reply")
    bare.expect(*example[3:])
    ours.close()


EXAMPLES = examples()

if __name__ == "__main__":
    Process.expect(len(EXAMPLES), 7)
    plain.run([(claim.__name__, claim) for claim in (push, pull, pub, req, rep)])
