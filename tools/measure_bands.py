"""Run the claims over seeds: python tools/measure_bands.py [--seeds 10] [01 ...]

Runs each notebook with its claims once per seed, every random seed in it shifted, and prints for
each claim the least, mean and greatest value, the standard deviation, the band, and how many
deviations the mean is away from the nearer edge. Each run is kept in bands.jsonl, and skipped the
next time unless the notebook, its claims or helpers.py have changed.
"""

import argparse
import contextlib
import hashlib
import io
import json
import math
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "bands.jsonl"
SHIFT = 1000  # between the seeds of one run and the next, more than any seed in a notebook
sys.path.insert(0, str(ROOT))


def measure(path, run):
    """Run a notebook's cells and claims with its seeds shifted; return [what, value, low, high]."""
    import helpers
    import keras
    import matplotlib
    import nbformat
    import numpy as np
    from conftest import claims_of
    from IPython.core.interactiveshell import InteractiveShell

    matplotlib.use("Agg")
    if len(helpers.load_mnist()[0][0]) < 60_000:
        raise SystemExit("The claims are about the full MNIST; set MNIST_NPZ to it first.")
    rows = []
    set_seed, default_rng = keras.utils.set_random_seed, np.random.default_rng

    def shifted_rng(seed=None):
        return default_rng(seed + SHIFT * run if isinstance(seed, int) else seed)

    keras.utils.set_random_seed = lambda seed: set_seed(seed + SHIFT * run)
    np.random.default_rng = shifted_rng  # fit_compiled's order comes from it, too

    def claim(what, value, low, high):
        rows.append([what, float(value), low, high])

    claims, shell = claims_of(path), InteractiveShell.instance()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            shell.run_cell(cell.source).raise_error()
            exec(claims.get(cell.id, ""), {**shell.user_ns, "claim": claim})
    return rows


def state(path):
    """SHA-256 of all that a notebook's measurements depend on, but its stored outputs."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    claims = ROOT / "tests" / "claims" / f"{path.stem}.py"
    texts += [file.read_text("utf-8") for file in (claims, ROOT / "helpers.py")]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def row(what, values, low, high):
    """One line of the table."""
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    edge = min(mean - low, high - mean)
    away = edge / deviation if deviation else math.inf
    outside = "" if low <= min(values) and max(values) <= high else "  OUTSIDE"
    numbers = f"{min(values):10.4f}{mean:10.4f}{max(values):10.4f}{deviation:10.5f}"
    return f"{what:56}{numbers}{away:7.1f}  {low} to {high}{outside}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="runs of each notebook (default 10)")
    parser.add_argument("--one", nargs=2, metavar=("NOTEBOOK", "RUN"), help=argparse.SUPPRESS)
    parser.add_argument("notebooks", nargs="*", help="such as 02 05; all without")
    given = parser.parse_args()
    if given.one:
        with contextlib.redirect_stdout(io.StringIO()):
            rows = measure(Path(given.one[0]), int(given.one[1]))
        print(json.dumps(rows))
        return
    kept = [json.loads(line) for line in KEPT.read_text().splitlines()] if KEPT.exists() else []
    kept = {(name, run): rows for name, run, rows in kept}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if given.notebooks and path.name[:2] not in given.notebooks:
            continue
        key, runs = state(path), []
        for run in range(given.seeds):
            if (key, run) not in kept:
                command = [sys.executable, __file__, "--one", str(path), str(run)]
                done = subprocess.run(command, cwd=path.parent, stdout=subprocess.PIPE, check=True)
                kept[key, run] = json.loads(done.stdout.splitlines()[-1])
                with KEPT.open("a") as file:
                    file.write(json.dumps([key, run, kept[key, run]]) + "\n")
            runs.append(kept[key, run])
        titles = "     least      mean  greatest       dev.  away  band"
        print(f"\n{path.name + f', {given.seeds} seeds':56}{titles}")
        for rows in zip(*runs, strict=True):
            what, _, low, high = rows[0]
            print(row(what, [value for _, value, _, _ in rows], low, high), flush=True)


if __name__ == "__main__":
    main()
