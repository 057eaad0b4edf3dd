"""Turns the JSON of scripts/bench into the tables of docs/performance.md:
    python3 bench/harness/markdown.py FILE"""
import json
import sys


def figure(value) -> str:
    if value is None:
        return "–"
    if value >= 1e6:
        return f"{value / 1e6:.2f} M"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def ratio(row: dict) -> str:
    if row["ratio"] is None:
        return "–"
    return f"{row['ratio']:.2f} ({row['low']:.2f}–{row['high']:.2f})"


def verdict(row: dict) -> str:
    if row["must"] is None:
        return ""
    return f"{row['rule']} {row['must']:g}: {'holds' if row['holds'] else '**falls short**'}"


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = json.load(file)
    works = dict.fromkeys((row["id"], row["work"], row["unit"], row["peer_name"]) for row in rows)
    for name, work, unit, peer in works:
        print(f"\n**{name}: {work}**, {unit}, beside {peer}\n")
        print("| over | size | ours | peer | ours / peer (low–high) | must |\n| --- | --- | --- | --- | --- | --- |")
        for row in rows:
            if (row["id"], row["work"]) == (name, work):
                size = "" if row["size"] is None else f"{row['size']} B"
                print(f"| {row['transport']} | {size} | {figure(row['ours'])} | {figure(row['peer'])} | {ratio(row)} | "
                      f"{row['error'] or verdict(row)} |")


main()
