"""Row 59: links that flap through a relay, for the whole time; descriptors, threads and memory do not grow."""
from programs import again


def run(build, seconds, seed):
    return again("flaps", build / "tests" / "test_system", ["row 59*"], seconds)
