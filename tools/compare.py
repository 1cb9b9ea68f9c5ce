"""Train program D's network in many ways: python tools/compare.py [STUDY ...]

Writes tests/claims/comparison.csv, which notebook 08 quotes, and goes on where it was stopped. A
row holds the study, what was tried and how much of it, the seed, and the accuracy and the loss on
images that the training did not see. The studies:

optimizers: 6,000 images, 5 epochs; five learning rates each with three seeds, the best of them with
    nine seeds more. Read on the last 12,000 training images.
remedies: 6,000 images, 15 epochs; five strengths each of dropout and of weight decay with three
    seeds, the best of them with nine seeds more. Read on the last 12,000 training images.
images: 600, 6,000 and 60,000 images, as they are or moved at random, 3,750 batches of 128 for all,
    three seeds. Nothing is chosen by them; read on the 10,000 test images.

Run it on the full MNIST; it takes half an hour.
"""

import argparse
import math
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import keras

from tools import convolution

COMPARISON = ROOT / "tests" / "claims" / "comparison.csv"
COLUMNS = ["study", "name", "setting", "seed", "accuracy", "loss"]
RATES = {
    "SGD": (0.03, 0.1, 0.3, 1.0, 3.0),
    "momentum": (0.003, 0.01, 0.03, 0.1, 0.3),
    "RMSprop": (0.0003, 0.001, 0.003, 0.01, 0.03),
    "Adam": (0.0001, 0.0003, 0.001, 0.003, 0.01),
}
STRENGTHS = {
    "none": (0.0,),
    "dropout": (0.1, 0.2, 0.3, 0.5, 0.7),
    "weight decay": (0.03, 0.1, 0.3, 1.0, 3.0),
}
COUNTS = {name: (600, 6000, 60000) for name in ("as they are", "moved")}
# What is tried, with how many seeds, and with how many more for the best of each.
STUDIES = {"optimizers": (RATES, 3, 9), "remedies": (STRENGTHS, 3, 9), "images": (COUNTS, 3, 0)}


def build(optimizer, dropout=0.0):
    """D's network, untrained; dropout behind each hidden layer."""
    layers = [keras.Input((28, 28, 1)), keras.layers.Flatten()]
    for units in (512, 256):
        layers += [keras.layers.Dense(units, "relu"), keras.layers.Dropout(dropout)]
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    how = {"metrics": ["accuracy"], "steps_per_execution": 10}
    model.compile(optimizer, "sparse_categorical_crossentropy", **how)
    return model


def optimizer_of(name, rate):
    if name == "momentum":
        return keras.optimizers.SGD(rate, momentum=0.9)
    return getattr(keras.optimizers, name)(rate)


def train(study, name, setting, seed, train_set, unseen):
    """Train D's network in one way; return its accuracy and loss on images that it did not see."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    if study == "images":
        x, y = (array[:setting] for array in train_set)
        batches = convolution.batches(x, y, name == "moved")
        model = build("adam")
        epochs = 3750 // math.ceil(setting / 128)
        model.fit(batches, epochs=epochs, shuffle=False, verbose=0)
    else:
        x, y = (array[:6000] for array in train_set)
        if study == "optimizers":
            model, epochs = build(optimizer_of(name, setting)), 5
        elif name == "weight decay":
            model, epochs = build(keras.optimizers.AdamW(0.001, weight_decay=setting)), 15
        else:
            model, epochs = build("adam", dropout=setting), 15
        model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
    loss, accuracy = model.evaluate(*unseen, batch_size=1000, verbose=0)
    return round(accuracy, 4), round(loss, 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", nargs="*", help=f"of {', '.join(STUDIES)}; without any, all")
    wanted = parser.parse_args().studies or list(STUDIES)
    (x, y), test = convolution.full_mnist((28, 28, 1))
    rows = pd.read_csv(COMPARISON).to_numpy().tolist() if COMPARISON.exists() else []
    measured = {tuple(row[:4]): row[4] for row in rows}

    def measure(*one):
        if one not in measured:
            unseen = test if one[0] == "images" else (x[48000:], y[48000:])
            rows.append([*one, *train(*one, (x, y), unseen)])
            measured[one] = rows[-1][4]
            pd.DataFrame(rows, columns=COLUMNS).to_csv(COMPARISON, index=False)
            print(*rows[-1], flush=True)
        return measured[one]

    for study in wanted:
        tries, first, more = STUDIES[study]
        for name, settings in tries.items():
            totals = {
                s: sum(measure(study, name, s, seed) for seed in range(first)) for s in settings
            }
            for seed in range(first, first + more):
                measure(study, name, max(totals, key=totals.get), seed)
    table = pd.read_csv(COMPARISON).groupby(["study", "name", "setting"]).accuracy
    print(table.agg(["min", "mean", "max", "std", "count"]).round(4).to_string())


if __name__ == "__main__":
    main()
