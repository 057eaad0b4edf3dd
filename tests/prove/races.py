"""Sockets that open and close in races, and closes under blocked threads, again and again."""
from programs import again


def run(build, seconds, seed):
    return again("races", build / "tests" / "test_conformance", ["ten thousand sockets open and close*", "row 66*"], seconds)
