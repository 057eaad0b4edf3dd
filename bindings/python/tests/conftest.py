import os
import pathlib
import uuid

import pytest

import godwit

BUILD = os.environ.get("GODWIT_BUILD")  # of the library: its programs are the C++ side
SOON = 30.0


@pytest.fixture
def context():
    with godwit.Context() as made:
        yield made


@pytest.fixture(params=["inproc", "ipc", "tcp"])
def url(request):
    return {"inproc": "inproc://py", "ipc": f"ipc://@godwit-py-{uuid.uuid4()}", "tcp": "tcp://127.0.0.1:*"}[request.param]


@pytest.fixture(autouse=True)
def no_handle_is_left():
    import gc

    yield
    gc.collect()
    assert godwit._core.handles_open() == 0


@pytest.fixture
def command():
    if BUILD is None or not (pathlib.Path(BUILD) / "tools/godwit").exists():
        pytest.skip("GODWIT_BUILD names no build with the godwit command")
    return str(pathlib.Path(BUILD) / "tools/godwit")
