"""How a reader starts: import helpers, `python helpers.py`, the notebooks' first cell."""

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
from conftest import ROOT

from tools import set_repo

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SETUP = next(c.source for c in nbformat.read(PATHS[0], as_version=4).cells if c.id == "setup")


def python(*arguments, folder=ROOT, **variables):
    """Run Python in a folder, its own or with other environment variables."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    how = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
    return subprocess.run([sys.executable, *map(str, arguments)], **how)


def test_import_is_silent():
    done = python("-c", "import helpers")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(os.name == "nt", reason="closes a descriptor as a POSIX shell does")
def test_import_without_stderr():
    code = f"cd {ROOT} && {sys.executable} -c 'import helpers; print(1)' 2>&-"
    assert subprocess.run(code, shell=True, capture_output=True, text=True).stdout == "1\n"


@pytest.mark.parametrize("place", ["KERAS_BACKEND", "keras.json"])
@pytest.mark.parametrize("backend", ["torch", "jax", "nonsense"])
def test_another_backend_is_refused_in_one_sentence(backend, place, tmp_path):
    variables = {"KERAS_BACKEND": "", "KERAS_HOME": str(tmp_path)}
    if place == "keras.json":
        (tmp_path / place).write_text(f'{{"backend": "{backend}"}}')
    else:
        variables[place] = backend
    last = python("-c", "import helpers", **variables).stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: Keras is set to the backend {backend}; ")
    assert "KERAS_BACKEND" in last and str(tmp_path / "keras.json") in last


def test_figures_do_not_depend_on_the_readers_settings(tmp_path):
    rc = "savefig.format: svg\nlines.color: white\naxes.facecolor: black\nfont.size: 30\n"
    (tmp_path / "matplotlibrc").write_text(rc)
    code = "import helpers; print(sorted(helpers.plt.rcParams.items(), key=str))"
    ours, theirs = (python("-c", code, MATPLOTLIBRC=str(p)) for p in (tmp_path / "no", tmp_path))
    assert ours.stdout == theirs.stdout != ""


def test_check_names_python_first(tmp_path):
    code = (ROOT / "helpers.py").read_text("utf-8").replace("(3, 14)", "(3, 9)")
    (tmp_path / "helpers.py").write_text(code, "utf-8")
    done = python("helpers.py", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    advice = r"Python 3\.\d+: TensorFlow needs Python 3.10 to 3.13. Install one of them.\n"
    assert re.fullmatch(advice, done.stderr)


def test_check_names_what_is_missing_or_old(tmp_path):
    shutil.copy(ROOT / "helpers.py", tmp_path)
    (tmp_path / "requirements.txt").write_text("numpy>=99\nno-such-package>=1.0\npandas>=2  # x\n")
    done = python("helpers.py", folder=tmp_path)
    python_, numpy, missing, pandas = done.stdout.splitlines()
    assert done.returncode == 1 and done.stderr == ""
    assert python_.endswith("OK") and pandas.endswith("OK")
    assert numpy.endswith(": run pip install -r requirements.txt")
    assert missing.endswith("(missing): run pip install -r requirements.txt")


def test_check_of_the_data(tmp_path):
    done = python("helpers.py", MNIST_NPZ=str(tmp_path / "m.npz"))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "m.npz. Set MNIST_NPZ to" in done.stderr
    away = {"MNIST_NPZ": "", "KERAS_HOME": str(tmp_path), "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = python("helpers.py", **away)
    assert done.returncode == 1 and "\nSAMPLE: 5,000 real MNIST images" in done.stdout
    assert "the 5,000-image sample: OK" in done.stdout


def test_setup_cell_is_the_same_everywhere_short_and_hidden():
    for path in PATHS:
        setup = nbformat.read(path, as_version=4).cells[1]
        assert setup.id == "setup" and setup.source == SETUP
        hidden = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
        assert setup.metadata == hidden
    lines = SETUP.splitlines()
    assert len(lines) <= 16 and lines[0].startswith("# @title ")


def run_setup(folder, content, length=None, status=200):
    """Run the setup cell in a folder, with `content` as what the repository sends."""

    class Repository(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(length or len(content)))
            self.end_headers()
            self.wfile.write(content)

    folder.mkdir(exist_ok=True)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code = re.sub(r"https://[^\"]+/", f"http://127.0.0.1:{server.server_port}/", SETUP)
        code += "\nimport exercises, helpers\nprint(helpers.__file__)\nprint(exercises.__file__)"
        done = python("-c", code, folder=folder, PYTHONPATH="", NO_PROXY="127.0.0.1")
        server.shutdown()
    return done


OURS = b"name = 'ours'\n"
PAGE = b"<!DOCTYPE html><title>Sign in</title>"


def test_helpers_are_found_one_or_two_folders_up(tmp_path):
    (tmp_path / "notebooks").mkdir()
    files = [tmp_path / "helpers.py", tmp_path / "notebooks" / "exercises.py"]
    for file in files:
        file.write_bytes(OURS)
    for folder in (tmp_path / "notebooks", tmp_path / "notebooks" / "class"):
        found = run_setup(folder, PAGE).stdout.splitlines()
        assert [Path(file).resolve() for file in found] == [file.resolve() for file in files]


def test_a_foreign_helpers_above_a_lone_notebook_is_left_alone(tmp_path):
    (tmp_path / "helpers.py").write_text("raise SystemExit('foreign')")
    done = run_setup(tmp_path / "alone", OURS)
    assert done.returncode == 0 and done.stderr == ""
    fetched = tmp_path / "alone" / "helpers.py"
    assert fetched.read_bytes() == fetched.with_name("exercises.py").read_bytes() == OURS
    fetched.write_bytes(OURS + b"# changed by the reader\n")
    run_setup(tmp_path / "alone", OURS)
    assert b"changed" in fetched.read_bytes()


BAD = {"cut off": (OURS, 99_999), "sign-in page": (PAGE,), "not found": (b"404", 3, 404)}


@pytest.mark.parametrize("kind", BAD)
def test_helpers_that_cannot_be_had(kind, tmp_path):
    done = run_setup(tmp_path / "alone", *BAD[kind])
    last = done.stderr.splitlines()[-1]
    assert re.match(r"ImportError: Put http://\S+/helpers.py here: ", last)
    assert os.listdir(tmp_path / "alone") == []


def test_a_new_address_reaches_every_place_and_nothing_else(tmp_path):
    (tmp_path / "notebooks").mkdir()
    before = {}
    for original in (ROOT / "pyproject.toml", ROOT / "README.md", *PATHS):
        path = shutil.copy(original, tmp_path / original.relative_to(ROOT))
        before[path] = path.read_bytes()
    settings = (tmp_path / "pyproject.toml").read_text("utf-8")
    repo, ref = re.search(r'^repo = "(.+)"\nref = "(.+)"$', settings, re.M).groups()
    set_repo.set_repo("ada-l/digits.2", "v1.0", tmp_path)
    for path in before:
        text = path.read_text("utf-8")
        assert f"/{repo}/" not in text, path
        if path.suffix == ".ipynb":
            assert f"/github/ada-l/digits.2/blob/v1.0/notebooks/{path.name})" in text
            assert "raw.githubusercontent.com/ada-l/digits.2/v1.0/" in text
            copy = (path.parent / "class" / path.name).read_text("utf-8")
            assert f"/github/ada-l/digits.2/blob/v1.0/notebooks/class/{path.name})" in copy
    set_repo.set_repo(repo, ref, tmp_path)
    assert {path: path.read_bytes() for path in before} == before


GITHUB = ["https://github.com/ada/digits", "https://token@github.com/ada/digits.git/"]
GITHUB += ["git@github.com:ada/digits.git"]


@pytest.mark.parametrize("url", [*GITHUB, "/srv/digits", None])
def test_origin_gives_the_address(url, tmp_path):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    if url:
        subprocess.run(["git", "remote", "add", "origin", url], cwd=tmp_path, check=True)
    if url in GITHUB:
        assert set_repo.from_origin(tmp_path) == "ada/digits"
    else:
        with pytest.raises(SystemExit, match="Give the address: python tools/set_repo.py"):
            set_repo.from_origin(tmp_path)


@pytest.mark.parametrize("repo", ["digits", "ada/", "https://github.com/ada/digits", "a da/digits"])
def test_nonsense_is_no_address(repo, tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with pytest.raises(SystemExit, match="expected OWNER/NAME"):
        set_repo.set_repo(repo, root=tmp_path)
