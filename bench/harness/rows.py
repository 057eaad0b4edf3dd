"""A row of the result: two figures of the same work, their ratio, and whether the must is met."""
import dataclasses
import json
import statistics
import sys
from typing import Callable, Optional

from programs import Failed

# How `must` is judged; `ratio` is ours / peer, for rates and for costs alike.
RULES = {
    "ratio >=": lambda row: row.ratio is not None and row.ratio >= row.must,
    "ratio <=": lambda row: row.ratio is not None and row.ratio <= row.must,
    "ours <=": lambda row: row.ours <= row.must,
    "ours - peer <=": lambda row: row.ours - row.peer <= row.must,
}


@dataclasses.dataclass
class Row:
    id: str
    work: str
    transport: str
    size: Optional[int]
    unit: str
    must: Optional[float] = None
    rule: Optional[str] = None           # a key of RULES, when there is a must
    peer_name: str = "libzmq"
    ours: Optional[float] = None
    peer: Optional[float] = None
    ratio: Optional[float] = None        # the median of the pairs' ratios
    low: Optional[float] = None          # the lowest and the highest of them
    high: Optional[float] = None
    runs: int = 0
    error: Optional[str] = None

    @property
    def holds(self) -> Optional[bool]:
        """None where nothing is demanded; a row that could not be measured does not hold."""
        if self.must is None:
            return None
        return self.error is None and RULES[self.rule](self)

    def fill(self, pairs: list[tuple[float, float]]) -> None:
        self.runs = len(pairs)
        self.ours = statistics.median(ours for ours, _ in pairs)
        self.peer = statistics.median(peer for _, peer in pairs)
        ratios = [ours / peer for ours, peer in pairs if peer > 0]
        if ratios:
            self.ratio, self.low, self.high = statistics.median(ratios), min(ratios), max(ratios)


def measure(rows: list[Row], runs: int, once: Callable[[str], list[float]]) -> list[Row]:
    """Fills rows that one job measures together. `once(side)` gives a figure for each row; the two sides take turns,
    and so does which of them begins."""
    taken = []
    try:
        for number in range(runs):
            sides = ("ours", "peer") if number % 2 == 0 else ("peer", "ours")
            got = {side: once(side) for side in sides}
            taken.append((got["ours"], got["peer"]))
        for at, row in enumerate(rows):
            row.fill([(ours[at], peer[at]) for ours, peer in taken])
    except Failed as failure:
        for row in rows:
            row.error = str(failure)
    return rows


def _figure(value: Optional[float]) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"


HEAD = (f"{'id':<6}{'work':<36}{'over':<8}{'size':>6}{'ours':>13}{'libzmq':>13}  {'unit':<22}"
        f"{'ratio':>7}{'low':>7}{'high':>7}  must")


def line(row: Row) -> str:
    verdict = "" if row.must is None else f"{row.rule} {row.must:g} {'holds' if row.holds else 'FALLS SHORT'}"
    text = (f"{row.id:<6}{row.work:<36}{row.transport:<8}{row.size or '-':>6}{_figure(row.ours):>13}"
            f"{_figure(row.peer):>13}  {row.unit:<22}")
    if row.error:
        return f"{text}{row.error}  {verdict}"
    ratios = "".join(f"{'-' if value is None else format(value, '.2f'):>7}" for value in (row.ratio, row.low, row.high))
    return f"{text}{ratios}  {verdict}".rstrip()


def show(rows: list[Row]) -> None:
    for row in rows:
        print(line(row), flush=True)


def write_json(rows: list[Row], path: str) -> None:
    text = json.dumps([{**dataclasses.asdict(row), "holds": row.holds} for row in rows], indent=1) + "\n"
    if path == "-":
        sys.stdout.write(text)
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
