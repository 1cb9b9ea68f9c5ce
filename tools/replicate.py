"""Train the five readings of notebook 06 with ten seeds each: python tools/replicate.py

Writes tests/claims/readings.csv, which the notebook quotes, and goes on where it was stopped. A row
holds the reading, its seed, the epoch, and the share of right answers: on the validation images
after some of the 200 epochs, on the 48,000 training and the 10,000 test images after the last. Two
rows more are softmax regression trained to its end by scikit-learn's L-BFGS, with a penalty of 1/C
(their "epoch" is an iteration). Run it on the full MNIST; it takes half an hour.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import helpers
import keras

from tools import convolution

READINGS = ROOT / "tests" / "claims" / "readings.csv"
COLUMNS = ["reading", "seed", "epoch", "training", "validation", "test"]
# As in notebook 06: units and activation of each layer.
LAYERS = {
    1: [(10, "softmax")],
    2: [(128, "softmax"), (10, "softmax")],
    3: [(128, "relu"), (10, "softmax")],
    4: [(128, "linear"), (10, "softmax")],
    5: [(128, "softmax")],
}
EPOCHS = (1, 2, 5, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200)


def build(reading, seed):
    """The untrained, compiled network of a reading."""
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(units, activation) for units, activation in LAYERS[reading]]
    model = keras.Sequential([keras.Input((784,)), *layers])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train(model, seed, data):
    """Train a network for 200 epochs; return the rows' epochs and shares, as in the file."""
    x, y, validation, test = data
    how = {"epochs": 200, "batch_size": 128, "validation_data": validation, "verbose": 0}
    curve = helpers.fit_compiled(model, x, y, seed=seed, **how).history["val_accuracy"]
    rows = [[epoch, None, curve[epoch - 1], None] for epoch in EPOCHS]
    rows[-1][1], rows[-1][3] = (model.evaluate(*both, verbose=0)[1] for both in ((x, y), test))
    return rows


def by_lbfgs(strength, data):
    """Softmax regression to convergence; return its row."""
    x, y, validation, test = data
    model = LogisticRegression(C=strength, max_iter=3000).fit(x, y)
    return [[model.n_iter_[0], *(model.score(*both) for both in ((x, y), validation, test))]]


def main():
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    (x, y), test = convolution.full_mnist((784,))
    data = x[:48000], y[:48000], (x[48000:], y[48000:]), test
    kept = pd.read_csv(READINGS) if READINGS.exists() else pd.DataFrame(columns=COLUMNS)
    done = set(zip(kept.reading, kept.seed))

    def keep(name, seed, rows):
        nonlocal kept
        new = pd.DataFrame([[name, seed, *row] for row in rows], columns=COLUMNS)
        kept = pd.concat([kept, new]) if len(kept) else new
        kept.round(4).to_csv(READINGS, index=False)
        print(name, seed, *rows[-1], flush=True)

    wanted = [(reading, seed) for seed in range(10) for reading in LAYERS]
    wanted = [one for one in wanted if (f"reading {one[0]}", one[1]) not in done]
    with ThreadPoolExecutor(2) as pool:  # two networks at a time, one on each core
        for first in range(0, len(wanted), 2):
            pair = wanted[first : first + 2]
            models = [build(*one) for one in pair]  # the seed is the whole process's
            trained = pool.map(train, models, [seed for _, seed in pair], [data] * len(pair))
            for (reading, seed), rows in zip(pair, trained):
                keep(f"reading {reading}", seed, rows)
    for strength in (1, 10_000):
        if (f"L-BFGS, C = {strength}", 0) not in done:
            keep(f"L-BFGS, C = {strength}", 0, by_lbfgs(strength, data))


if __name__ == "__main__":
    main()
