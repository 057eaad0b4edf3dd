"""The end of the interpreter with everything open, and Ctrl-C in a call that waits."""

import subprocess
import sys

from conftest import SOON

OPEN = """
import threading, godwit
context = godwit.Context()
pull = godwit.Pull(context)
out = godwit.Push(context, ack_retry=godwit.AckRetry())
pull.bind("inproc://exit"), out.bind("ipc://@godwit-py-exit-%d" % __import__("os").getpid())
out.send("nobody takes it")
waiting = threading.Thread(target=pull.recv, daemon=True)
waiting.start()
print("open", flush=True)
"""


def test_an_interpreter_ends_with_open_sockets_and_a_thread_that_waits():
    done = subprocess.run([sys.executable, "-c", OPEN], timeout=SOON, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "open\n" and "leaked" not in done.stderr, done.stderr


def test_ctrl_c_ends_a_call_that_waits():
    process = subprocess.Popen([sys.executable, "-c", OPEN + "pull.wait_for_peers(9)"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "open\n"
    process.send_signal(2)
    said = process.communicate(timeout=SOON)[1]
    assert process.returncode != 0 and "KeyboardInterrupt" in said, said
