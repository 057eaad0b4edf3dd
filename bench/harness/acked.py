"""What the ack_retry module costs and gives: P3 and P7 (floods), P8 (a lone message), P11 (fan-out), beside raw libzmq, which keeps
nothing and acks nothing; and P14: the same with 64 peers, or many topics."""
from typing import Iterator

import speed
from programs import Programs
from rows import Row, measure

WINDOW = 50_000     # messages that a publisher may be ahead: beyond a batch, and below the queues of both sides


def floods(programs: Programs, runs: int, seconds: float, name: str) -> Iterator[list[Row]]:
    size, musts = {"P3": (100, {"inproc": 8, "ipc": 3, "tcp": 3}), "P7": (1024, dict.fromkeys(speed.TRANSPORTS, 1.3))}[name]
    for transport in speed.TRANSPORTS:
        first = speed.first_count(size)
        for work, options in (("acked push/pull", {}), ("acked push/pull, 16 a call", {"batch": 16})):
            count = speed.count_for(programs, "throughput", transport, first, seconds, size=size, ack=1, **options)
            row = Row(name, work, transport, size, "messages/s", musts[transport], "ratio >=")
            yield measure([row], runs, lambda side: [programs.run(
                side, "throughput", transport, size=size, count=count, ack=1, **options)["messages_per_second"]])


def lone(programs: Programs, runs: int, seconds: float) -> Iterator[list[Row]]:
    """From send to the receipt's `received`; the peer is a request and its reply."""
    for transport in speed.TRANSPORTS:
        rows = [Row("P8", f"lone acked message, {figure}", transport, 100, "us") for figure in ("p50", "p99")]
        rows[0].must, rows[0].rule = 1.15, "ratio <="
        count = max(5_000, int(seconds / 50e-6))

        def once(side: str) -> list[float]:
            got = programs.run(side, "acked_latency" if side == "ours" else "latency", transport, size=100, count=count)
            return [got["p50"], got["p99"]]

        yield measure(rows, runs, once)


def fan_outs(programs: Programs, runs: int, seconds: float) -> Iterator[list[Row]]:
    for transport in speed.TRANSPORTS:
        for subscribers in (1, 4, 16, 64):
            options = {"size": 100, "subscribers": subscribers, "ack": 1, "window": WINDOW}
            count = speed.count_for(programs, "fanout", transport, max(2_000, 200_000 // subscribers),
                                    seconds / subscribers, **options)
            word = "1 subscriber" if subscribers == 1 else f"{subscribers} subscribers"
            row = Row("P11", f"acked pub/sub, {word}", transport, 100, "messages delivered/s", 3, "ratio >=",
                      peer_name="libzmq XPUB_NODROP")
            yield measure([row], runs, lambda side: [programs.run(
                side, "fanout", transport, count=count, **options)["messages_per_second"]])


def topics(programs: Programs, runs: int, seconds: float) -> Iterator[list[Row]]:
    """Ours with a million topics beside ours with one."""
    for transport in speed.TRANSPORTS:
        options = {"size": 100, "ack": 1, "window": WINDOW}
        count = speed.count_for(programs, "fanout", transport, 100_000, seconds, **options)
        row = Row("P14", "acked pub/sub, 1 M topics", transport, 100, "messages delivered/s", 1 / 1.5, "ratio >=",
                  peer_name="godwit, 1 topic")
        yield measure([row], runs, lambda side: [programs.run(
            "ours", "fanout", transport, count=count, topics=1_000_000 if side == "ours" else 1,
            **options)["messages_per_second"]])
