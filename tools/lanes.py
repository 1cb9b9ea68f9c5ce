"""Run the series in one environment: python tools/lanes.py readme|colab|oldest|lint ...

readme   the README's test command: a fresh environment by pip, which takes the highest versions, on
         the newest Python, full MNIST, outputs compared
colab    Colab's versions, each notebook alone in an empty folder, helpers.py fetched from a server
oldest   the lowest versions that requirements.txt admits, on Python 3.10, with an empty HOME and no
         MNIST within reach: on the sample; without the tests of faults and in a browser; two files
         at a time
lint     the workflows in .github against the published schema

Where MNIST_NPZ is not set, `readme` and `colab` download MNIST into Keras's cache.
"""

import contextlib
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Colab's published package list of 2026-08-19.
COLAB = """
tensorflow==2.20.0 keras==3.13.2 numpy==2.1.3 pandas==2.2.3 scipy==1.16.3 scikit-learn==1.6.1
seaborn==0.13.2 matplotlib==3.10.0 pillow==11.3.0 ipython==7.34.0 ipykernel==6.17.1
ipywidgets==7.7.1 anywidget==0.9.21 mlxtend==0.23.4 scikit-image==0.25.2 tqdm==4.67.3
protobuf==5.29.6 h5py==3.16.0 nbformat==5.11.1
""".split()
VERSIONS = (
    "import importlib.metadata as m, json, sys;"
    "print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
)


def say(text):
    print(f"-- {text}", flush=True)


def run(*command, check=True, **settings):
    done = subprocess.run([str(part) for part in command], **settings)
    if check and done.returncode:
        raise SystemExit(f"failed ({done.returncode}): {' '.join(map(str, command))}")
    return done


def find_python(*wanted):
    """The first Python of the wanted versions on this machine, as a path."""
    for number in wanted:
        pyenv = sorted(Path.home().glob(f".pyenv/versions/{number}.*/bin/python"))
        names = [sys.executable, f"python{number}", *map(str, pyenv)]
        if os.name == "nt":
            names.append(["py", f"-{number}"])
        for name in names:
            ask = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])"
            with contextlib.suppress(OSError):
                command = name if isinstance(name, list) else [name]
                got = subprocess.run([*command, "-c", ask], capture_output=True, text=True)
                path, _, found = got.stdout.strip().rpartition(" ")
                if got.returncode == 0 and found == number:
                    say(f"Python {number}: {path}")
                    return path
    raise SystemExit(f"No Python {' or '.join(wanted)} on this machine; install one of them.")


def in_venv(folder):
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment(work, python, *install):
    """A new virtual environment with some packages; the path of its Python."""
    run(python, "-m", "venv", work / "env")
    mine = in_venv(work / "env")
    run(mine, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *install)
    return mine


def pytest(python, *options, check=True, **settings):
    return run(python, "-m", "pytest", "-p", "no:cacheprovider", *options, check=check, **settings)


def readme(work):
    newest = find_python("3.13", "3.12", "3.11", "3.10")
    pytest(environment(work, newest, "--requirement", "requirements.txt"), "--durations=5")


def without_mnist(work):
    """The environment variables of a computer that has no MNIST and cannot fetch it."""
    home = work / "home"
    home.mkdir()
    dropped = ("MNIST_NPZ", "KERAS_HOME")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    away = "http://127.0.0.1:9"  # no server answers there
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "HTTPS_PROXY": away}


def oldest(work):
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lowest = re.findall(r"^[\w-]+==[\d.]+", text.replace(">=", "=="), re.M)
    python = environment(work, find_python("3.10"), *lowest, "pytest-xdist")
    elsewhere = ("--ignore=tests/test_browser.py", "--ignore=tests/test_faults.py")  # in `readme`
    two_at_a_time = ("--numprocesses=2", "--dist=loadfile")
    pytest(python, *two_at_a_time, *elsewhere, env=without_mnist(work))


class Served(http.server.SimpleHTTPRequestHandler):
    """Stands in for the repository: serves its folder, and counts."""

    asked = []

    def log_message(self, *_):
        self.asked.append(self.path)


def colab(work):
    python = environment(work, find_python("3.13", "3.12"), *COLAB, "nbval>=0.11")
    names = [pin.partition("==")[0] for pin in COLAB]
    wanted = dict(pin.split("==") for pin in COLAB)
    stand_in = work / "stand-in" / "google" / "colab"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").touch()
    startup = work / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-colab.py").write_text("import google.colab\n")
    env = {
        **os.environ,
        "PYTHONPATH": str(work / "stand-in"),
        "IPYTHONDIR": str(work / "ipython"),
        "NO_PROXY": "127.0.0.1",
    }
    served = functools.partial(Served, directory=ROOT)
    failed = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), served) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            alone = work / path.stem
            alone.mkdir()
            text = path.read_text(encoding="utf-8")
            text, count = re.subn(
                r"https://raw\.githubusercontent\.com/[^\s\"\\]+/helpers\.py",
                f"{address}/helpers.py",
                text,
            )
            assert count == 1, f"{path.name} fetches helpers.py {count} times"
            (alone / path.name).write_text(text, encoding="utf-8")
            Served.asked.clear()
            options = ("--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=600")
            done = pytest(python, *options, path.name, cwd=alone, env=env, check=False)
            whole = (alone / "helpers.py").read_bytes() == (ROOT / "helpers.py").read_bytes()
            if done.returncode or Served.asked != ["/helpers.py"] or not whole:
                failed.append(path.name)
        server.shutdown()
    got = json.loads(run(python, "-c", VERSIONS, *names, stdout=subprocess.PIPE).stdout)
    say(f"versions as Colab's: {'yes' if got == wanted else got}")
    if failed or got != wanted:
        raise SystemExit(f"colab: failed: {', '.join(failed) or 'a version changed'}")


def lint(work):
    python = environment(work, sys.executable, "check-jsonschema")
    files = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    schema = ("--builtin-schema", "vendor.github-workflows")
    run(python, "-m", "check_jsonschema", *schema, *files)


def main():
    lanes = {lane.__name__: lane for lane in (readme, colab, oldest, lint)}
    chosen = sys.argv[1:]
    if not chosen or set(chosen) - set(lanes):
        raise SystemExit(__doc__)
    os.chdir(ROOT)
    for name in chosen:
        say(f"lane {name}")
        work = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        try:
            lanes[name](work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        say(f"lane {name} passed")


if __name__ == "__main__":
    main()
