"""P1's throughput, P2's latency, and plain pub/sub beside them: wall-clock figures, so only their ratios count."""
from typing import Iterator

from programs import Failed, Programs
from rows import Row, measure

TRANSPORTS = ("inproc", "ipc", "tcp")
SIZES = (16, 100, 1024, 8192, 65536)

# What P1 demands of throughput: how the handle is used, its options, and the least ratio over each transport.
FLOODS = (
    ("push/pull", {}, {"inproc": 0.85, "ipc": 0.85, "tcp": 0.85}),
    ("push/pull, handles shared by 2", {"threads": 2}, {"inproc": 0.70, "ipc": 0.70, "tcp": 0.70}),
    ("push/pull, 16 a call", {"batch": 16}, {"inproc": 1.1, "ipc": 0.95, "tcp": 0.85}),
)


def count_for(programs: Programs, name: str, transport: str, first: int, seconds: float, **options) -> int:
    """So many messages that the faster side takes about `seconds`, unless the slower one then takes four times as
    long."""
    rates = []
    for side in ("ours", "peer"):
        try:
            rates.append(programs.run(side, name, transport, count=first, **options)["messages_per_second"])
        except Failed:
            pass    # the row will say why
    if not rates:
        return first
    return max(first // 10, int(min(max(rates), 4 * min(rates)) * seconds))


def first_count(size: int) -> int:
    return max(2_000, 40_000_000 // (size + 400))


def floods(programs: Programs, runs: int, seconds: float, sizes: tuple[int, ...]) -> Iterator[list[Row]]:
    for transport in TRANSPORTS:
        for size in sizes:
            count = count_for(programs, "throughput", transport, first_count(size), seconds, size=size)
            for work, options, must in FLOODS:
                row = Row("P1", work, transport, size, "messages/s", must[transport], "ratio >=")
                yield measure([row], runs, lambda side: [programs.run(
                    side, "throughput", transport, size=size, count=count, **options)["messages_per_second"]])


def round_trips(programs: Programs, runs: int, seconds: float, sizes: tuple[int, ...]) -> Iterator[list[Row]]:
    figures = ("p50", "p99", "p99.9")
    for transport in TRANSPORTS:
        for size in sizes:
            # 50 us a round trip is usual; at least as many as p99.9 needs.
            count = max(5_000, int(seconds / 50e-6))
            rows = [Row("P2", f"req/rep, {figure}", transport, size, "us/round trip") for figure in figures]
            rows[0].must, rows[0].rule = 1.10, "ratio <="

            def once(side: str) -> list[float]:
                got = programs.run(side, "latency", transport, size=size, count=count)
                return [got[figure] for figure in figures]

            yield measure(rows, runs, once)


def fan_outs(programs: Programs, runs: int, seconds: float, sizes: tuple[int, ...]) -> Iterator[list[Row]]:
    for transport in TRANSPORTS:
        for subscribers in (1, 4, 16):
            for size in sizes:
                first = max(200, first_count(size) // subscribers)
                count = count_for(programs, "fanout", transport, first, seconds / subscribers, size=size, subscribers=subscribers)
                work = "pub/sub, 1 subscriber" if subscribers == 1 else f"pub/sub, {subscribers} subscribers"
                row = Row("pub", work, transport, size, "messages delivered/s", peer_name="libzmq XPUB_NODROP")
                yield measure([row], runs, lambda side: [programs.run(
                    side, "fanout", transport, size=size, count=count,
                    subscribers=subscribers)["messages_per_second"]])


def encrypted(programs: Programs, runs: int, seconds: float) -> Iterator[list[Row]]:
    """CURVE at both ends of both sides."""
    for transport in ("ipc", "tcp"):
        for size in (100, 1024, 65536):
            count = count_for(programs, "throughput", transport, first_count(size), seconds, size=size, curve=1)
            row = Row("curve", "push/pull, CURVE", transport, size, "messages/s")
            yield measure([row], runs, lambda side: [programs.run(
                side, "throughput", transport, size=size, count=count, curve=1)["messages_per_second"]])
        rows = [Row("curve", f"req/rep, CURVE, {figure}", transport, 100, "us/round trip") for figure in ("p50", "p99")]
        count = max(5_000, int(seconds / 50e-6))

        def once(side: str) -> list[float]:
            got = programs.run(side, "latency", transport, size=100, count=count, curve=1)
            return [got["p50"], got["p99"]]

        yield measure(rows, runs, once)


def loop_ways(programs: Programs) -> list[tuple[str, str, dict, dict]]:
    """Ways to wait: the program, the way, and its options with and without it."""
    ways = [("throughput", "epoll", {"wait": "epoll"}, {"wait": "block"}),
            ("throughput", "poller", {"wait": "poller"}, {"wait": "block"})]
    if programs.has("ours", "async_throughput"):
        ways += [("async_throughput", way, {"way": way}, {"way": "block"})
                 for way in ("coroutine", "coroutine_stop", "coroutine_many", "asio_many", "asio_recv", "asio")]
    return ways


def event_loops(programs: Programs, runs: int, seconds: float) -> Iterator[list[Row]]:
    """Ours in an event loop beside our own blocking call: what the waiting itself costs."""
    for transport in TRANSPORTS:
        count = count_for(programs, "throughput", transport, first_count(100), seconds, size=100)
        for name, word, with_loop, without in loop_ways(programs):
            must, rule = (None, None) if name == "throughput" else (0.9, "ratio >=")
            rows = [Row("loop", f"pull by {word}", transport, 100, "messages/s", must, rule,
                        peer_name="godwit, blocking recv")]
            yield measure(rows, runs, lambda side: [programs.run(
                "ours", name, transport, size=100, count=count,
                **(with_loop if side == "ours" else without))["messages_per_second"]])
