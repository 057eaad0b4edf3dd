"""`godwit doctor` against every kind of stranger: libzmq's socket types, other mechanisms, other protocols, silence."""
import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading

import plain
from plain import SOON

try:
    import zmq
except ImportError:
    plain.skip("this Python has no pyzmq (Debian: python3-zmq)")
if "GODWIT_BIN" not in os.environ:
    plain.skip("the godwit command is not built")

FITS = {"PUSH": "pull", "PULL": "push", "PUB": "sub", "XPUB": "sub", "SUB": "pub", "XSUB": "pub", "REP": "req",
        "REQ": "rep", "ROUTER": "req", "DEALER": "rep"}


def same(got, wanted, about):
    if got != wanted:
        raise AssertionError(f"got {got!r} instead of {wanted!r}: {about}")


def doctor(*arguments):
    """The exit status and what was found, as JSON; the text form has a line for each finding."""
    command = [os.environ["GODWIT_BIN"], "doctor", *arguments]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=SOON)
    same(done.stderr, "", arguments)
    same(done.stdout.count("\n"), 1, done.stdout)
    told = json.loads(done.stdout)
    same(told["healthy"], done.returncode == 0, told)
    return done.returncode, told


def is_wrong(found, check, words, status=1):
    code, told = found
    same(code, status, told)
    last = told["findings"][-1]
    same((last["check"], last["ok"]), (check, False), told)
    if words not in last["text"]:
        raise AssertionError(f"{words!r} is not in {last['text']!r}")


@contextlib.contextmanager
def raw(kind, transport, prepare=None):
    """A bound socket of libzmq's."""
    with zmq.Context() as context:
        bound = context.socket(kind)
        bound.set(zmq.LINGER, 0)
        if prepare:
            prepare(bound)
        where = plain.url(transport)
        bound.bind(where)
        yield where, bound
        bound.close()


@contextlib.contextmanager
def stranger(answer):
    """Listens, and gives each connection to `answer` in a thread; ends with the test."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        ended = threading.Event()

        def serve():
            while not ended.is_set():
                try:
                    taken, _ = listener.accept()
                except TimeoutError:
                    continue
                with taken:
                    taken.settimeout(SOON)
                    with contextlib.suppress(OSError):
                        answer(taken)

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            server.join()


def says(data):
    """Says it, and waits for the other side to go."""
    def answer(taken):
        taken.sendall(data)
        while taken.recv(4096):
            pass
    return answer


def greeting(major, minor, mechanism):
    return b"\xff" + bytes(8) + b"\x7f" + bytes([major, minor]) + mechanism.ljust(52, b"\0")


def each_socket_type_is_told_with_the_pattern_that_fits_it():
    for transport in ("tcp", "ipc"):
        for name, pattern in FITS.items():
            with raw(getattr(zmq, name), transport) as (where, _):
                code, told = doctor(where)
                same(code, 0, told)
                same((told["version"], told["mechanism"], told["socket_type"]), ("3.1", "NULL", name), told)
                same(told["round_trip_us"] > 0, True, told)
                same(doctor(where, "--as", pattern)[0], 0, name)
                other = "push" if pattern != "push" else "sub"
                is_wrong(doctor(where, "--as", other), "pattern", f"{pattern}")


def a_peer_that_no_pattern_fits_is_named():
    with raw(zmq.PAIR, "tcp") as (where, _):
        is_wrong(doctor(where), "pattern", "the peer is a PAIR: no pattern of godwit fits it")


def a_look_takes_no_message():
    with raw(zmq.PUSH, "tcp") as (where, push):
        for _ in range(3):
            same(doctor(where, "--as", "pull")[0], 0, where)
        same(push.poll(0, zmq.POLLOUT), 0, "somebody is joined")


def other_mechanisms_are_named():
    def plain_server(bound):
        bound.set(zmq.PLAIN_SERVER, 1)

    def curve_server(bound):
        bound.set(zmq.CURVE_SERVER, 1)
        bound.set(zmq.CURVE_SECRETKEY, zmq.curve_keypair()[1])

    with raw(zmq.PULL, "tcp", plain_server) as (where, _):
        is_wrong(doctor(where), "security", "the peer wants PLAIN")
    with raw(zmq.PULL, "tcp", curve_server) as (where, _):
        is_wrong(doctor(where), "security", "give --keys FILE and --server-key KEY")


def keys_for_a_peer_without_any_are_said():
    with tempfile.TemporaryDirectory() as directory, raw(zmq.PULL, "tcp") as (where, _):
        ours = directory + "/ours"
        subprocess.run([os.environ["GODWIT_BIN"], "keygen", ours], check=True, capture_output=True, timeout=SOON)
        found = doctor(where, "--keys", ours, "--server-key", ours + ".pub")
        is_wrong(found, "security", "the peer is not encrypted")


def behind_curve_the_fitting_pattern_is_found_and_a_wrong_key_told():
    with tempfile.TemporaryDirectory() as directory:
        for name in ("ours", "other"):
            subprocess.run([os.environ["GODWIT_BIN"], "keygen", f"{directory}/{name}"], check=True, capture_output=True,
                           timeout=SOON)
        public, secret = zmq.curve_keypair()

        def curve_server(bound):
            bound.set(zmq.CURVE_SERVER, 1)
            bound.set(zmq.CURVE_SECRETKEY, secret)

        ours = ("--keys", directory + "/ours")
        for name, pattern in FITS.items():
            with raw(getattr(zmq, name), "tcp", curve_server) as (where, bound):
                found = doctor(where, *ours, "--server-key", public.decode(), "--as", pattern)
                same(found[0], 0, found)
                same(found[1]["mechanism"], "CURVE", found)
                other = "push" if pattern != "push" else "sub"
                is_wrong(doctor(where, *ours, "--server-key", public.decode(), "--as", other), "pattern", "does not")
                if name == "PUSH":
                    same(bound.poll(0, zmq.POLLOUT), 0, "somebody is joined")
                found = doctor(where, *ours, "--server-key", directory + "/other.pub")
                is_wrong(found, "security", "--server-key is not the peer's key")


def a_peer_that_lets_nobody_in_is_told_by_its_own_word():
    ready = b"\x04\x0a\x05ERROR\x03400"
    with stranger(says(greeting(3, 0, b"NULL") + ready)) as where:
        is_wrong(doctor(where), "handshake", "does not let us in: '400'")


def older_versions_are_told():
    with stranger(says(b"\x01\x00")) as where:
        is_wrong(doctor(where), "protocol", "ZMTP 1.0")
    with stranger(says(b"\xff" + bytes(7) + b"\x01\x7f\x01\x08\x00\x00")) as where:
        is_wrong(doctor(where), "protocol", "ZMTP 2.0")


def other_protocols_are_shown_by_their_first_bytes():
    with stranger(says(b"SSH-2.0-Example_1.0\r\n")) as where:
        is_wrong(doctor(where), "protocol", "an SSH server listens")
        is_wrong(doctor(where), "protocol", "'SSH-2.0-Example_1.0'")
    with stranger(says(b"\x1b[31m\x00\xffgarbage\n")) as where:
        is_wrong(doctor(where), "protocol", "'\\x1b[31m\\x00\\xffgarbage'")

    def http(taken):
        if not taken.recv(4096).startswith(b"\xff"):
            taken.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n")
        taken.recv(4096)

    with stranger(http) as where:
        is_wrong(doctor(where, "--timeout", "1s"), "protocol", "an HTTP server listens")


def lies_in_the_handshake_end_it():
    for lie in (b"\x06" + b"\x7f" * 8, b"\x00\x05hello", b"\x04\x06\x05READY", b"\x04\x0c\x05READY\x20Socke",
                b"\x04\x12\x05READY\x01a\x7f\xff\xff\xffPULLPU"):
        with stranger(says(greeting(3, 0, b"NULL") + lie)) as where:
            is_wrong(doctor(where), "handshake", "no READY")
    with stranger(says(greeting(3, 0, b"null"))) as where:
        is_wrong(doctor(where), "protocol", "no security mechanism")
    with stranger(lambda taken: taken.recv(1)) as where:
        is_wrong(doctor(where), "protocol", "closes the connection without a word")
    with stranger(lambda taken: (taken.recv(64), taken.sendall(greeting(3, 0, b"NULL")[:20]))) as where:
        is_wrong(doctor(where), "protocol", "stops in the middle of its greeting")


def silence_times_out():
    with stranger(says(b"")) as where:
        is_wrong(doctor(where, "--timeout", "300ms"), "protocol", "says nothing", status=3)
    with stranger(says(greeting(3, 0, b"NULL"))) as where:
        is_wrong(doctor(where, "--timeout", "300ms"), "handshake", "does not say in time", status=3)


def an_interrupted_look_is_no_healthy_one():
    reached = threading.Event()

    def silent(taken):
        taken.recv(1)
        reached.set()
        while taken.recv(4096):
            pass

    with stranger(silent) as where:
        looking = subprocess.Popen([os.environ["GODWIT_BIN"], "doctor", where, "--timeout", "100s"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        same(reached.wait(SOON), True, "the doctor came")
        looking.send_signal(signal.SIGINT)
        said = looking.communicate(timeout=SOON)
        same((looking.returncode, said), (1, ("", "godwit: interrupted before anything was known\n")), "SIGINT")


def an_endless_talker_is_cut_off():
    def flood(taken):
        taken.sendall(greeting(3, 0, b"NULL") + b"\x06" + (1 << 15).to_bytes(8, "big") + b"\x05READY")
        while True:
            taken.sendall(bytes(1 << 16))

    with stranger(flood) as where:
        is_wrong(doctor(where), "handshake", "no READY")


CLAIMS = [
    each_socket_type_is_told_with_the_pattern_that_fits_it,
    a_peer_that_no_pattern_fits_is_named,
    a_look_takes_no_message,
    other_mechanisms_are_named,
    keys_for_a_peer_without_any_are_said,
    behind_curve_the_fitting_pattern_is_found_and_a_wrong_key_told,
    a_peer_that_lets_nobody_in_is_told_by_its_own_word,
    older_versions_are_told,
    other_protocols_are_shown_by_their_first_bytes,
    lies_in_the_handshake_end_it,
    silence_times_out,
    an_interrupted_look_is_no_healthy_one,
    an_endless_talker_is_cut_off,
]

if __name__ == "__main__":
    plain.run([(claim.__name__, claim) for claim in CLAIMS])
