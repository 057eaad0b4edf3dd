"""Row 86: an honest user beside another that floods the same sockets, in the clear and with a key. Nothing is lost, and each
request is answered; what the flood costs the round trips of the others is printed. The plain sockets do not promise a bound
for it: one I/O thread carries all links of a context, and the cores are shared."""
import statistics
import time

from scene import Scene

PAUSE = 2000                   # microseconds
PACES = (10_000, 0)            # messages a second of 100 bytes and of each member; 0: as many as it can


def windows(scene, number):
    scene.windows()
    seen = []
    for _ in range(number):
        time.sleep(1)
        seen.append({window.member: window for window in scene.windows()})
    return seen


def run(build, seconds, seed):
    scene = Scene(build, seed)
    breaches = []
    number = max(2, int((seconds - 2) / (2 * len(PACES))))
    try:
        scene.regular.must("begin", PAUSE)
        for index, pace in enumerate(PACES):
            quiet = windows(scene, number)
            flood = scene.user(f"plain-flood-{index}", f"keyed-flood-{index}")
            flood.must("flood", 100, pace)
            beside = windows(scene, number)
            totals, more = scene.breaches_of(flood)
            flood.close()
            breaches += more
            sent = sum(int(each[3]) for each in totals)
            for member in ("plain", "keyed"):
                middle = [[statistics.median(getattr(each[member], field) for each in some) for field in ("p50", "p99")]
                          for some in (quiet, beside)]
                print(f"flood: {member}: beside {sent / number:.0f} messages a second p50/p99 in us: {middle[0][0]:.0f}/"
                      f"{middle[0][1]:.0f} before, {middle[1][0]:.0f}/{middle[1][1]:.0f} during; "
                      f"p99 x{middle[1][1] / middle[0][1]:.2f}")
        return breaches + scene.breaches_of(scene.regular)[1] + scene.foreign()
    finally:
        scene.close()
