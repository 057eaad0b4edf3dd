"""The batches of tests/vectors, read by docs/wire_format.md alone: nothing of the library. The checksum (XXH3-64) is left to it."""

import json
import pathlib
import struct

import pytest

VECTORS = sorted((pathlib.Path(__file__).parents[3] / "tests/vectors").glob("*.json"))


def take(data, at, form):
    values = struct.unpack_from("<" + form, data, at)
    return at + struct.calcsize("<" + form), *values


def read_topics(data):
    if not data:
        return []
    at, count = take(data, 0, "I")
    at, *ends = take(data, at, f"{count}I")
    assert at + ends[-1] == len(data)
    return [data[at + begin:at + end].decode() for begin, end in zip([0, *ends], ends)]


def read_record(data, base, topics):
    at, size, offset, topic, priority, flags = take(data, 0, "IIHBB")
    assert size == len(data) and flags < 32
    record = {"offset": base + offset}
    if topic:
        record["topic"] = topics[topic - 1]
    if priority != 4:
        record["priority"] = priority
    for name, there in (("sent_ms", 4 | 8), ("delay_ms", 4), ("ttl_ms", 8), ("deliver_at_ms", 16)):
        if flags & there:
            at, record[name] = take(data, at, "q")
    if flags & 1:
        at, length = take(data, at, "H")
        record["key"], at = data[at:at + length].decode(), at + length
    if flags & 2:
        record["headers"] = []
        at, count = take(data, at, "H")
        for _ in range(count):
            at, name, value = take(data, at, "HI")
            record["headers"].append([data[at:at + name].decode(), data[at + name:at + name + value].decode()])
            at += name + value
    if at < size:
        record["body"] = data[at:].decode()
    return record


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.stem)
def test_a_batch_reads_as_its_fields_say(file):
    wanted = json.loads(file.read_text())
    batch = bytes.fromhex("".join(wanted["hex"]))
    at, magic, version, codec, flags, size, count, high, low, base, sealed, last, record_bytes, _ = take(
        batch, 0, "4sHBBIIQQQqIIQ")
    assert (at, magic, version, codec, size) == (64, b"GWB1", 1, 0, len(batch))
    assert f"{high:016x}{low:016x}" == wanted["stream"] and (base, sealed) == (wanted["base"], wanted["sealed_ms"])
    assert bool(flags & 1) == wanted["has_exceptions"] and base + last == wanted["last"]
    topics = read_topics(batch[64 + record_bytes:])
    records = []
    while at < 64 + record_bytes:
        length = take(batch, at, "I")[1]
        records.append(read_record(batch[at:at + length], base, topics))
        at += length
    assert len(records) == count and records[0]["offset"] == wanted["first"]
    assert records == [{name: value for name, value in one.items() if value not in ("", [])} for one in wanted["records"]]


def test_there_are_vectors():
    assert len(VECTORS) >= 5
