"""C++ to Python and back, in every pattern, plain and with acks: the C++ side is the godwit command."""

import subprocess
import uuid

import pytest

import godwit
from conftest import SOON

RELIABLY = {"plain": (None, []), "acks": (godwit.AckRetry(), ["--ack"])}


@pytest.fixture(params=["ipc", "tcp"])
def endpoint(request):
    return f"ipc://@godwit-py-{uuid.uuid4()}" if request.param == "ipc" else "tcp://127.0.0.1:*"


@pytest.fixture(params=list(RELIABLY))
def kind(request):
    return RELIABLY[request.param]


class Program:
    """The command; ended with the test."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def test_python_pushes_to_cpp(context, command, endpoint, kind):
    with godwit.Push(context, ack_retry=kind[0]) as out:
        with Program(command, "pull", "--connect", out.bind(endpoint), "--count", "100", *kind[1]) as program:
            out.wait_for_peers(1, SOON)
            for number in range(100):
                out.send(str(number))
            assert program.communicate(timeout=SOON)[0].split() == [str(i) for i in range(100)]
            assert program.returncode == 0


def test_cpp_pushes_to_python(context, command, endpoint, kind):
    with godwit.Pull(context, ack_retry=kind[0]) as pull:
        with Program(command, "push", "--connect", pull.bind(endpoint), *kind[1]) as program:
            program.stdin.write("".join(f"{i}\n" for i in range(100)))
            program.stdin.close()
            for number in range(100):
                got = pull.recv(SOON)
                assert got.text == str(number)
                got.ack()
            assert program.wait(SOON) == 0


def test_python_publishes_to_cpp(context, command, endpoint, kind):
    with godwit.Pub(context, ack_retry=kind[0]) as pub:
        with Program(command, "sub", "--connect", pub.bind(endpoint), "--topic", "eur", "--count", "10", *kind[1]) as program:
            pub.wait_for_subscribers("eur", 1, SOON)
            for number in range(10):
                pub.send(str(number), topic="eur")
            assert program.communicate(timeout=SOON)[0].split() == [str(i) for i in range(10)]


def test_cpp_publishes_to_python(context, command, endpoint, kind):
    with godwit.Sub(context, ack_retry=kind[0]) as sub:
        sub.subscribe("eur")
        with Program(command, "pub", "--connect", sub.bind(endpoint), "--topic", "eur", "--peers", "1", *kind[1]) as program:
            program.stdin.write("".join(f"{i}\n" for i in range(10)))
            program.stdin.close()
            for number in range(10):
                got = sub.recv(SOON)
                assert (got.text, got.topic) == (str(number), "eur")
                got.ack()


def test_python_asks_cpp(context, command, endpoint, kind):
    with godwit.Req(context, ack_retry=kind[0]) as ask:
        with Program(command, "rep", "--connect", ask.bind(endpoint), "--echo", *kind[1]):
            for number in range(10):
                assert ask.request(str(number), timeout=SOON).text == str(number)


def test_cpp_asks_python(context, command, endpoint, kind):
    with godwit.Rep(context, ack_retry=kind[0]) as serve:
        with Program(command, "req", "--connect", serve.bind(endpoint), *kind[1]) as program:
            program.stdin.write("one\ntwo\n")
            program.stdin.close()
            for _ in range(2):
                asked = serve.recv(SOON)
                serve.reply(asked, asked.text.upper())
            assert program.stdout.read().split() == ["ONE", "TWO"]


def test_a_worker_that_is_killed_loses_nothing(context, command, endpoint):
    with godwit.Push(context, ack_retry=godwit.AckRetry(heartbeat=0.1, lease=0.5)) as out:
        bound = out.bind(endpoint)
        for number in range(20):
            out.send(str(number))
        with Program(command, "pull", "--connect", bound, "--ack") as first:
            seen = [first.stdout.readline().strip() for _ in range(5)]
            first.kill()
            seen += first.stdout.read().split()
        with Program(command, "pull", "--connect", bound, "--ack") as second:
            while len(set(seen)) < 20:
                seen.append(second.stdout.readline().strip())
            out.flush(timeout=SOON)
        assert sorted(set(seen), key=int) == [str(i) for i in range(20)]
