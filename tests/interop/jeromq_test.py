"""JeroMQ, an implementation without libzmq, against our sockets: six patterns over tcp, both directions.

Needs a JDK and Maven (Debian: default-jdk-headless, maven). The jars named by jeromq/pom.xml are fetched once into the
build directory; without them, and without a repository to fetch them from, the test is skipped.
"""
import functools
import glob
import os
import shutil
import subprocess

import plain
from plain import BUILD, SHAPES, SOON, Ours, Process, hexed, published, same, unhexed

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "jeromq")
JARS = os.path.join(BUILD, "tests", "jeromq")
MILLISECONDS = int(SOON * 1000)


def jars():
    if not shutil.which("javac") or not shutil.which("java"):
        plain.skip("no JDK (Debian: default-jdk-headless)")
    if not glob.glob(os.path.join(JARS, "jeromq-*.jar")):
        if not shutil.which("mvn"):
            plain.skip("no Maven to fetch JeroMQ with (Debian: maven)")
        fetch = ["mvn", "-B", "-q", "-Dstyle.color=never", "-f", os.path.join(HERE, "pom.xml"), "dependency:copy-dependencies",
                 "-DoutputDirectory=" + os.path.abspath(JARS)]
        try:
            fetched = subprocess.run(fetch, capture_output=True, text=True, timeout=200, check=False)
            last = (fetched.stdout.strip() or "Maven failed").splitlines()[0]
        except subprocess.TimeoutExpired:
            last = "no answer"
        if not glob.glob(os.path.join(JARS, "jeromq-*.jar")):
            plain.skip("JeroMQ cannot be fetched by Maven: " + last[:200])
    return os.path.join(JARS, "*")


def compiled():
    classpath = jars()
    subprocess.run(["javac", "-d", JARS, "-cp", classpath, os.path.join(HERE, "RawPeer.java")], check=True)
    return ["java", "-cp", classpath + ":" + JARS, "RawPeer"]


class Jeromq(Process):
    def send(self, name, frames):
        self.must("send", name, *map(hexed, frames))

    def recv(self, name):
        return [unhexed(part) for part in self.must("recv", name).split(",")]


def connected(ours, raw, pattern, raw_type, we_bind, name):
    """A socket of ours and one of JeroMQ's, both called `name`."""
    where = plain.url("tcp")
    ours.new(name, pattern)
    raw.must("new", name, raw_type)
    if we_bind:
        ours.must("bind", name, where)
        raw.must("connect", name, where)
    else:
        raw.must("bind", name, where)
        ours.must("connect", name, where)
    joined(ours, raw, name)


def joined(ours, raw, name):
    """JeroMQ 0.6.0 at times does not register a connection that came up with its poller until something else happens
    there (seen by its system calls: EPOLL_CTL_DEL, then epoll_wait without the EPOLL_CTL_ADD that otherwise comes between):
    a further socket of its own, bound to a port of its own, is that something."""
    for attempt in range(4):
        if ours.ask("peers", name, 1, 1000).startswith("ok"):
            return
        raw.must("new", f"{name}-nudge-{attempt}", "PULL")
        raw.must("bind", f"{name}-nudge-{attempt}", plain.url("tcp"))
    ours.must("peers", name, 1, MILLISECONDS)


def push_to_pull(ours, raw, we_bind, name):
    connected(ours, raw, "push", "PULL", we_bind, name)
    for parts, frames in SHAPES:
        ours.send(name, **parts)
        Process.expect(raw.recv(name), frames)


def pull_from_push(ours, raw, we_bind, name):
    connected(ours, raw, "pull", "PUSH", we_bind, name)
    for parts, frames in SHAPES:
        raw.send(name, frames)
        same(ours.recv(name), parts)


def pub_to_sub(ours, raw, we_bind, name):
    connected(ours, raw, "pub", "SUB", we_bind, name)
    raw.must("subscribe", name, hexed(b"t"))
    # A bound SUB tells a new peer its subscriptions only when its program calls into it.
    raw.say("recv", name)
    ours.must("subscribers", name, hexed(b"topic"), 1, MILLISECONDS)
    ours.send(name, body=b"unwanted", topic=b"x")
    ours.send(name, body=b"first", topic=b"t")
    Process.expect(raw.hear(), "ok " + hexed(b"t") + "," + hexed(b"first"))
    for parts, frames in SHAPES:
        if parts.get("topic", b"").startswith(b"t"):
            ours.send(name, **parts)
            Process.expect(raw.recv(name), published(frames))


def sub_from_pub(raw_type, ours, raw, we_bind, name):
    connected(ours, raw, "sub", raw_type, we_bind, name)
    ours.must("subscribe", name, hexed(b""))
    if raw_type == "XPUB":
        Process.expect(raw.recv(name), [b"\x01"])
    else:
        plain.publish_until_heard(ours, name, functools.partial(raw.send, name))
    raw.send(name, [b"one frame"])
    same(ours.recv(name), dict(body=b"one frame"))
    for parts, frames in SHAPES:
        raw.send(name, published(frames))
        same(ours.recv(name), parts)


def req_to_rep(ours, raw, we_bind, name):
    connected(ours, raw, "req", "REP", we_bind, name)
    for parts, frames in SHAPES:
        ours.send(name, **parts)
        Process.expect(raw.recv(name), frames)
        raw.send(name, frames)
        same(ours.recv(name), parts)
    for i in range(50):
        ours.send(name, body=b"%d" % i)
    for i in range(50):
        Process.expect(raw.recv(name), [b"%d" % i])
        raw.send(name, [b"re %d" % i])
    for i in range(50):
        same(ours.recv(name), dict(body=b"re %d" % i))


def rep_to_req(ours, raw, we_bind, name):
    connected(ours, raw, "rep", "REQ", we_bind, name)
    for parts, frames in SHAPES:
        raw.send(name, frames)
        same(ours.recv(name), parts)
        ours.send(name, verb="reply", **parts)
        Process.expect(raw.recv(name), frames)


CASES = {
    "our push to PULL": push_to_pull,
    "PUSH to our pull": pull_from_push,
    "our pub to SUB": pub_to_sub,
    "PUB to our sub": functools.partial(sub_from_pub, "PUB"),
    "XPUB to our sub": functools.partial(sub_from_pub, "XPUB"),
    "our req to REP": req_to_rep,
    "REQ to our rep": rep_to_req,
}

if __name__ == "__main__":
    command = compiled()
    ours_peer, raw_peer = Ours(), Jeromq(command)
    try:
        plain.run([(f"{name}, {'we bind' if we_bind else 'we connect'}",
                    functools.partial(case, ours_peer, raw_peer, we_bind, f"s{number}-{we_bind}"))
                   for number, (name, case) in enumerate(CASES.items()) for we_bind in (True, False)])
    finally:
        ours_peer.close()
        raw_peer.close()
