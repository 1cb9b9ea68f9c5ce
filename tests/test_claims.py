"""How claims are run: each right after its cell, as a test of its own that can fail."""

import importlib.util
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output

CELLS = {"one": "x = 1", "two": "x += 1", "may-raise": "raise ValueError", "end": "x += 1"}
HOLD = """# %% one
y = 5
claim("x", x, 1, 1)
# %% two
assert x == 2 and "y" not in globals() and "claim" in globals()
# %% end
assert x == 3
"""


@pytest.fixture
def project(tmp_path):
    """A small project with one notebook and claims that hold."""
    (tmp_path / "tests" / "claims").mkdir(parents=True)
    for name in ("conftest.py", "pyproject.toml", "tests/sanitize.cfg"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "helpers.py").write_text("def load_mnist():\n    print('MNIST: it is there')\n")
    (tmp_path / "tests" / "claims" / "01_x.py").write_text(HOLD)
    (tmp_path / "notebooks").mkdir()
    cells = [new_code_cell(source, id=cell_id) for cell_id, source in CELLS.items()]
    for count, cell in enumerate(cells, 1):
        cell.execution_count = count
        if cell.id == "may-raise":
            cell.metadata = {"tags": ["raises-exception"]}
            cell.outputs = [new_output("error", ename="ValueError", evalue="", traceback=[])]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "01_x.ipynb")
    return tmp_path


def run(folder, *arguments):
    """Run pytest in a folder; return its exit code and what it said."""
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


CALLS = {"all": ". --nbval-lax", "one": ". notebooks/01_x.ipynb", "in parallel": ". -n 2 notebooks"}
CALLS |= {"from its folder": "notebooks 01_x.ipynb --nbval-lax"}
CALLS |= {"from above": ".. {project}/notebooks/01_x.ipynb"}


@pytest.mark.parametrize("call", CALLS)
def test_claims_run_right_after_their_cells(call, project):
    if call == "in parallel" and not importlib.util.find_spec("xdist"):
        pytest.skip("pytest-xdist is not installed")
    folder, *arguments = CALLS[call].format(project=project.name).split()
    code, said = run(project / folder, *arguments)
    assert code == 0 and "7 passed" in said, said
    order = re.findall(r"::(?:Cell|claims after) (\w+) PASSED", said)
    expected = ["0", "one", "1", "two", "2", "3", "end"]
    assert order == expected or call == "in parallel"


FALSE = {
    "beyond its band": ("one", "claim('the x', x, 2, 3)", "the x: measured 1, claimed 2 to 3"),
    "not a number": ("one", "claim('the x', float('nan'), 2, 3)", "measured nan"),
    "not so": ("two", "assert x == 7", "assert x == 7|AssertionError"),
    "after a cell that may raise": ("may-raise", "assert x == 7", "AssertionError"),
    "that prints": ("two", "print(x)", "unexpected output|Unexpected output"),
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_false_claim_fails_by_name(kind, project):
    cell_id, claim, words = FALSE[kind]
    (project / "tests" / "claims" / "01_x.py").write_text(f"# %% {cell_id}\n{claim}\n")
    code, said = run(project, "--nbval-lax", "notebooks")
    assert code == 1 and f"claims after {cell_id} FAILED" in said, said
    assert any(word in said for word in words.split("|")), said
    assert "4 passed" in said


@pytest.mark.parametrize("text", ["# %% three\nassert True\n", "# %% one\nx\n# %% one\nx\n"])
def test_a_section_without_a_cell_of_its_own_is_an_error(text, project):
    (project / "tests" / "claims" / "01_x.py").write_text(text)
    code, said = run(project, "notebooks/01_x.ipynb")
    assert code == 4 and f"01_x.py: no cell {text[5:].split()[0]!r}" in said, said


def test_on_the_sample_no_claim_is_run_and_the_header_says_so(project):
    (project / "helpers.py").write_text("def load_mnist():\n    print('SAMPLE: alas')\n")
    (project / "tests" / "claims" / "01_x.py").write_text("# %% one\nassert False\n")
    code, said = run(project, "notebooks")
    assert code == 0 and "4 passed" in said, said
    assert "SAMPLE: alas" in said and "NO output is compared, NO claim is run" in said
