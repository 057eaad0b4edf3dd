"""What README.md shows in Python prints what it says."""

import contextlib
import io
import os
import pathlib
import re


def test_the_quick_start_prints_what_it_says():
    (program,) = re.findall(r"^```python\n(.*?)^```$", (pathlib.Path(__file__).parents[3] / "README.md").read_text(), re.S | re.M)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(program.replace("ipc://@", f"ipc://@{os.getpid()}-"), {})
    assert printed.getvalue().splitlines() == re.findall(r"# prints: (.*)$", program, re.M)
