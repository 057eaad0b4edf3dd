"""Receiving on asyncio's loop, without threads."""

import asyncio
import threading

import pytest

import godwit
from conftest import SOON


def run(what):
    return asyncio.run(asyncio.wait_for(what, SOON))


@pytest.mark.parametrize("reliably", [None, godwit.AckRetry()])
def test_async_for_receives_everything_in_order(context, url, reliably):
    async def receive():
        before = threading.active_count()
        with godwit.Pull(context, ack_retry=reliably) as pull, godwit.Push(context, ack_retry=reliably) as out:
            out.connect(pull.bind(url))

            async def feed():
                for number in range(1000):
                    out.send(str(number))
                    if number % 7 == 0:
                        await asyncio.sleep(0)

            feeding = asyncio.create_task(feed())
            seen = []
            async for message in pull:
                message.ack()
                seen.append(message.text)
                if len(seen) == 1000:
                    break
            await feeding
            assert seen == [str(i) for i in range(1000)] and threading.active_count() == before

    run(receive())


def test_a_cancelled_wait_takes_nothing_and_close_ends_the_others(context):
    async def wait():
        with godwit.Push(context) as out:
            pull = godwit.Pull(context)
            out.connect(pull.bind("inproc://cancel"))
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(pull.recv_async(), 0.01)
            waits = [asyncio.create_task(pull.recv_async()) for _ in range(3)]
            await asyncio.sleep(0)
            waits[0].cancel()
            out.send("for the second")
            assert (await waits[1]).text == "for the second"
            pull.close()
            with pytest.raises(godwit.Closed):
                await waits[2]

    run(wait())


def test_one_socket_can_be_used_by_one_loop_after_the_other(context):
    with godwit.Pull(context) as pull, godwit.Push(context) as out:
        out.connect(pull.bind("inproc://loops"))

        async def one():
            waiting = asyncio.create_task(pull.recv_async())
            await asyncio.sleep(0)
            out.send("x")
            return (await waiting).text

        assert [run(one()), run(one())] == ["x", "x"]
