"""The bytes of ZMTP 3, by hand: what a stranger may send, right or wrong."""
LAST, MORE, COMMAND = 0, 1, 4


def greeting(mechanism=b"NULL"):
    return b"\xff" + bytes(8) + b"\x7f\x03\x00" + mechanism.ljust(20, b"\0") + bytes(32)


def header(size, flags=LAST):
    return bytes([flags | 2]) + size.to_bytes(8, "big")


def frame(body, flags=LAST):
    return header(len(body), flags) + body


def metadata(name, value):
    return bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value


def ready(pattern, *more):
    return frame(b"\x05READY" + metadata(b"Socket-Type", pattern) + b"".join(more), COMMAND)


def handshake(pattern):
    return greeting() + ready(pattern)


# What begins the other protocols and versions. A whole message of ours follows where the version has messages.
def version_1(marker):
    return b"\x01\x00" + bytes([len(marker) + 1, 0]) + marker


def version_2(marker):
    return b"\xff" + bytes(8) + b"\x7f\x01\x08" + b"\x00\x00" + bytes([0, len(marker)]) + marker


def http(marker):
    return b"GET /" + marker + b" HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"


def tls(marker):
    hello = b"\x03\x03" + marker.ljust(32, b"\0")[:32] + b"\x00\x00\x04\x13\x01\x13\x02\x01\x00" + bytes(2)
    return b"\x16\x03\x01" + (len(hello) + 4).to_bytes(2, "big") + b"\x01" + len(hello).to_bytes(3, "big") + hello
