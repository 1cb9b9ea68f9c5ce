"""Time the training of the series: python tools/benchmark.py [--quick | --beyond]

Prints tables of medians and ratios. All contestants of a table take turns, so a machine whose speed
drifts drifts for all of them. --quick leaves out tables 4 and 5, which run the five published
programs and the notebooks; --beyond is table 6 alone: notebook 06's networks beside Keras's own
example. Run it on the full MNIST, on an idle machine.
"""

import argparse
import contextlib
import importlib.util
import io
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import beyond
import helpers
import keras
import regenerate
from sklearn.linear_model import SGDClassifier

EPOCHS, BATCH, ROUNDS = 20, 128, 5


def dense(hidden=(), optimizer="sgd", loss="sparse_categorical_crossentropy", door=(784,)):
    """A compiled dense network with relu layers and ten softmax units."""
    layers = [keras.layers.Dense(units, activation="relu") for units in hidden]
    flatten = [keras.layers.Flatten()] if len(door) > 1 else []
    output = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input(door), *flatten, *layers, output])
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def timed(run, *args, **settings):
    """Seconds of one call, its output thrown away; a call that returns seconds has timed itself."""
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.perf_counter()
        returned = run(*args, **settings)
        took = time.perf_counter() - start
    return returned if isinstance(returned, float) else took


def take_turns(contestants, rounds=ROUNDS):
    """Median seconds of each contestant over rounds in which all take turns, after a warm-up."""
    seconds = {name: [] for name in contestants}
    for round_ in range(rounds + 1):
        for name, run in contestants.items():
            took = timed(run)
            if round_:
                seconds[name].append(took)
    return {name: statistics.median(values) for name, values in seconds.items()}


def read_once(x, epochs):
    """Read every image once per epoch in a new order, batch by batch."""
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(order), BATCH):
            x[order[first : first + BATCH]].sum()


def in_torch(x, y, epochs):
    """Seconds of the training in PyTorch, in a process of its own (see in_torch.py)."""
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images.npz"
        np.savez(images, x=x, y=y)
        script = Path(__file__).with_name("in_torch.py")
        command = [sys.executable, script, images, str(epochs), str(BATCH)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def in_jax(x, y, epochs):
    """Seconds of the training in JAX, after one epoch as a warm-up, as in PyTorch."""
    import jax
    import jax.numpy as jnp

    images, labels = jnp.asarray(x), jnp.asarray(y.astype("int32"))

    def loss(weights, chosen):
        scores = images[chosen] @ weights[0] + weights[1]
        log = jax.nn.log_softmax(scores)
        return -jnp.take_along_axis(log, labels[chosen][:, None], axis=1).mean()

    def step(weights, chosen):
        gradients = jax.grad(loss)(weights, chosen)
        return jax.tree.map(lambda w, g: w - 0.01 * g, weights, gradients), None

    epoch = jax.jit(lambda weights, order: jax.lax.scan(step, weights, order)[0])

    def train(epochs):
        weights = (jnp.zeros((784, 10)), jnp.zeros(10))
        for key in jax.random.split(jax.random.key(0), epochs):
            weights = epoch(weights, jax.random.permutation(key, len(x)).reshape(-1, BATCH))
        jax.block_until_ready(weights)

    train(1)
    start = time.perf_counter()
    train(epochs)
    return time.perf_counter() - start


def published(x_train, y_train, x_test, y_test):
    """Seconds of the five programs at their published settings with plain `fit`."""
    one_hot = np.eye(10, dtype="float32")[y_train]
    crossentropy = "categorical_crossentropy"
    pictures = x_train.reshape(-1, 28, 28, 1)
    split = {"validation_split": 0.2, "verbose": 0}
    programs = {
        "A": lambda: dense((512,), "rmsprop", crossentropy).fit(
            x_train, one_hot, epochs=5, batch_size=128, verbose=0
        ),
        "B": lambda: dense((128,), "adam", crossentropy, door=(28, 28, 1)).fit(
            pictures, one_hot, epochs=5, batch_size=64, **split
        ),
        "C": lambda: dense(loss=crossentropy).fit(
            x_train, one_hot, epochs=200, batch_size=128, **split
        ),
        "D": lambda: dense((512, 256), "adam").fit(
            x_train, y_train, epochs=5, batch_size=32, verbose=0
        ),
        "E": lambda: dense((100, 50, 25), "adam").fit(
            x_train, y_train, epochs=5, batch_size=32, validation_data=(x_test, y_test), verbose=0
        ),
    }
    return {name: timed(run) for name, run in programs.items()}


def beyond_dense():
    """Train notebook 06's networks beside Keras's example, a third of each in turn."""
    (x_train, y_train), (x_test, y_test) = beyond.full_mnist((28, 28, 1))
    names = ["Keras's example", "our convolutional", "our dense"]
    built = {}
    for name in names:
        _, stack, how = beyond.NETWORKS[name]
        built[name] = *beyond.build(stack, x_train, y_train, 0, **how), how["epochs"]
    seconds = dict.fromkeys(names, 0)
    for third in range(3):
        for name, (_, train, epochs) in built.items():
            seconds[name] += timed(train, epochs * (third + 1) // 3 - epochs * third // 3)
    print("6. Beside Keras's example, a third of each in turn:")
    for name, (model, _, epochs) in built.items():
        accuracy = model.evaluate(x_test, y_test, 1000, verbose=0)[1]
        ratio = seconds[name] / seconds[names[0]]
        took = f"{seconds[name]:4.0f} s, {ratio:.2f} of the example's"
        print(f"   {name:20} {epochs} epochs, {took}, test accuracy {100 * accuracy:.2f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out tables 4 and 5")
    parser.add_argument("--beyond", action="store_true", help="table 6 alone")
    given = parser.parse_args()
    if given.beyond:
        beyond_dense()
        return
    (x_train, y_train), (x_test, y_test) = beyond.full_mnist((784,))
    x, y, validation = x_train[:48000], y_train[:48000], (x_train[48000:], y_train[48000:])
    how = {"epochs": EPOCHS, "batch_size": BATCH}

    first = timed(helpers.fit_compiled, dense(), x, y, validation_data=validation, **how)
    again = dense(), dense()
    sklearn_name = "scikit-learn SGDClassifier(log_loss)"
    contestants = {
        "fit, a new network": lambda: dense().fit(x, y, validation_data=validation, **how),
        "fit_compiled, a new network": lambda: helpers.fit_compiled(
            dense(), x, y, validation_data=validation, **how
        ),
        "fit, going on": lambda: again[0].fit(x, y, validation_data=validation, **how),
        "fit_compiled, going on": lambda: helpers.fit_compiled(
            again[1], x, y, validation_data=validation, **how
        ),
        "reading the images once an epoch": lambda: read_once(x, EPOCHS),
        "fit_compiled without validation": lambda: helpers.fit_compiled(dense(), x, y, **how),
        sklearn_name: lambda: SGDClassifier(
            loss="log_loss", alpha=0, learning_rate="constant", eta0=0.01, max_iter=EPOCHS, tol=None
        ).fit(x[:4800], y[:4800]),
    }
    others = [sklearn_name]
    for name, module, run in (("PyTorch", "torch", in_torch), ("JAX", "jax", in_jax)):
        if importlib.util.find_spec(module):
            others.append(f"{name}, without validation")
            contestants[others[-1]] = lambda run=run: run(x, y, EPOCHS)
    seconds = take_turns(contestants)
    seconds[sklearn_name] *= 10  # it was given a tenth of the images

    print(f"Reading 1 (784 → 10), {EPOCHS} epochs of 48,000 images, medians of {ROUNDS} rounds")
    for name, value in seconds.items():
        print(f"  {name:40} {value:7.2f} s  {1000 * value / EPOCHS:7.1f} ms an epoch")
    print(f"  {'fit_compiled, the first of the process':40} {first:7.2f} s")
    ours = seconds["fit_compiled, a new network"]
    print(f"1. fit over fit_compiled, new networks: {seconds['fit, a new network'] / ours:.1f}")
    going_on = seconds["fit, going on"] / seconds["fit_compiled, going on"]
    print(f"   fit over fit_compiled, going on:     {going_on:.1f}")
    print(f"   fit over fit_compiled, the first:    {seconds['fit, a new network'] / first:.1f}")
    floor = seconds["reading the images once an epoch"]
    print(f"2. fit_compiled over the floor:         {ours / floor:.2f}")
    bare = seconds["fit_compiled without validation"]
    for name in others:
        print(f"3. {name} over fit_compiled: {seconds[name] / bare:.1f}")
    if given.quick:
        return

    programs = published(x_train, y_train, x_test, y_test)
    print("4. The five published programs with plain fit:")
    print("  ", ", ".join(f"{name} {value:.1f} s" for name, value in programs.items()))
    total = 0
    for path in sorted(regenerate.NOTEBOOKS.glob("*.ipynb")):
        _, took, peak = regenerate.run(path)
        total += took if path.name < "06" else 0  # the programs are those of 01–05
        print(f"   {path.name:30} {took:6.1f} s   5. peak memory {peak:5.0f} MB", flush=True)
    whole = sum(programs.values())
    print(f"   programs {whole:.0f} s, notebooks 1–5 {total:.0f} s, ratio {whole / total:.2f}")


if __name__ == "__main__":
    main()
