"""Train the networks of notebook 08 with three seeds each: python tools/beyond.py [NAME ...]

Prints the table that the notebook holds, as comma-separated values: kind of network, parameters
that are trained, how it is trained, epochs, seconds of training (with compiling, without loading;
the quickest of the seeds, since whatever else a computer does only adds to them), and test accuracy
in percent as mean, lowest and highest seed.

--validate prints another table: our convolutional network, and others that lack one of its points.
They train on the first 48,000 images, the accuracy is that on the last 12,000, and nothing reads
the test set.

Each training has a process of its own, and the networks take turns, so a machine whose speed drifts
drifts for all of them. --keep FILE stores each result as it comes, one line of JSON each, and skips
what the file has already; begin a new file when a network has changed. Run it on the full MNIST, on
an idle machine; the first table takes about an hour.
"""

import argparse
import contextlib
import io
import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import helpers
import keras
import tensorflow as tf
from keras import layers

SEEDS = 3


def full_mnist(shape):
    """MNIST as float32 in [0, 1], each image in a shape, and its labels."""
    (x_train, y_train), (x_test, y_test) = helpers.load_mnist()
    if len(x_train) < 60_000:
        raise SystemExit("The figures are about the full MNIST; set MNIST_NPZ to it first.")
    x_train, x_test = (x.reshape(-1, *shape).astype("float32") / 255 for x in (x_train, x_test))
    return (x_train, y_train), (x_test, y_test)


def rmsprop(epochs, steps):
    return keras.optimizers.RMSprop()


def sgd(epochs, steps):
    return keras.optimizers.SGD(0.01)


def adam(epochs, steps):
    return keras.optimizers.Adam(0.001)


def decayed(epochs, steps):
    return keras.optimizers.AdamW(0.001, weight_decay=0.1)


def falling(rate):
    """Adam with a rate that rises for one epoch and then falls to zero along half a cosine."""

    def optimizer(epochs, steps):
        schedule = keras.optimizers.schedules.CosineDecay(
            rate / 10, (epochs - 1) * steps, warmup_target=rate, warmup_steps=steps
        )
        return keras.optimizers.Adam(schedule)

    return optimizer


def moved():
    """Keras layers that shift, turn and scale each image at random."""
    black = {"fill_mode": "constant"}
    return [
        layers.RandomTranslation(0.08, 0.08, **black),
        layers.RandomRotation(0.03, **black),
        layers.RandomZoom(0.1, **black),
    ]


def dense(*hidden, dropout=0.0, activation="relu"):
    stack = []
    for units in hidden:
        stack += [layers.Dense(units, activation), layers.Dropout(dropout)]
    return [layers.Flatten(), *stack, output()]


def output():
    return layers.Dense(10, activation="softmax")


def keras_example():
    """Keras's example "Simple MNIST convnet"."""
    return [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.5),
        output(),
    ]


def our_convnet(strides=2, normalized=True):
    """The network of notebook 08, or it with max pooling for strides, or with biases for norms."""

    def then_relu():
        return [layers.BatchNormalization()] * normalized + [layers.Activation("relu")]

    bias = {"use_bias": not normalized}
    return [
        layers.Conv2D(24, 5, strides=strides, padding="same", **bias),
        *([layers.MaxPooling2D(2)] if strides == 1 else []),
        *then_relu(),
        layers.Conv2D(48, 3, **bias),
        layers.MaxPooling2D(2),
        *then_relu(),
        layers.Conv2D(96, 3, **bias),
        *then_relu(),
        layers.Flatten(),
        layers.Dropout(0.3),
        output(),
    ]


def our_dense(*hidden):
    stack = [layers.Flatten()]
    for units in hidden or (512, 512):
        stack += [layers.Dense(units, use_bias=False), layers.BatchNormalization()]
        stack += [layers.Activation("relu"), layers.Dropout(0.1)]
    return [*stack, output()]


def lenet_5():
    """LeNet-5's sizes, with relu for its squashing functions and softmax for its last layer."""
    return [
        layers.Conv2D(6, 5, padding="same", activation="relu"),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 5, activation="relu"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        output(),
    ]


def build(stack, x, y, seed, *, epochs, batch_size, optimizer, by, images=60_000, **settings):
    """Build one network; return it, and a function that trains it for a number of its epochs."""
    x, y = x[:images], y[:images]
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((28, 28, 1)), *stack()])
    optimizer = optimizer(epochs, steps=math.ceil(len(x) / batch_size))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    if by == "fit_compiled":
        settings |= {"batch_size": batch_size, "seed": seed}
        return model, lambda epochs: helpers.fit_compiled(model, x, y, epochs=epochs, **settings)
    settings |= {"verbose": 0}
    if by == "fit":
        settings |= {"batch_size": batch_size}
        return model, lambda epochs: model.fit(x, y, epochs=epochs, **settings)
    move = keras.Sequential(moved())
    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(batch_size)
    batches = batches.map(lambda images, labels: (move(images, training=True), labels)).prefetch(4)
    return model, lambda epochs: model.fit(batches, epochs=epochs, shuffle=False, **settings)


def least_squares(x, y):
    """The linear network with the least squared error on one-hot labels, without an optimizer."""
    start = time.perf_counter()
    inputs = np.c_[x.reshape(len(x), -1), np.ones(len(x), "float32")]
    square = (inputs.T @ inputs).astype("float64")
    solved = np.linalg.lstsq(square, inputs.T @ np.eye(10, dtype="float32")[y], rcond=1e-7)[0]
    seconds = time.perf_counter() - start
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)])
    model.set_weights([solved[:-1], solved[-1]])
    model.compile("sgd", "mse", metrics=["accuracy"])
    return model, seconds


D = {"by": "fit_compiled", "epochs": 10, "batch_size": 128, "optimizer": adam}
C = D | {"epochs": 200, "optimizer": sgd, "images": 48_000}
OLD = D | {"optimizer": falling(0.001)}
CONVNET = {"by": "fit, moved", "epochs": 12, "batch_size": 128, "optimizer": falling(0.003)}
DENSE = {"by": "fit, moved", "epochs": 20, "batch_size": 256, "optimizer": falling(0.002)}
EXAMPLE = D | {"by": "fit", "epochs": 15, "validation_split": 0.1}
# What each network is called, its kind, what it is made of, and how it is trained.
NETWORKS = {
    "A": ("series", lambda: dense(512), D | {"epochs": 5, "optimizer": rmsprop}),
    "B": ("series", lambda: dense(128), D | {"epochs": 5, "batch_size": 64, "images": 48_000}),
    "C, reading 1": ("series", dense, C),
    "C, reading 2": ("series", lambda: dense(128, activation="softmax"), C),
    "C, reading 3": ("series", lambda: dense(128), C),
    "D": ("series", lambda: dense(512, 256), D | {"epochs": 5, "batch_size": 32}),
    "E": ("series", lambda: dense(100, 50, 25), D | {"epochs": 5, "batch_size": 32}),
    "linear, least squares": ("dense", None, {"by": "equations", "epochs": 1}),
    "linear, cross-entropy": ("dense", dense, OLD),
    "300": ("dense", lambda: dense(300), OLD),
    "500 + 150": ("dense", lambda: dense(500, 150), OLD),
    "800": ("dense", lambda: dense(800), OLD),
    "D, 10 epochs": ("dense", lambda: dense(512, 256), D),
    "D, dropout": ("dense", lambda: dense(512, 256, dropout=0.3), D | {"by": "fit"}),
    "D, weight decay": ("dense", lambda: dense(512, 256), D | {"optimizer": decayed}),
    "D, augmented": ("dense", lambda: dense(512, 256), D | {"by": "fit, moved"}),
    "our dense": ("dense", our_dense, DENSE),
    "LeNet-5": ("convolutional", lenet_5, OLD | {"by": "fit"}),
    "Keras's example": ("convolutional", keras_example, EXAMPLE),
    "our convolutional": ("convolutional", our_convnet, CONVNET),
}
# Our convolutional network, and others that differ from it in one point.
CHOICES = {
    "our convolutional": NETWORKS["our convolutional"],
    "- max pooling, no stride": ("convolutional", lambda: our_convnet(strides=1), CONVNET),
    "- no batch normalization": ("convolutional", lambda: our_convnet(normalized=False), CONVNET),
    "- one learning rate, 0.001": ("convolutional", our_convnet, CONVNET | {"optimizer": adam}),
    "- images not moved": ("convolutional", our_convnet, CONVNET | {"by": "fit"}),
}


def one(name, seed, validate):
    """Train one network and read its unseen images once; return what the table needs."""
    (x_train, y_train), (x_test, y_test) = full_mnist((28, 28, 1))
    if validate:
        x_train, x_test, y_train, y_test = np.split(x_train, [48_000]) + np.split(y_train, [48_000])
    _, stack, how = (CHOICES if validate else NETWORKS)[name]
    if stack is None:
        model, seconds = least_squares(x_train, y_train)
    else:
        model, train = build(stack, x_train, y_train, seed, **how)
        start = time.perf_counter()
        train(how["epochs"])
        seconds = time.perf_counter() - start
    scores = model.predict(x_test, batch_size=1000, verbose=0)
    return {
        "name": name,
        "seed": seed,
        "parameters": sum(int(np.prod(v.shape)) for v in model.trainable_variables),
        "epochs": how["epochs"],
        "seconds": seconds,
        "accuracy": float((scores.argmax(axis=1) == y_test).mean()),
    }


def in_own_process(name, seed, validate):
    command = [sys.executable, __file__, "--one", name, str(seed)] + ["--validate"] * validate
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def print_table(networks, results):
    print("network,kind,parameters,trained by,epochs,seconds,mean,lowest,highest")
    for name, (kind, _, how) in networks.items():
        rows = [row for row in results if row["name"] == name]
        if rows:
            accuracies = [100 * row["accuracy"] for row in rows]
            spread = (statistics.mean(accuracies), min(accuracies), max(accuracies))
            print(
                f'"{name}",{kind},{rows[0]["parameters"]},"{how["by"]}",{rows[0]["epochs"]}',
                f"{min(row['seconds'] for row in rows):.0f}",
                *(f"{value:.2f}" for value in spread),
                sep=",",
            )


def compare(names, seeds, keep, validate):
    """Train the named networks, taking turns; return one result for each network and seed."""
    networks = CHOICES if validate else NETWORKS
    results = []
    if keep and keep.exists():
        results = [json.loads(line) for line in keep.read_text().splitlines()]
    done = {(row["name"], row["seed"]) for row in results}
    for seed in range(seeds):
        for name in names:
            if (name, seed) in done or (networks[name][1] is None and seed):
                continue  # equations have no seed
            row = in_own_process(name, seed, validate)
            results.append(row)
            print(f"{name}, seed {seed}: {row['seconds']:.0f} s", file=sys.stderr, flush=True)
            if keep:
                with keep.open("a") as file:
                    file.write(json.dumps(row) + "\n")
    return [row for row in results if row["name"] in names]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"of each (default {SEEDS})")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="results so far, to go on from")
    parser.add_argument("--validate", action="store_true", help="the table of choices instead")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "SEED"), help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="NAME", help="without any, all of its table")
    given = parser.parse_args()
    if given.one:
        with contextlib.redirect_stdout(io.StringIO()):
            row = one(given.one[0], int(given.one[1]), given.validate)
        print(json.dumps(row))
        return
    networks = CHOICES if given.validate else NETWORKS
    unknown = set(given.names) - set(networks)
    if unknown:
        raise SystemExit(f"No network {', '.join(unknown)}; there are: {'; '.join(networks)}.")
    names = given.names or list(networks)
    print_table(networks, compare(names, given.seeds, given.keep, given.validate))


if __name__ == "__main__":
    main()
