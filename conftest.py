"""Runs the claims of tests/claims/ right after the notebook cells that they are about.

A claims file is divided by lines `# %% cell-id`. What stands under such a line runs in the
notebook's kernel after that cell, as a test of its own, on a copy of the kernel's names, so that
no later cell sees anything of it. `claim(what, value, low, high)` fails outside its band, which
includes both ends; what luck cannot move is asserted. In the same way the folded solution of an
exercise runs after the exercise's cell, and its check must say "right".
"""

import contextlib
import io
import re
from collections import defaultdict
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent
CLAIM = """
def claim(what, value, low, high):
    assert low <= value <= high, f"{what}: measured {value:.6g}, claimed {low} to {high}"
"""
SOLVED = """
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as said:
    exec({solution!r}, dict(globals()))
assert said.getvalue().endswith(": right\\n"), said.getvalue()
"""
SOLUTION = re.compile(r"<details><summary>Solution</summary>\n\n```python\n(.*?)```", re.S)
collect_ignore = ["notebooks/class"]  # copies of the notebooks, which are tested
_said = []  # the lines of load_mnist()


def claims_of(notebook):
    """Cell id → source of its claims, for the path of a notebook; each line keeps its number."""
    file = ROOT / "tests" / "claims" / Path(notebook).with_suffix(".py").name
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    ids = {cell.id for cell in nbformat.read(notebook, as_version=4).cells}
    claims = {}
    for section in re.finditer(r"^# %% (\S+)\n((?:(?!# %% ).*\n?)*)", text, re.M):
        if section[1] not in ids or section[1] in claims:
            raise pytest.UsageError(f"{file}: no cell {section[1]!r}, or two sections for it")
        claims[section[1]] = "\n" * text.count("\n", 0, section.start(2)) + section[2]
    return claims


def is_exercise(cell):
    return cell.cell_type == "code" and "\ncheck(" in cell.source


def solution_of(notebook, place):
    """The solution folded below the exercise in a notebook's cell, then its check; or None."""
    cells = notebook.cells[place:]
    folded = next(SOLUTION.search(cell.source) for cell in cells if cell.cell_type == "markdown")
    return folded and folded[1] + cells[0].source.splitlines()[-1]


def on_sample():
    """Whether MNIST could not be had, so that the notebooks run on the 5,000-image sample."""
    return _said[:1] != [] and _said[0].startswith("SAMPLE")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    option, sanitize = config.option, ROOT / "tests" / "sanitize.cfg"
    if sanitize.is_file():  # as a whole path, from whatever folder pytest was called
        option.nbval_sanitize_with = str(sanitize)
    if getattr(option, "dist", "no") != "no":
        option.dist = "loadfile"  # the cells of a notebook need the same kernel
    if not all(arg.partition("::")[0].endswith(".py") for arg in config.args):  # then a notebook
        import helpers

        with contextlib.redirect_stdout(io.StringIO()) as said:
            helpers.load_mnist()
        _said.extend(said.getvalue().splitlines())
        option.nbval_lax = option.nbval_lax or on_sample()


def pytest_report_header():
    if on_sample():
        return [*_said, "notebooks run on the sample: NO output is compared, NO claim is run"]
    return _said


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    from nbval.plugin import IPyNbCell

    cells = [item for item in items if isinstance(item, IPyNbCell)]
    paths = {item.path for item in cells}
    notebooks = {path: nbformat.read(path, as_version=4) for path in paths}
    claims = {path: {} if on_sample() else claims_of(path) for path in paths}
    for item in cells:
        name, place = item.cell.get("id"), items.index(item) + 1
        if source := claims[item.path].get(name):
            names = f"(lambda names: exec({CLAIM!r}, names) or names)(dict(globals()))"
            file = f"tests/claims/{item.path.stem}.py"
            source = f"exec(compile({source!r}, {file!r}, 'exec'), {names})"
            items.insert(place, _test_after(item, f"claims after {name}", source))
        if is_exercise(item.cell):
            at = next(n for n, cell in enumerate(notebooks[item.path].cells) if cell.id == name)
            if solution := solution_of(notebooks[item.path], at):
                source = f"exec({SOLVED.format(solution=solution)!r}, dict(globals()))"
                items.insert(place, _test_after(item, f"solution of {name}", source))


def _test_after(item, name, source):
    """A test like nbval's own that runs code after a cell, and fails if it prints anything."""
    return type(item).from_parent(
        item.parent,
        name=name,
        cell_num=item.cell_num,
        # nbval compares the output only of cells that have a count.
        cell=nbformat.v4.new_code_cell(source, execution_count=1),
        options=defaultdict(bool, check=True),  # not the cell's own, which may let errors pass
    )
