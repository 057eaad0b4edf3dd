"""Every fuzz target in turn, if they are built (cmake --preset fuzz): what it finds ends it."""
import subprocess
import tempfile
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "fuzz" / "corpus"


def run(build, seconds, seed, fuzz_build):
    targets = sorted(each for each in (fuzz_build / "fuzz").glob("*_fuzz") if each.is_file())
    if not targets:
        print(f"fuzz: left out, {fuzz_build} is not built")
        return []
    breaches = []
    each_seconds = max(1, int(seconds / len(targets)))
    for target in targets:
        with tempfile.TemporaryDirectory(prefix="godwit-fuzz-") as fresh:
            done = subprocess.run([str(target), f"-max_total_time={each_seconds}", f"-seed={seed % (1 << 31) + 1}",
                                   "-timeout=10", "-rss_limit_mb=1024", "-verbosity=0", "-print_final_stats=1",
                                   f"-artifact_prefix={fresh}/", fresh, str(CORPUS / target.name)],
                                  capture_output=True, text=True, timeout=each_seconds + 120)
        stats = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
        print(f"fuzz: {target.name}: {stats[0] if stats else 'no count of'} runs")
        if done.returncode != 0:
            breaches.append(f"{target.name}: {done.stderr[-1500:]}")
    return breaches
