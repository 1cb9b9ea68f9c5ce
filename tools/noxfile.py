"""The lanes in which the series is tested: nox -f tools/noxfile.py [-s readme|colab|oldest|lint]

readme: the README's test command as written, in a fresh clone.
colab: Colab's versions, each notebook alone in a folder, with its claims; and each class copy,
    with no MNIST within reach. What the setup cell fetches comes from a server.
oldest: the lowest versions of requirements.txt, with an empty HOME and no MNIST within reach.
lint: ruff, with 80 columns in notebooks, and the workflows against the published schema.
"""

import functools
import http.server
import os
import re
import shutil
import threading
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent.parent
# Colab's published package list of 2026-08-19.
COLAB = """
tensorflow==2.20.0 keras==3.13.2 numpy==2.1.3 pandas==2.2.3 scipy==1.16.3 scikit-learn==1.6.1
seaborn==0.13.2 matplotlib==3.10.0 pillow==11.3.0 ipython==7.34.0 ipykernel==6.17.1
ipywidgets==7.7.1 anywidget==0.9.21 mlxtend==0.23.4 scikit-image==0.25.2 pooch==1.9.0
protobuf==5.29.6 h5py==3.16.0 nbformat==5.11.1
""".split()


@nox.session(venv_backend="none")
def readme(session):
    session.chdir(ROOT)
    text = Path("README.md").read_text("utf-8")
    kind = "powershell" if os.name == "nt" else "bash"
    command = re.search(rf"```{kind}\n(?:.*\n)*?(.*\bpytest)\n```", text)[1]
    clone = Path(session.create_tmp()).resolve() / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    session.run("git", "clone", "--quiet", str(ROOT), str(clone))
    with session.chdir(clone):
        session.run(kind, "-Command" if os.name == "nt" else "-c", command)


def offline(home):
    """An environment with an empty home, from which no MNIST can be had."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    away = "http://127.0.0.1:9"  # no server answers there
    env = {"HOME": str(home), "USERPROFILE": str(home), "HTTPS_PROXY": away}
    return env | {"MNIST_NPZ": None, "KERAS_HOME": None}


class Repository(http.server.SimpleHTTPRequestHandler):
    """Stands in for the repository's server."""

    def log_message(self, *_):
        pass


@nox.session(python="3.13", venv_backend="venv")
def colab(session):
    session.chdir(ROOT)
    session.install(*COLAB, "nbval>=0.11")
    work = Path(session.create_tmp()).resolve()
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree("tests/claims", work / "tests" / "claims")
    for name in ("conftest.py", "helpers.py"):  # a helpers.py above a lone notebook is not taken
        shutil.copy(name, work)
    served = functools.partial(Repository, directory=ROOT)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), served) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_port}/"
        for path in sorted(Path("notebooks").glob("**/*.ipynb")):
            text = path.read_text("utf-8")
            text = re.sub(r"https://raw\.githubusercontent\.com/[^\"\\]+/", there, text)
            folder, for_class = (
                work / f"{path.parent.name}-{path.stem}",
                path.parent.name == "class",
            )
            folder.mkdir()
            (folder / path.name).write_text(text, "utf-8")
            options = "-v --nbval-lax --nbval-current-env --rootdir=.. --confcutdir=.."
            env = offline(work / "home") if for_class else {}
            with session.chdir(folder):
                said = session.run("pytest", *options.split(), path.name, silent=True, env=env)
            session.log(said)
            expected = "SAMPLE" if for_class else "claims after"
            if expected not in said or len(list(folder.glob("*.py"))) != 2:
                session.error(f"{path.name}: {expected} is not in it, or a file was not fetched")
        server.shutdown()
    got = session.run("pip", "freeze", "--all", silent=True)
    changed = [pin for pin in COLAB if pin not in got.replace("_", "-").splitlines()]
    if changed:
        session.error(f"not Colab's versions: {changed}")


@nox.session(python="3.10", venv_backend="venv")
def oldest(session):
    session.chdir(ROOT)
    text = Path("requirements.txt").read_text("utf-8")
    lowest = re.findall(r"^[\w-]+==[\d.]+", text.replace(">=", "=="), re.M)
    session.install(*lowest, "pytest-xdist")
    env = offline(Path(session.create_tmp()).resolve() / "home")
    session.run("pytest", "-n", "2", "--ignore=tests/test_browser.py", env=env)


@nox.session(venv_backend="venv")
def lint(session):
    session.chdir(ROOT)
    session.install("ruff", "check-jsonschema")
    notebooks = [str(path) for path in Path("notebooks").glob("**/*.ipynb")]
    for command in (["check"], ["format", "--check"]):
        session.run("ruff", *command, ".", "--extend-exclude", "*.ipynb")
        session.run("ruff", *command, *notebooks, "--line-length", "80")
    workflows = [str(path) for path in Path(".github/workflows").glob("*.yml")]
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
