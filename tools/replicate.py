"""The wide study behind notebook 06: python tools/replicate.py

Trains ten seeds of reading 1 and three of readings 2 and 3 for the full 200 epochs, and softmax
regression to convergence, and prints the tables that the notebook quotes. Run it on the full MNIST.
"""

import argparse
import contextlib
import io
import sys
import time
from pathlib import Path

import numpy as np
import scipy.stats

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import helpers
import keras
from beyond import full_mnist
from sklearn.linear_model import LogisticRegression

READINGS = {1: (None, 10), 2: ("softmax", 3), 3: ("relu", 3)}  # hidden activation, seeds
CLAIMS = ((0.923, 12_000), (0.922, 10_000))  # validation and test accuracy, images
NAMES = {1: "784 → 10 softmax", 2: "784 → 128 softmax → 10", 3: "784 → 128 relu → 10"}


def train(activation, seeds, data):
    """Train one reading for 200 epochs from each of `seeds` seeds; return three lists.

    They hold the numbers of parameters, the validation accuracies and the test accuracies.
    """
    x, y, validation, test = data
    how = {"epochs": 200, "batch_size": 128, "validation_data": validation}
    counts, held_out, unseen = [], [], []
    for seed in range(seeds):
        keras.utils.set_random_seed(seed)
        hidden = [keras.layers.Dense(128, activation)] if activation else []
        output = keras.layers.Dense(10, activation="softmax")
        model = keras.Sequential([keras.Input((784,)), *hidden, output])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = helpers.fit_compiled(model, x, y, seed=seed, **how).history
        counts.append(model.count_params())
        held_out.append(history["val_accuracy"][-1])
        unseen.append(model.evaluate(*test, verbose=0)[1])
    return counts, held_out, unseen


def within_seeds(values, claim):
    """Whether a claim, rounded to three decimals, fits between the lowest and highest seed."""
    return min(values) <= claim + 0.0005 and claim - 0.0005 <= max(values)


def within_sample(values, claim, images):
    """Whether the seeds' mean lies in the 95 % interval (Wilson's) around a claim."""
    binomial = scipy.stats.binomtest(round(claim * images), images)
    low, high = binomial.proportion_ci(0.95, method="wilson")
    return low <= np.mean(values) <= high


def percent(values):
    """Mean, then least to greatest, in per cent with two decimals."""
    values = 100 * np.array(values)
    return f"{values.mean():.2f} % ({values.min():.2f}–{values.max():.2f})"


def main():
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    (x_train, y_train), (x_test, y_test) = full_mnist((784,))
    x, y, validation = x_train[:48000], y_train[:48000], (x_train[48000:], y_train[48000:])
    data = x, y, validation, (x_test, y_test)

    start = time.perf_counter()
    print(
        "| reading | parameters | seeds | validation accuracy | test accuracy "
        "| within the seeds | within the sample |"
    )
    print("|---|---|---|---|---|---|---|")
    print("| **the claim** | | | **92.3 %** | **92.2 %** | | |")
    for number, (activation, seeds) in READINGS.items():
        with contextlib.redirect_stdout(io.StringIO()):
            counts, held_out, test = train(activation, seeds, data)
        both = list(zip((held_out, test), CLAIMS))
        seed = all(within_seeds(values, claim) for values, (claim, _) in both)
        sample = all(within_sample(values, *claim) for values, claim in both)
        answers = " | ".join("yes" if answer else "no" for answer in (seed, sample))
        print(
            f"| {number}: {NAMES[number]} | {counts[0]:,} | {seeds} | {percent(held_out)} "
            f"| {percent(test)} | {answers} |",
            flush=True,
        )
    print(f"\n{(time.perf_counter() - start) / 60:.1f} minutes\n")

    print("Softmax regression to convergence, scikit-learn's LogisticRegression (L-BFGS):")
    for strength in (1.0, 1e4):
        model = LogisticRegression(C=strength, max_iter=3000).fit(x, y)
        print(
            f"C={strength:g}, {model.n_iter_[0]} iterations: training {model.score(x, y):.4f}, "
            f"validation {model.score(*validation):.4f}, test {model.score(x_test, y_test):.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
