"""Train the networks of notebook 09 with three seeds each: python tools/convolution.py [STUDY ...]

Writes tests/claims/convolution.csv, which the notebook quotes, and goes on where it was stopped. A
row holds the study, the network, its seed, its parameters that are trained, the seconds of training
(with compiling, without loading), and its share of right answers. The studies:

whole: our network and Keras's example. They take turns, so that a machine whose speed drifts drifts
    for both; run it on an idle one. Trained on all 60,000 images, read on the 10,000 test images.
old: the sizes of three networks of 1998 and 2003. As above.
tricks: our network, without each of its tricks, and Keras's example with all that do not change its
    layers; half of the epochs for all. Trained on the first 48,000 images, read on the last 12,000.

The stored seconds of the last two were taken beside other work; nothing quotes them. Run it on the
full MNIST; each study takes a quarter or half of an hour.
"""

import argparse
import math
import sys
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import helpers
import keras
import numpy as np
import tensorflow as tf
from keras import layers

RESULTS = ROOT / "tests" / "claims" / "convolution.csv"
COLUMNS = ["study", "network", "seed", "parameters", "seconds", "accuracy"]
SEEDS = 3


def full_mnist(shape):
    """MNIST as float32 in [0, 1], each image in a shape, and its labels."""
    (x_train, y_train), (x_test, y_test) = helpers.load_mnist()
    if len(x_train) < 60_000:
        raise SystemExit("The figures are about the full MNIST; set MNIST_NPZ to it first.")
    x_train, x_test = (x.reshape(-1, *shape).astype("float32") / 255 for x in (x_train, x_test))
    return (x_train, y_train), (x_test, y_test)


def moves():
    """Keras layers that shift, turn and scale each image at random."""
    black = {"fill_mode": "constant"}
    return [
        layers.RandomTranslation(0.08, 0.08, **black),
        layers.RandomRotation(0.03, **black),
        layers.RandomZoom(0.1, **black),
    ]


def batches(x, y, moved):
    """Shuffled batches of 128 images and labels, moved at random or as they are."""
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(128)
    if moved:
        move = keras.Sequential(moves())
        data = data.map(lambda images, labels: (move(images, training=True), labels))
    return data.prefetch(4)


def falling(rate, epochs, steps):
    """Adam with a rate that rises for one epoch and then falls to zero along half a cosine."""
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 10, (epochs - 1) * steps, warmup_target=rate, warmup_steps=steps
    )
    return keras.optimizers.Adam(schedule)


def output():
    return layers.Dense(10, activation="softmax")


def dense(units):
    return [layers.Flatten(), layers.Dense(units, "relu"), output()]


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
    """The network of notebook 09, or it with max pooling for strides, or with biases for norms."""

    def then_relu():
        return [layers.BatchNormalization()] * normalized + [layers.Activation("relu")]

    bias = {"use_bias": not normalized}
    return [
        layers.Conv2D(16, 5, strides=strides, padding="same", **bias),
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


# What each network is made of, and how it is trained, if not as ours.
OURS = {"epochs": 10, "rate": 0.003, "moved": True}
OLD = {"epochs": 10, "rate": 0.001, "moved": False}
NETWORKS = {
    "whole": {
        "ours": (our_convnet, OURS),
        "Keras's example": (keras_example, {"epochs": 15, "rate": None, "moved": False}),
    },
    "old": {
        "LeNet-5": (lenet_5, OLD),
        "300 units": (lambda: dense(300), OLD),
        "800 units": (lambda: dense(800), OLD),
    },
    "tricks": {
        "ours": (our_convnet, OURS),
        "without strides": (lambda: our_convnet(strides=1), OURS),
        "without normalization": (lambda: our_convnet(normalized=False), OURS),
        "without the falling rate": (our_convnet, OURS | {"rate": None}),
        "without moves": (our_convnet, OURS | {"moved": False}),
        "Keras's layers, trained like ours": (keras_example, OURS),
    },
}


def train(study, network, seed, data):
    """Train a network; return its parameters, seconds and accuracy, as in the file."""
    (x, y), unseen = data
    stack, how = NETWORKS[study][network]
    epochs = how["epochs"] // 2 if study == "tricks" else how["epochs"]
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((28, 28, 1)), *stack()])
    steps = math.ceil(len(x) / 128)
    adam = falling(how["rate"], epochs, steps) if how["rate"] else keras.optimizers.Adam(0.001)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    if (study, network) == ("whole", "Keras's example"):  # as it is published
        model.fit(x, y, batch_size=128, epochs=epochs, validation_split=0.1, verbose=0)
    else:
        model.fit(batches(x, y, how["moved"]), epochs=epochs, shuffle=False, verbose=0)
    seconds = time.perf_counter() - start
    accuracy = model.evaluate(*unseen, batch_size=1000, verbose=0)[1]
    parameters = sum(int(np.prod(one.shape)) for one in model.trainable_variables)
    return parameters, round(seconds, 1), round(accuracy, 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", nargs="*", help=f"of {', '.join(NETWORKS)}; without any, all")
    wanted = parser.parse_args().studies or list(NETWORKS)
    (x, y), test = full_mnist((28, 28, 1))
    data = dict.fromkeys(NETWORKS, ((x, y), test))
    data["tricks"] = (x[:48000], y[:48000]), (x[48000:], y[48000:])
    rows = pd.read_csv(RESULTS).to_numpy().tolist() if RESULTS.exists() else []
    done = {tuple(row[:3]) for row in rows}
    for study in wanted:
        for seed in range(SEEDS):
            for network in NETWORKS[study]:
                if (study, network, seed) not in done:
                    measured = train(study, network, seed, data[study])
                    rows.append([study, network, seed, *measured])
                    pd.DataFrame(rows, columns=COLUMNS).to_csv(RESULTS, index=False)
                    print(*rows[-1], flush=True)
    table = pd.read_csv(RESULTS).groupby(["study", "network"])[["accuracy", "seconds"]]
    print(table.agg(["min", "mean", "max"]).round(4).to_string())


if __name__ == "__main__":
    main()
