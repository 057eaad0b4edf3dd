"""Starts the benchmark programs and reads what they print. Every run is bounded; a failed one raises Failed."""
import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

RUN_SECONDS_MAX = 120


class Failed(Exception):
    pass


class Programs:
    """Ours and the peers' of one build, told apart by the side: "ours" or "peer"."""

    def __init__(self, build: Path, against_itself: bool):
        self.bench = build / "bench"
        self.against_itself = against_itself
        self._folder = tempfile.TemporaryDirectory(prefix="godwit-bench-")
        self.scratch = Path(self._folder.name)
        self._made = 0
        for side in ("ours", "peer"):
            if not os.access(self.path(side, "throughput"), os.X_OK):
                raise Failed(f"{self.path(side, 'throughput')} is not built")

    def path(self, side: str, name: str) -> Path:
        peer = side == "peer" or self.against_itself
        return self.bench / "peers" / name if peer else self.bench / name

    def has(self, side: str, name: str) -> bool:
        return os.access(self.path(side, name), os.X_OK)

    def url(self, transport: str) -> str:
        """One that nobody has used yet."""
        self._made += 1
        if transport == "tcp":
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                return f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        if transport == "ipc":
            return f"ipc://{self.scratch}/{self._made}.ipc"
        return f"inproc://{self._made}"

    def command(self, side: str, name: str, transport: str, **options) -> list[str]:
        words = [str(self.path(side, name)), "--url", self.url(transport)]
        for option, value in options.items():
            words += [f"--{option}", str(value)]
        return words

    def run(self, side: str, name: str, transport: str, **options) -> dict[str, float]:
        return figures(run(self.command(side, name, transport, **options)))


def start(command: list[str], **how) -> subprocess.Popen:
    how.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            start_new_session=True, **how)


def end(process: subprocess.Popen) -> None:
    """Kills it with the processes that it forked."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def finish(process: subprocess.Popen, seconds: float = RUN_SECONDS_MAX) -> str:
    try:
        out, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failed(f"{process.args[0]}: nothing after {seconds:.0f} s") from None
    finally:
        end(process)
    if process.returncode != 0:
        last = (errors.strip().splitlines() or ["no word"])[-1]
        raise Failed(f"{' '.join(process.args)}: exit status {process.returncode}: {last}")
    return out


def run(command: list[str], **how) -> str:
    return finish(start(command, **how))


def figures(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in (line.split() for line in text.splitlines())}
