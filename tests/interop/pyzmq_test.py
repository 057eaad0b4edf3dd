"""libzmq by pyzmq against our sockets: six patterns, both directions of bind and connect, over tcp and ipc."""
import functools

import plain
from plain import SHAPES, SOON, Ours, Process, hexed, published, same

try:
    import zmq
except ImportError:
    plain.skip("this Python has no pyzmq (Debian: python3-zmq)")

MILLISECONDS = int(SOON * 1000)


class Scene:
    """One of our sockets, `o`, and one raw socket, connected one way or the other."""

    def __init__(self, pattern, raw_type, transport, we_bind, before=None):
        self.context = zmq.Context()
        self.raw = self.context.socket(raw_type)
        self.raw.set(zmq.RCVTIMEO, MILLISECONDS)
        self.raw.set(zmq.SNDTIMEO, MILLISECONDS)
        self.raw.set(zmq.LINGER, 0)
        self.ours = Ours()
        self.ours.new("o", pattern)
        if before:
            before(self)
        where = plain.url(transport)
        if we_bind:
            self.ours.must("bind", "o", where)
            self.raw.connect(where)
        else:
            self.raw.bind(where)
            self.ours.must("connect", "o", where)
        self.ours.must("peers", "o", 1, MILLISECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ours.close()
        self.raw.close()
        self.context.term()


def push_to_pull(transport, we_bind):
    with Scene("push", zmq.PULL, transport, we_bind) as s:
        for parts, frames in SHAPES:
            s.ours.send("o", **parts)
            Process.expect(s.raw.recv_multipart(), frames)
        s.ours.say("flood", "o", 5000, 100)
        for i in range(5000):
            Process.expect(s.raw.recv(), i.to_bytes(8, "little") + bytes(92))
        Process.expect(s.ours.hear(), "ok 5000")


def pull_from_push(transport, we_bind):
    with Scene("pull", zmq.PUSH, transport, we_bind) as s:
        for parts, frames in SHAPES:
            s.raw.send_multipart(frames)
            same(s.ours.recv("o"), parts)
        for count in (1, 2, 3, 4, 5, 6, 40):
            frames = [b"%d" % i for i in range(count)]
            s.raw.send_multipart(frames)
            Process.expect(s.ours.recv("o")["frames"], frames)
        s.ours.say("drain", "o", 5000, MILLISECONDS)
        for i in range(5000):
            s.raw.send(i.to_bytes(8, "little"))
        Process.expect(s.ours.hear(), f"ok 5000 {5000 * 4999 // 2}")


def pub_to_sub(raw_type, transport, we_bind):
    def subscribe(s):
        if raw_type == zmq.SUB:
            s.raw.subscribe(b"t")

    with Scene("pub", raw_type, transport, we_bind, subscribe) as s:
        if raw_type == zmq.XSUB:
            s.raw.send(b"\x01t")
        # A bound SUB tells a new peer its subscriptions only when its program calls into it.
        s.ours.say("subscribers", "o", hexed(b"topic"), 1, MILLISECONDS)
        while not s.ours.answers_within(0.01):
            s.raw.poll(0)
        Process.expect(s.ours.hear(), "ok")
        s.ours.send("o", body=b"unwanted", topic=b"x")
        s.ours.send("o", body=b"t is no topic here")
        for parts, frames in SHAPES:
            if parts.get("topic", b"").startswith(b"t"):
                s.ours.send("o", **parts)
                Process.expect(s.raw.recv_multipart(), published(frames))
        if raw_type == zmq.SUB:
            s.raw.unsubscribe(b"t")
            s.raw.subscribe(b"")
        else:
            s.raw.send(b"\x00t")
            s.raw.send(b"\x01")
        s.ours.must("subscribers", "o", hexed(b"anything"), 1, MILLISECONDS)
        for parts, frames in SHAPES:
            s.ours.send("o", **parts)
            Process.expect(s.raw.recv_multipart(), published(frames))


def sub_from_pub(raw_type, transport, we_bind):
    with Scene("sub", raw_type, transport, we_bind, lambda s: s.ours.must("subscribe", "o", hexed(b""))) as s:
        if raw_type == zmq.XPUB:
            Process.expect(s.raw.recv(), b"\x01")
        else:
            plain.publish_until_heard(s.ours, "o", s.raw.send_multipart)
        s.raw.send(b"one frame")
        same(s.ours.recv("o"), dict(body=b"one frame"))
        for parts, frames in SHAPES:
            s.raw.send_multipart(published(frames))
            same(s.ours.recv("o"), parts)
        if raw_type == zmq.XPUB:
            s.ours.must("subscribe", "o", hexed(b"eur"))
            Process.expect(s.raw.recv(), b"\x01eur")
            s.ours.must("unsubscribe", "o", hexed(b""))
            Process.expect(s.raw.recv(), b"\x00")
            s.raw.send_multipart([b"usd", b"unwanted"])
            s.raw.send_multipart([b"eur.usd", b"wanted"])
            same(s.ours.recv("o"), dict(topic=b"eur.usd", body=b"wanted"))


def req_to_rep(transport, we_bind):
    """An unmodified REP serves many outstanding requests, in its own order."""
    with Scene("req", zmq.REP, transport, we_bind) as s:
        for parts, frames in SHAPES:
            s.ours.send("o", **parts)
            Process.expect(s.raw.recv_multipart(), frames)
            s.raw.send_multipart(frames)
            same(s.ours.recv("o"), parts)
        for i in range(200):
            s.ours.send("o", body=b"%d" % i)
        for i in range(200):
            Process.expect(s.raw.recv(), b"%d" % i)
            s.raw.send(b"re %d" % i)
        for i in range(200):
            same(s.ours.recv("o"), dict(body=b"re %d" % i))


def req_to_router(transport, we_bind):
    """The envelope is an id of eight bytes and an empty frame; replies come in any order, strays are counted."""
    with Scene("req", zmq.ROUTER, transport, we_bind) as s:
        ids = []
        for i in range(3):
            s.ours.send("o", body=b"%d" % i, topic=b"t")
        for i in range(3):
            peer, request_id, empty, *rest = s.raw.recv_multipart()
            Process.expect((len(request_id), empty, rest), (8, b"", [b"t", b"%d" % i]))
            ids.append(request_id)
        assert len(set(ids)) == 3
        s.raw.send_multipart([peer, b"no envelope"])
        s.raw.send_multipart([peer, b"short", b"", b"x"])
        for i in (2, 0, 1):
            s.raw.send_multipart([peer, ids[i], b"", b"re %d" % i])
        for i in range(3):
            same(s.ours.recv("o"), dict(body=b"re %d" % i))
        Process.expect(s.ours.must("stray", "o"), "2")
        s.raw.send_multipart([peer, ids[1], b"", b"twice"])
        s.ours.send("o", body=b"next")
        envelope = s.raw.recv_multipart()
        s.raw.send_multipart(envelope)
        same(s.ours.recv("o"), dict(body=b"next"))
        Process.expect(s.ours.must("late", "o"), "1")


def rep_to_req(transport, we_bind):
    with Scene("rep", zmq.REQ, transport, we_bind) as s:
        for parts, frames in SHAPES:
            s.raw.send_multipart(frames)
            same(s.ours.recv("o"), parts)
            s.ours.send("o", verb="reply", **parts)
            Process.expect(s.raw.recv_multipart(), frames)


def rep_to_dealer(transport, we_bind):
    """Everything up to and including the first empty frame comes back before the reply."""
    with Scene("rep", zmq.DEALER, transport, we_bind) as s:
        for envelope in ([b""], [b"id", b""], [b"hop 2", b"hop 1", b""]):
            for parts, frames in SHAPES:
                s.raw.send_multipart(envelope + frames)
                same(s.ours.recv("o"), parts)
                s.ours.send("o", verb="reply", **parts)
                Process.expect(s.raw.recv_multipart(), envelope + frames)
        s.raw.send_multipart([b"no", b"envelope"])
        s.raw.send_multipart([b"", b"a request"])
        same(s.ours.recv("o"), dict(body=b"a request"))
        Process.expect(s.ours.must("stray", "o"), "1")
        s.ours.send("o", body=b"a reply", verb="reply")
        Process.expect(s.raw.recv_multipart(), [b"", b"a reply"])
        for i in range(5):
            s.raw.send_multipart([b"%d" % i, b"", b"many"])
        for i in range(5):
            s.ours.recv("o")
        s.ours.must("reply_frames", "o", hexed(b"x"), hexed(b"y"))
        Process.expect(s.raw.recv_multipart(), [b"0", b"", b"x", b"y"])


def through_a_proxy(transport, we_bind):
    """A raw ROUTER and DEALER between our req and our rep: the envelope grows by a hop and comes back."""
    context = zmq.Context()
    ours = Ours()
    front, back = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    try:
        ours.new("req", "req")
        ours.new("rep", "rep")
        for raw, name in ((front, "req"), (back, "rep")):
            raw.set(zmq.LINGER, 0)
            raw.set(zmq.RCVTIMEO, MILLISECONDS)
            where = plain.url(transport)
            if we_bind:
                ours.must("bind", name, where)
                raw.connect(where)
            else:
                raw.bind(where)
                ours.must("connect", name, where)
        for parts, _ in SHAPES:
            ours.send("req", **parts)
            back.send_multipart(front.recv_multipart())
            same(ours.recv("rep"), parts)
            ours.send("rep", verb="reply", **parts)
            front.send_multipart(back.recv_multipart())
            same(ours.recv("req"), parts)
    finally:
        ours.close()
        front.close()
        back.close()
        context.term()


CASES = {
    "our push to PULL": push_to_pull,
    "PUSH to our pull": pull_from_push,
    "our pub to SUB": functools.partial(pub_to_sub, zmq.SUB),
    "our pub to XSUB": functools.partial(pub_to_sub, zmq.XSUB),
    "PUB to our sub": functools.partial(sub_from_pub, zmq.PUB),
    "XPUB to our sub": functools.partial(sub_from_pub, zmq.XPUB),
    "our req to REP": req_to_rep,
    "our req to ROUTER": req_to_router,
    "REQ to our rep": rep_to_req,
    "DEALER to our rep": rep_to_dealer,
    "our req and rep through ROUTER and DEALER": through_a_proxy,
}

if __name__ == "__main__":
    plain.run([(f"{name}, {transport}, {'we bind' if we_bind else 'we connect'}", functools.partial(case, transport, we_bind))
               for name, case in CASES.items() for transport in ("tcp", "ipc", "abstract") for we_bind in (True, False)])
