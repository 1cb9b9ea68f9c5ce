"""The table of faults: what a reader sees when the world is broken.

Servers are real sockets on this machine. In no row is a good file lost, a half-written one left
behind, or a stack trace the only explanation. Damaged files that MNIST_NPZ names have their own
table in test_helpers.py (BAD_FILES), and the notebooks' first cell has its own in test_setup.py.
"""

import contextlib
import hashlib
import os
import re
import shutil
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

import helpers
import keras
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
SIGN_IN = b"<!DOCTYPE html><title>Sign in to the school's network</title>"

NAMES = ("x_train", "y_train", "x_test", "y_test")


def pass_for_mnist(path, patch=setattr):
    """Let the arrays of a file pass for MNIST."""
    content = path.read_bytes()
    with np.load(path) as file:
        arrays = {name: file[name] for name in NAMES}
    facts = {n: (a.shape, hashlib.sha256(a.tobytes()).hexdigest()) for n, a in arrays.items()}
    patch(helpers, "MNIST_FILE_SHA256", hashlib.sha256(content).hexdigest())
    patch(helpers, "MNIST_ARRAYS", facts)


# What a reader types; URL takes the place of the address that MNIST is published at.
READER = """
from pathlib import Path
import helpers
import test_faults
helpers.MNIST_URL = {url!r}
if {thirty!r}:
    test_faults.pass_for_mnist(Path({thirty!r}))
helpers.load_mnist()
"""


@pytest.fixture
def thirty(tmp_path):
    """A file of thirty random images in the form of mnist.npz."""
    rng = np.random.default_rng(0)
    sizes = {"train": 20, "test": 10}
    arrays = {f"x_{n}": rng.integers(0, 256, (size, 28, 28), "uint8") for n, size in sizes.items()}
    arrays |= {f"y_{n}": rng.integers(0, 10, size, "uint8") for n, size in sizes.items()}
    path = tmp_path / "thirty.npz"
    np.savez(path, **arrays)
    return path


@pytest.fixture
def serve():
    """Start a server on this machine that treats each connection as `behave(socket)` does."""
    with contextlib.ExitStack() as stack:
        stop = threading.Event()
        stack.callback(stop.set)

        def start(behave):
            class Handler(socketserver.BaseRequestHandler):
                def handle(self):
                    with contextlib.suppress(OSError):
                        self.request.recv(4096)
                        behave(self.request, stop)

            class Server(socketserver.ThreadingTCPServer):
                daemon_threads = True
                block_on_close = False

            server = stack.enter_context(Server(("127.0.0.1", 0), Handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_address[1]}/"

        yield start


def answer(content, length=None, status="200 OK"):
    """A server that sends `content` and says that it is `length` bytes long."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {length or len(content)}\r\n\r\n".encode()

    def behave(socket, stop):
        socket.sendall(head + content)

    return behave


def hang(socket, stop):
    stop.wait(60)


def drip(socket, stop):
    socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 11490434\r\n\r\n")
    while not stop.wait(2):
        socket.sendall(b"P")


@pytest.fixture
def read(monkeypatch, capsys):
    """Call load_mnist with a cache in `home` and MNIST at `url`: what was printed, the seconds."""

    def load(url, home, thirty=None):
        monkeypatch.delenv("MNIST_NPZ", raising=False)
        monkeypatch.setenv("KERAS_HOME", str(home / ".keras"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(helpers, "MNIST_URL", url)
        monkeypatch.setattr(helpers, "_on_sample", False)
        if thirty:
            pass_for_mnist(thirty, monkeypatch.setattr)
        start = time.perf_counter()
        helpers.load_mnist()
        return capsys.readouterr().out, time.perf_counter() - start

    return load


def start_reader(url, home, thirty="", **variables):
    """A Python of its own, with a HOME of its own, that loads MNIST."""
    dropped = ("MNIST_NPZ", "KERAS_HOME", "HOME", "USERPROFILE")
    env = {name: value for name, value in os.environ.items() if name not in dropped}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "NO_PROXY": "127.0.0.1"}
    env |= {"HOME": str(home), "USERPROFILE": str(home)} if home else {}
    return subprocess.Popen(
        [sys.executable, "-c", READER.format(url=url, thirty=str(thirty))],
        env=env | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(reader):
    """What a reader saw; no stack trace is in it."""
    out, err = reader.communicate(timeout=120)
    assert "Traceback" not in out + err, err
    assert reader.returncode == 0
    return out


def cached(home):
    return home / ".keras" / "datasets" / "mnist.npz"


def files(home):
    folder = cached(home).parent
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


FAULTS = {
    "hangs": (hang, "sent 0 bytes in 8 seconds|timed out"),
    "drips": (drip, "bytes in 8 seconds"),
    "sign-in page": (answer(SIGN_IN), "sign-in page"),
    "cut off": (answer(b"PK\x03\x04" * 5000, 11490434), "broke off with 11,470,434 bytes missing"),
    "not found": (answer(b"no", status="404 Not Found"), "HTTP Error 404"),
    "nobody there": (None, "refused|actively"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_server(fault, serve, read, tmp_path):
    behave, cause = FAULTS[fault]
    url = serve(behave) if behave else "http://127.0.0.1:9/"
    out, seconds = read(url, tmp_path)
    assert out.startswith("SAMPLE")
    assert re.search(cause, out.splitlines()[0])
    assert "Remedy" in out.splitlines()[0]
    assert seconds < 15
    assert files(tmp_path) == []


def test_slow_but_steady_server_is_waited_for(monkeypatch, serve):
    monkeypatch.setattr(helpers, "DOWNLOAD_WINDOW", 0.5)
    monkeypatch.setattr(helpers, "DOWNLOAD_LEAST", 2000)
    content = os.urandom(20_000)

    def steady(socket, stop):
        socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n")
        for first in range(0, 20_000, 200):
            socket.sendall(content[first : first + 200])
            time.sleep(0.02)

    start = time.perf_counter()
    assert helpers._download(serve(steady)) == content
    assert time.perf_counter() - start > 1.5  # longer than three windows


@pytest.mark.parametrize("content", [b"PK\x03\x04 the first half", SIGN_IN, "another data set"])
@pytest.mark.parametrize("works", [True, False])
def test_wrong_cache(content, works, serve, read, thirty, tmp_path):
    home = tmp_path / "home"
    cached(home).parent.mkdir(parents=True)
    if content == "another data set":
        np.savez(cached(home), x_train=np.zeros((20, 28, 28), "uint8"))
        content = cached(home).read_bytes()
    cached(home).write_bytes(content)
    url = serve(answer(thirty.read_bytes() if works else SIGN_IN))
    out, _ = read(url, home, thirty if works else None)
    assert out.startswith("MNIST: 20 training" if works else "SAMPLE")
    assert cached(home).read_bytes() == (thirty.read_bytes() if works else content)
    assert files(home) == ["mnist.npz"]


def test_sample_is_announced_in_the_first_notebook(monkeypatch, tmp_path):
    path = sorted((ROOT / "notebooks").glob("*.ipynb"))[0]
    notebook = nbformat.read(path, as_version=4)
    places = [place for place, cell in enumerate(notebook.cells) if cell.id == "load"]
    notebook.cells = notebook.cells[: places[0] + 1]
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # no server answers there
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    [said] = notebook.cells[-1].outputs
    assert said.name == "stdout" and said.text.startswith("SAMPLE: 5,000 real MNIST images")


@contextlib.contextmanager
def mounted(folder, options):
    """A small file system of its own in `folder`; skips where it may not be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a tmpfs needs Linux and root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_disk_full_while_caching(serve, read, tmp_path, thirty):
    with mounted(tmp_path / "home", "size=64k") as home:
        (home / "other").write_bytes(bytes(57_000))
        out, _ = read(serve(answer(thirty.read_bytes())), home, thirty)
        assert out.startswith("MNIST: 20 training and 10 test images")
        assert files(home) == []


def test_home_is_read_only(serve, tmp_path, thirty):
    with mounted(tmp_path / "home", "size=64k,ro") as home:
        out = ended(start_reader(serve(answer(thirty.read_bytes())), home, thirty))
        assert out.startswith("MNIST: 20 training and 10 test images")


@pytest.mark.parametrize("home", [None, "/dev/null/nowhere"])
def test_home_is_missing(home, serve, tmp_path):
    # Without HOME the system knows this user's own, whose cache is not to be touched.
    own = {} if home else {"KERAS_HOME": str(tmp_path)}
    out = ended(start_reader(serve(answer(SIGN_IN)), home, **own))
    assert out.startswith("SAMPLE")
    assert "sign-in page" in out


def test_two_kernels_at_once_on_an_empty_cache(serve, thirty, tmp_path):
    url = serve(answer(thirty.read_bytes()))
    readers = [start_reader(url, tmp_path, thirty) for _ in range(2)]
    for reader in readers:
        assert ended(reader).startswith("MNIST: 20 training")
    assert files(tmp_path) == ["mnist.npz"]
    assert cached(tmp_path).read_bytes() == thirty.read_bytes()


@pytest.mark.parametrize(
    "named",
    ["~/thirty.npz", "thirty.npz", "my data/thirty.npz", '"{folder}/thirty.npz"', " thirty.npz "],
)
def test_mnist_npz(named, thirty, monkeypatch, tmp_path):
    (tmp_path / "my data").mkdir()
    shutil.copy(thirty, tmp_path / "my data")
    monkeypatch.chdir(tmp_path)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    pass_for_mnist(thirty, monkeypatch.setattr)
    monkeypatch.setenv("MNIST_NPZ", named.format(folder=tmp_path))
    (x_train, _), _ = helpers.load_mnist()
    assert len(x_train) == 20


@pytest.mark.parametrize("named", [r"C:\Users\Ada\my data\mnist.npz", "~nobody-here/mnist.npz"])
def test_mnist_npz_that_is_not_there(named, monkeypatch):
    monkeypatch.setenv("MNIST_NPZ", named)
    with pytest.raises(FileNotFoundError, match="Set MNIST_NPZ to the path of mnist.npz") as caught:
        helpers.load_mnist()
    assert named in str(caught.value)


def test_pickled_objects_are_never_loaded(tmp_path, monkeypatch):
    class Trap:
        def __reduce__(self):
            return open, (str(tmp_path / "sprung"), "w")

    np.savez(tmp_path / "mnist.npz", x_train=np.array([Trap()], object))
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "mnist.npz"))
    with pytest.raises(ValueError, match="damaged or another kind of file. Take a fresh copy"):
        helpers.load_mnist()
    assert not (tmp_path / "sprung").exists()


def test_model_file_from_an_unknown_hand_is_refused(tmp_path):
    layers = [keras.Input((4,)), keras.layers.Lambda(lambda x: x + 1)]
    keras.Sequential(layers).save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="safe_mode|unsafe|deserializ"):
        keras.models.load_model(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras", safe_mode=False).count_params() == 0
