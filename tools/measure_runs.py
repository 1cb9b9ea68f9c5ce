"""Train programs A, B, D and E many times: python tools/measure_runs.py [--runs 20]

Writes each run's accuracy on the 10,000 test images to tests/claims/runs.csv, which the lessons
quote, and goes on where it was stopped. Each program is trained twenty times without a seed, and
with the seeds 0 to 19: after `keras.utils.set_random_seed`, `fit` shuffles the images alike in
every epoch. One line more is exact: the nearest neighbour among all 60,000 training images. Run it
on the full MNIST; it takes half an hour.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import keras

from tools import convolution

RUNS = ROOT / "tests" / "claims" / "runs.csv"
# As in notebook 03: hidden units, optimizer, batch size, share of the images held back.
PROGRAMS = {
    "A": ((512,), "rmsprop", 128, 0),
    "B": ((128,), "adam", 64, 0.2),
    "D": ((512, 256), "adam", 32, 0),
    "E": ((100, 50, 25), "adam", 32, 0),
}


def test_accuracy(program, train, test):
    """Train a program for its five epochs; return its share of right answers on the test set."""
    if program == "nearest neighbour":
        return KNeighborsClassifier(1, algorithm="brute").fit(*train).score(*test)
    hidden_units, optimizer, batch_size, held_out = PROGRAMS[program]
    hidden = [keras.layers.Dense(units, activation="relu") for units in hidden_units]
    output = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((784,)), *hidden, output])
    how = {"metrics": ["accuracy"], "steps_per_execution": 100}
    model.compile(optimizer, "sparse_categorical_crossentropy", **how)
    how = {"epochs": 5, "batch_size": batch_size, "validation_split": held_out, "verbose": 0}
    model.fit(*train, **how)
    return model.evaluate(*test, verbose=0)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    given = parser.parse_args()
    train, test = convolution.full_mnist((784,))
    rows = pd.read_csv(RUNS).to_numpy().tolist() if RUNS.exists() else []
    wanted = [(program, "no", run) for run in range(given.runs) for program in PROGRAMS]
    wanted += [(program, "yes", run) for program, _, run in wanted]  # a seed, once set, stays set
    for program, seeded, run in [("nearest neighbour", "no", 0), *wanted]:
        if not any(row[:3] == [program, seeded, run] for row in rows):
            if seeded == "yes":
                keras.utils.set_random_seed(run)
            rows.append([program, seeded, run, round(test_accuracy(program, train, test), 4)])
            table = pd.DataFrame(rows, columns=["program", "seeded", "run", "accuracy"])
            table.to_csv(RUNS, index=False)
            print(*rows[-1], flush=True)
    runs = pd.read_csv(RUNS).groupby(["program", "seeded"]).accuracy
    print(runs.agg(["min", "mean", "max", "std", "count"]))


if __name__ == "__main__":
    main()
