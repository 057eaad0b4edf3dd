"""Ratios of the Python package to pyzmq, in one run: medians of several runs, each beside its peer. Needs pyzmq.

    python bindings/python/bench/beside_pyzmq.py
"""

import asyncio
import statistics
import threading
import time

import zmq
import zmq.asyncio

import godwit

RUNS, URL = 5, "ipc://@godwit-py-bench-{}"
number = iter(range(1_000_000))


def in_thread(send):
    thread = threading.Thread(target=send)
    thread.start()
    return thread


def rate(count, receive, sender):
    began = time.perf_counter()
    receive()
    sender.join()
    return count / (time.perf_counter() - began)


def godwit_push_pull(size, count, many=False, acks=False):
    how = {"ack_retry": godwit.AckRetry()} if acks else {}
    body = b"x" * size
    with godwit.Context() as ctx, godwit.Pull(ctx, **how) as pull, godwit.Push(ctx, **how) as push:
        push.connect(pull.bind(URL.format(next(number))))
        push.wait_for_peers(1)

        def receive():
            left = count
            while left:
                if many:
                    got = pull.recv_many()
                    if acks:
                        godwit.ack_many(got)
                    left -= len(got)
                else:
                    pull.recv()
                    left -= 1

        def send():
            if many:
                for _ in range(count // 100):
                    push.send_many([body] * 100)
            else:
                for _ in range(count):
                    push.send(body)

        return rate(count, receive, in_thread(send))


def pyzmq_push_pull(size, count):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        url = URL.format(next(number))
        pull.bind(url)
        push.connect(url)
        body = b"x" * size

        def receive():
            for _ in range(count):
                pull.recv()

        return rate(count, receive, in_thread(lambda: [push.send(body) for _ in range(count)]))


def godwit_req_rep(size, count):
    with godwit.Context() as ctx, godwit.Rep(ctx) as rep, godwit.Req(ctx) as req:
        req.connect(rep.bind(URL.format(next(number))))
        body = b"x" * size

        def serve():
            for _ in range(count):
                asked = rep.recv()
                rep.reply(asked, asked.body)

        return rate(count, lambda: [req.request(body) for _ in range(count)], in_thread(serve))


def pyzmq_req_rep(size, count):
    with zmq.Context() as ctx, ctx.socket(zmq.REP) as rep, ctx.socket(zmq.REQ) as req:
        url = URL.format(next(number))
        rep.bind(url)
        req.connect(url)
        body = b"x" * size
        return rate(count, lambda: [(req.send(body), req.recv()) for _ in range(count)],
                    in_thread(lambda: [rep.send(rep.recv()) for _ in range(count)]))


def godwit_asyncio(size, count):
    with godwit.Context() as ctx, godwit.Pull(ctx) as pull, godwit.Push(ctx) as push:
        push.connect(pull.bind(URL.format(next(number))))
        body = b"x" * size

        async def receive():
            left = count
            async for _ in pull:
                left -= 1
                if not left:
                    return

        return rate(count, lambda: asyncio.run(receive()), in_thread(lambda: [push.send(body) for _ in range(count)]))


def pyzmq_asyncio(size, count):
    with zmq.Context() as plain, plain.socket(zmq.PUSH) as push, zmq.asyncio.Context() as ctx:
        url = URL.format(next(number))
        push.bind(url)
        body = b"x" * size

        async def receive():
            with ctx.socket(zmq.PULL) as pull:
                pull.connect(url)
                for _ in range(count):
                    await pull.recv()

        return rate(count, lambda: asyncio.run(receive()), in_thread(lambda: [push.send(body) for _ in range(count)]))


def compare(name, ours, theirs):
    pairs = [(ours(), theirs()) for _ in range(RUNS)]
    ratios = [a / b for a, b in pairs]
    ours_median, theirs_median = (statistics.median(side) for side in zip(*pairs))
    print(f"{name:34} {statistics.median(ratios):5.2f} ({min(ratios):.2f} to {max(ratios):.2f})  "
          f"{ours_median:>9.0f}/s beside {theirs_median:>9.0f}/s", flush=True)


if __name__ == "__main__":
    print("work                               ratio (lowest to highest run)")
    compare("push/pull 100 B", lambda: godwit_push_pull(100, 40_000), lambda: pyzmq_push_pull(100, 40_000))
    compare("push/pull 64 KiB", lambda: godwit_push_pull(65536, 8_000), lambda: pyzmq_push_pull(65536, 8_000))
    compare("req/rep 100 B", lambda: godwit_req_rep(100, 4_000), lambda: pyzmq_req_rep(100, 4_000))
    compare("req/rep 64 KiB", lambda: godwit_req_rep(65536, 2_000), lambda: pyzmq_req_rep(65536, 2_000))
    compare("acks, recv_many, to plain 100 B", lambda: godwit_push_pull(100, 100_000, many=True, acks=True),
            lambda: pyzmq_push_pull(100, 40_000))
    compare("asyncio receive 100 B", lambda: godwit_asyncio(100, 40_000), lambda: pyzmq_asyncio(100, 20_000))
