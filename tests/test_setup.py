"""The first cell of every notebook, and the one command that sets the repository's address."""

import contextlib
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import set_repo  # noqa: E402

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HELPERS = (ROOT / "helpers.py").read_bytes()


def disagreements(root):
    """The files that would change if the address in pyproject.toml were written everywhere."""
    repo, ref = set_repo.read_address(root)
    readme = (root / "README.md").read_text(encoding="utf-8")
    changed = ["README.md"] * (readme != set_repo.with_badges(readme, "notebooks", repo, ref))
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        stored = nbformat.read(path, as_version=4)
        if stored != set_repo.with_cells(stored, f"notebooks/{path.name}", repo, ref):
            changed.append(path.name)
    return changed


@pytest.fixture
def fork(tmp_path):
    """A copy of what set_repo changes."""
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "notebooks").mkdir()
    for path in PATHS:
        shutil.copy(path, tmp_path / "notebooks")
    return tmp_path


def test_the_address_is_the_same_everywhere():
    assert disagreements(ROOT) == [], "run python tools/set_repo.py OWNER/NAME"


@pytest.mark.parametrize("place", ["README.md", f"notebooks/{PATHS[1].name}", "pyproject.toml"])
def test_one_changed_address_is_noticed(place, fork):
    path = fork / place
    repo, _ = set_repo.read_address(fork)
    path.write_text(path.read_text(encoding="utf-8").replace(repo, "eve/digits"), encoding="utf-8")
    assert disagreements(fork)


def test_a_new_address_reaches_every_place_and_nothing_else(fork):
    set_repo.set_repo("ada-l/digits.2", "v1.0", fork)
    assert disagreements(fork) == []
    assert set_repo.read_address(fork) == ("ada-l/digits.2", "v1.0")
    for path in PATHS:
        new = nbformat.read(fork / "notebooks" / path.name, as_version=4)
        old = nbformat.read(path, as_version=4)
        title, setup = new.cells[0].source, new.cells[1].source
        assert f"/github/ada-l/digits.2/blob/v1.0/notebooks/{path.name})" in title
        assert "raw.githubusercontent.com/ada-l/digits.2/v1.0/helpers.py" in setup
        assert new.cells[2:] == old.cells[2:]
        assert [cell.id for cell in new.cells] == [cell.id for cell in old.cells]
    set_repo.set_repo(*set_repo.read_address(ROOT), fork)
    for path in (*PATHS, ROOT / "README.md", ROOT / "pyproject.toml"):
        assert (fork / path.relative_to(ROOT)).read_bytes() == path.read_bytes()


def test_a_notebook_with_another_first_cell_gets_both_cells(fork):
    path = fork / "notebooks" / PATHS[0].name
    whole = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id != "imports"]
    notebook.cells[1].source = "import helpers"
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    nbformat.write(notebook, path)
    set_repo.set_repo(*set_repo.read_address(fork), fork)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/ada/digits",
        "https://github.com/ada/digits.git",
        "https://token@github.com/ada/digits.git/",
        "git@github.com:ada/digits.git",
        "ssh://git@github.com/ada/digits",
    ],
)
def test_origin_gives_the_address(url, tmp_path):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    with pytest.raises(SystemExit, match="no remote named origin here"):
        set_repo.from_origin(tmp_path)
    subprocess.run(["git", "remote", "add", "origin", url], cwd=tmp_path, check=True)
    assert set_repo.from_origin(tmp_path) == "ada/digits"
    subprocess.run(["git", "remote", "set-url", "origin", "/srv/digits"], cwd=tmp_path, check=True)
    with pytest.raises(SystemExit, match="/srv/digits, which is not a repository on github.com"):
        set_repo.from_origin(tmp_path)


@pytest.mark.parametrize("repo", ["digits", "ada/", "https://github.com/ada/digits", "a da/digits"])
def test_nonsense_is_no_address(repo):
    with pytest.raises(SystemExit, match="expected OWNER/NAME"):
        set_repo.checked(repo, "main")


# --- the setup cell -------------------------------------------------------------------------------


def test_setup_cell_is_short():
    lines = [line for line in set_repo.SETUP.splitlines() if line]
    assert len(lines) <= 8


def test_helpers_survive_a_shell_that_is_not_utf8():
    assert HELPERS.endswith(b"\n# end\n")
    HELPERS.decode("cp1252")  # Windows' shell hands them to the cell in this encoding


class Repository(http.server.BaseHTTPRequestHandler):
    """Stands in for the repository's server."""

    def do_GET(self):
        content, length, status = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def run_setup(tmp_path, monkeypatch):
    """Run the setup cell in an empty folder, with `answer` as what the repository sends."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(sys, "path", list(sys.path))
    folder = tmp_path / "deep" / "alone"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    with contextlib.ExitStack() as stack:

        def run(answer):
            kind = type("Answer", (Repository,), {"answer": answer})
            server = stack.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            address = f"http://127.0.0.1:{server.server_port}"
            cell = set_repo.SETUP.format(repo="ada/digits", ref="main")
            cell = re.sub(r"https://\S+(?=/helpers\.py)", address, cell)
            shell = InteractiveShell.instance()
            with capture_output() as said:
                result = shell.run_cell(cell)
            return result.error_in_exec, said.stdout

        yield run


def test_helpers_are_fetched_whole(run_setup):
    error, _ = run_setup((HELPERS, len(HELPERS), 200))
    assert error is None
    assert Path("helpers.py").read_bytes() == HELPERS
    assert os.listdir() == ["helpers.py"]


PAGE = b"<!DOCTYPE html><title>Sign in</title>"


@pytest.mark.parametrize(
    "answer",
    [(HELPERS[:9000], len(HELPERS), 200), (PAGE, len(PAGE), 200), (b"404: Not Found", 14, 404)],
    ids=["cut off", "sign-in page", "not found"],
)
def test_helpers_that_cannot_be_had(answer, run_setup):
    error, _ = run_setup(answer)
    assert isinstance(error, AssertionError)
    assert str(error) == "helpers.py is missing. Upload it beside this notebook and rerun."
    assert os.listdir() == []


def test_helpers_in_the_folder_are_kept(run_setup):
    Path("helpers.py").write_text("# the reader's own\n")
    error, _ = run_setup((HELPERS, len(HELPERS), 200))
    assert error is None
    assert Path("helpers.py").read_text() == "# the reader's own\n"


# --- python helpers.py ----------------------------------------------------------------------------


def check(folder, **variables):
    return subprocess.run(
        [sys.executable, "helpers.py"],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


def test_check_names_what_is_missing_or_old(tmp_path):
    shutil.copy(ROOT / "helpers.py", tmp_path)
    (tmp_path / "requirements.txt").write_text("numpy>=99\nno-such-package>=1.0\npandas>=2  # x\n")
    done = check(tmp_path)
    assert done.returncode == 1
    numpy, missing, pandas = done.stdout.splitlines()
    assert numpy.endswith("too old, 99 is needed. Run: pip install -U numpy")
    assert missing.endswith("missing. Run: pip install -r requirements.txt")
    assert pandas.endswith("OK")
    assert "Traceback" not in done.stderr


def test_check_says_where_mnist_is_missing(tmp_path):
    done = check(ROOT, MNIST_NPZ=str(tmp_path / "mnist.npz"))
    assert done.returncode == 1
    assert "There is no file" in done.stdout and "Set MNIST_NPZ" in done.stdout
    assert re.search(r"5,000-image sample +OK", done.stdout)
    assert "Traceback" not in done.stderr
