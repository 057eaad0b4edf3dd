"""The six sockets, plain and with acks, within Python."""

import dataclasses
import gc
import os
import threading

import pytest

import godwit
from conftest import SOON

QUICK = godwit.AckRetry(backoff_min=0.001, backoff_max=0.002)


def pair(context, url, **options):
    receiver, sender = godwit.Pull(context, **options), godwit.Push(context, **options)
    sender.connect(receiver.bind(url))
    return sender, receiver


def test_bodies_topics_keys_and_headers_arrive(context, url):
    out, pull = pair(context, url)
    with out, pull:
        out.send(b"tern", topic="orders.eur", key=b"7", headers={"trace": b"f0"})
        got = pull.recv(SOON)
        assert (bytes(got), got.text, got.topic, got.key) == (b"tern", "tern", "orders.eur", b"7")
        assert got.headers == {"trace": b"f0"} and got.attempt == 1 and got.settled and len(got) == 4
        out.send("text")
        assert pull.recv(SOON).text == "text"


def test_objects_go_as_msgpack_and_dataclasses_as_lists(context, url):
    @dataclasses.dataclass
    class Order:
        id: int
        sku: str

    out, pull = pair(context, url)
    with out, pull:
        out.send({"id": 7, "tags": ["a", b"b"]})
        out.send(Order(7, "tern"))
        assert godwit.unpack(pull.recv(SOON)) == {"id": 7, "tags": ["a", b"b"]}
        assert godwit.unpack(pull.recv(SOON)) == [7, "tern"]
        out.send(b"\xc1")
        with pytest.raises(godwit.Malformed):
            godwit.unpack(pull.recv(SOON))
        with pytest.raises(TypeError):
            out.send(object())


def test_a_body_is_lent_and_outlives_its_delivery_and_its_socket(context):
    out, pull = pair(context, "inproc://lent")
    out.send(b"x" * 100_000)
    got = pull.recv(SOON)
    view = got.body
    assert view.readonly and memoryview(got).obj is got
    del got
    out.close()
    pull.close()
    gc.collect()
    assert view == b"x" * 100_000
    view.release()


def test_many_at_once_in_order(context, url):
    out, pull = pair(context, url)
    with out, pull:
        assert out.send_many(str(i) for i in range(1000)) == 1000
        got = []
        while len(got) < 1000:
            got += pull.recv_many(timeout=SOON)
        assert [each.text for each in got] == [str(i) for i in range(1000)]


def test_iterating_ends_when_the_socket_is_closed(context):
    out, pull = pair(context, "inproc://each")
    with out:
        out.send_many([b"1", b"2"])
        seen = []
        for message in pull:
            seen.append(message.text)
            if len(seen) == 2:
                threading.Thread(target=pull.close).start()
        assert seen == ["1", "2"]


def test_timeouts_are_seconds_and_timeout_errors(context):
    with godwit.Pull(context) as pull, godwit.Push(context, send_timeout=0.01) as out:
        pull.bind("inproc://timeouts")
        for timeout in (0, 0.01, -1):
            with pytest.raises(TimeoutError) as caught:
                pull.recv(timeout)
            assert caught.type is godwit.TimedOut and caught.value.code == -8
        with pytest.raises(godwit.TimedOut):
            out.send(b"nobody is there")


def test_subscribers_and_requests(context, url):
    with godwit.Pub(context) as pub, godwit.Sub(context) as sub:
        sub.subscribe("eur.")
        sub.connect(pub.bind(url))
        pub.wait_for_subscribers("eur.usd", 1, SOON)
        pub.send(b"no", topic="gbp.usd")
        pub.send(b"yes", topic="eur.usd")
        assert (got := sub.recv(SOON)).topic == "eur.usd" and got.text == "yes"
    with godwit.Req(context) as ask, godwit.Rep(context) as serve:
        ask.connect(serve.bind(url))
        first, second = ask.send({"n": 1}), ask.send({"n": 2})
        for request in [serve.recv(SOON), serve.recv(SOON)][::-1]:
            serve.reply(request, godwit.unpack(request)["n"] * 10)
        assert (godwit.unpack(second.wait(SOON)), godwit.unpack(first.wait(SOON))) == (20, 10)


def test_what_is_nacked_comes_again_and_receipts_tell_the_outcome(context, url):
    out, pull = pair(context, url, ack_retry=QUICK)
    with out, pull:
        receipt = out.send("job")
        with pytest.raises(godwit.TimedOut):
            receipt.wait(timeout=0)
        pull.recv(SOON).nack()
        again = pull.recv(SOON)
        assert again.attempt == 2 and not again.settled
        again.ack()
        assert receipt.wait(timeout=SOON) == "processed"
        rejected = out.send("poison")
        pull.recv(SOON).reject("never")
        assert rejected.wait(timeout=SOON) == "refused"
        out.send_many(["1", "2", "3"])
        got = []
        while len(got) < 3:
            got += pull.recv_many(timeout=SOON)
        godwit.ack_many(got)
        out.flush(timeout=SOON)
        with pytest.raises(godwit.Unsupported):
            receipt.wait("durable", timeout=0)


def test_a_journal_keeps_what_was_not_sent(context, tmp_path):
    for life in range(2):
        with godwit.Push(context, ack_retry=QUICK, journal=tmp_path / "out", linger=0.1) as out:
            url = out.bind("inproc://outbox")
            if life == 0:
                assert out.send("kept").wait("durable", SOON) == "durable"
            else:
                with godwit.Pull(context, ack_retry=QUICK) as pull:
                    pull.connect(url)
                    (got := pull.recv(SOON)).ack()
                    assert got.text == "kept"
                    out.flush(timeout=SOON)
    journal = godwit.Journal(str(tmp_path / "log"))
    stream = journal.stream("s")
    at = stream.append(b"record")
    assert stream.read(at)[0] == at and bytes(stream.read(at)[1]) == b"record" and stream.read(at + 1) is None
    with pytest.raises(godwit.Locked):
        godwit.Journal(str(tmp_path / "log"))
    del stream
    journal.close()


def test_errors_have_classes_codes_and_values(context):
    with godwit.Push(context) as out:
        with pytest.raises(godwit.InvalidEndpoint) as caught:
            out.connect("nonsense")
        assert caught.value.value == "nonsense" and "invalid_endpoint" in str(caught.value)
        with pytest.raises(godwit.Insecure):
            out.bind("tcp://*:*")
        with pytest.raises(TypeError, match="unknown option: colour"):
            godwit.Push(context, colour="red")
        with pytest.raises(TypeError):
            out.send(b"x", headers={"n": 7})
    out.close()
    with pytest.raises(godwit.Closed):
        out.send(b"x")


def test_threads_that_wait_are_let_go_by_close(context):
    pull = godwit.Pull(context)
    pull.bind("inproc://waits")
    seen = []

    def wait():
        try:
            pull.recv()
        except godwit.Closed as closed:
            seen.append(closed)

    threads = [threading.Thread(target=wait) for _ in range(4)]
    for each in threads:
        each.start()
    pull.close()
    for each in threads:
        each.join(SOON)
    assert len(seen) == 4


def test_a_handler_that_raises_keeps_the_message(context):
    out, pull = pair(context, "inproc://raises", ack_retry=QUICK)
    with out, pull:
        out.send("job")
        with pytest.raises(ZeroDivisionError):
            for message in pull:
                1 / 0
        del message
        got = pull.recv(SOON)
        assert got.attempt == 2
        got.ack()


def test_a_child_after_fork_is_told(context):
    out, pull = pair(context, "inproc://fork")
    with out, pull:
        child = os.fork()
        if child == 0:
            try:
                pull.recv(0)
            except godwit.Forked:
                with godwit.Context() as own, godwit.Pull(own) as mine, godwit.Push(own) as to_mine:
                    to_mine.connect(mine.bind("inproc://own"))
                    to_mine.send("x")
                    os._exit(0 if mine.recv(SOON).text == "x" else 2)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_ten_thousand_sockets_leave_nothing_behind(context):
    for _ in range(10_000):
        godwit.Pull(context).close()
