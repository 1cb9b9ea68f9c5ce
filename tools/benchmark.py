"""Time fit_compiled against plain fit: python tools/benchmark.py [--epochs 200] [--pairs 5]

Softmax regression on 48,000 images in batches of 128, validated on 12,000, compilation included.
Each training has a fresh process; that of plain fit imports nothing of this project. They take
turns, so that a machine whose speed drifts drifts for both. Run it on the full MNIST and an idle
machine; it takes a quarter of an hour.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
TRAINING = """
import sys, time
{0}
import keras, numpy as np
with np.load(sys.argv[1]) as data:
    x, y = data["x"].reshape(-1, 784).astype("float32") / 255, data["y"]
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])
model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
how = dict(epochs=int(sys.argv[2]), batch_size=128, validation_data=(x[48000:], y[48000:]))
start = time.perf_counter()
history = {1}x[:48000], y[:48000], verbose=0, **how).history
print(time.perf_counter() - start, history["val_accuracy"][-1])
"""
PLAIN = TRAINING.format("", "model.fit(")
IMPORT = f"sys.path.insert(0, {str(ROOT)!r}); import helpers"
OURS = TRAINING.format(IMPORT, "helpers.fit_compiled(model, ")


def seconds(code, images, epochs):
    """Run a training in a process of its own; return its seconds and its validation accuracy."""
    command = [sys.executable, "-c", code, images, str(epochs)]
    done = subprocess.run(command, cwd=tempfile.gettempdir(), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return map(float, done.stdout.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from helpers import load_mnist

    (x, y), _ = load_mnist()
    if len(x) < 60_000:
        raise SystemExit("The ratio is that of the full MNIST; set MNIST_NPZ to it first.")
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        images = str(Path(folder) / "images.npz")
        np.savez(images, x=x, y=y)
        for _ in range(given.pairs):
            plain, accuracy = seconds(PLAIN, images, given.epochs)
            ours, other = seconds(OURS, images, given.epochs)
            ratios.append(plain / ours)
            print(f"fit {plain:.1f} s ({accuracy:.4f}), fit_compiled {ours:.1f} s ({other:.4f})")
    middle = statistics.median(ratios)
    print(f"fit over fit_compiled, {given.epochs} epochs, {given.pairs} pairs: {middle:.1f}")


if __name__ == "__main__":
    main()
