"""Measure every band that the notebooks assert: python tools/measure_bands.py [--seeds 5] [01 ...]

Runs the code of each notebook once per seed, with every random seed in it shifted, and collects
what `helpers.expect` is given. Prints, per line, what was measured, the least, mean and greatest
value over the seeds, the band in the notebook, and OUTSIDE where a value leaves it.
"""

import argparse
import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHIFT = 1000  # between the seeds of one run and the next, more than any seed in a notebook


def measure(path, run):
    """Run a notebook's code with its seeds shifted; return [what, value, low, high] per band."""
    import matplotlib
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    matplotlib.use("Agg")
    sys.path.insert(0, str(ROOT))
    import helpers
    import keras
    import numpy as np

    rows = []
    set_seed, default_rng = keras.utils.set_random_seed, np.random.default_rng

    def shifted_rng(seed=None):
        return default_rng(seed + SHIFT * run if isinstance(seed, int) else seed)

    keras.utils.set_random_seed = lambda seed: set_seed(seed + SHIFT * run)
    np.random.default_rng = shifted_rng  # fit_compiled's order comes from it, too
    helpers.expect = lambda what, value, low, high: rows.append([what, float(value), low, high])
    shell = InteractiveShell.instance()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            shell.run_cell(cell.source).raise_error()
    if helpers.on_sample():
        raise SystemExit("The bands hold for the full MNIST; set MNIST_NPZ to it first.")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="runs of each notebook (default 5)")
    parser.add_argument("--one", nargs=2, metavar=("NOTEBOOK", "RUN"), help=argparse.SUPPRESS)
    parser.add_argument("notebooks", nargs="*", help="such as 02 05; all without")
    given = parser.parse_args()
    if given.one:
        with contextlib.redirect_stdout(io.StringIO()):
            rows = measure(given.one[0], int(given.one[1]))
        print(json.dumps(rows))
        return
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if given.notebooks and path.name[:2] not in given.notebooks:
            continue
        runs = []
        for run in range(given.seeds):
            command = [sys.executable, __file__, "--one", str(path), str(run)]
            done = subprocess.run(command, cwd=path.parent, stdout=subprocess.PIPE, check=True)
            runs.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"\n{path.name}, {given.seeds} seeds{'':28}least    mean  greatest  band")
        for rows in zip(*runs, strict=True):
            what, _, low, high = rows[0]
            values = [row[1] for row in rows]
            out = "" if low <= min(values) and max(values) <= high else "  OUTSIDE"
            mean = sum(values) / len(values)
            print(
                f"{what:52}{min(values):9.4f}{mean:9.4f}{max(values):9.4f}  {low} to {high}{out}",
                flush=True,
            )


if __name__ == "__main__":
    main()
