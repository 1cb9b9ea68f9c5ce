"""Write the repository's address everywhere it stands: python tools/set_repo.py [OWNER/NAME]

Without OWNER/NAME it is read from git's remote `origin`. `--ref` names the branch, tag or commit
that the badges open and that a notebook fetches helpers.py from (default: as it is now).
The address is kept in pyproject.toml. From there it goes into the badges of the README and of every
notebook, and every notebook gets the same first two code cells. A second run changes nothing.
"""

import argparse
import copy
import re
import subprocess
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
COLAB = "https://colab.research.google.com"
BADGES = {
    "Open in Colab": (
        f"{COLAB}/assets/colab-badge.svg",
        f"{COLAB}/github/{{repo}}/blob/{{ref}}/{{path}}",
    ),
    "Binder": (
        "https://mybinder.org/badge_logo.svg",
        "https://mybinder.org/v2/gh/{repo}/{binder_ref}?urlpath=lab/tree/{path}",
    ),
}
# curl: its --max-time (-m) ends a download that drips, and it trusts what the system trusts.
# The last line of helpers.py is "# end": neither a cut file nor a sign-in page has it.
SETUP = """\
import os
import sys

sys.path.insert(0, "..")  # helpers.py stands one folder up; a notebook that is alone fetches it
if not os.path.exists("../helpers.py") and not os.path.exists("helpers.py"):
    code = %system curl -fsLm 20 https://raw.githubusercontent.com/{repo}/{ref}/helpers.py
    assert "# end" in code[-1:], "helpers.py is missing. Upload it beside this notebook and rerun."
    open("helpers.py", "w").write("\\n".join(code) + "\\n")
import helpers"""
IMPORTS = """\
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns"""


def read_address(root=ROOT):
    """The address in pyproject.toml as `"OWNER/NAME", "REF"`."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(r'^\[tool\.series\]\nrepo = "(.+)"\nref = "(.+)"$', text, re.M).groups()


def from_origin(root=ROOT):
    """OWNER/NAME of git's remote `origin`, whose address may be an https or an ssh one."""
    got = subprocess.run(
        ["git", "remote", "get-url", "origin"], cwd=root, capture_output=True, text=True
    )
    if got.returncode:
        raise SystemExit(
            "git knows no remote named origin here. Give the address: "
            "python tools/set_repo.py OWNER/NAME"
        )
    url = got.stdout.strip()
    found = re.fullmatch(
        r"(?:https://(?:[^/@]+@)?|ssh://git@|git@)github\.com(?::\d+)?[/:]([^/]+/[^/]+?)(?:\.git)?/?",
        url,
    )
    if not found:
        raise SystemExit(
            f"origin is {url}, which is not a repository on github.com; Colab and Binder open "
            "notebooks from there. Give the address: python tools/set_repo.py OWNER/NAME"
        )
    return found[1]


def checked(repo, ref):
    """`repo` and `ref`, or a SystemExit that says what is wrong with them."""
    if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", repo):
        raise SystemExit(f"{repo!r} is no address; expected OWNER/NAME, such as ada/digits.")
    if not re.fullmatch(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*", ref):
        raise SystemExit(f"{ref!r} is no branch, tag or commit; expected something like main.")
    return repo, ref


def badge(kind, path, repo, ref):
    """The Markdown of one badge that opens the notebook or folder `path`."""
    picture, target = BADGES[kind]
    binder_ref = ref.replace("/", "%2F")
    target = target.format(repo=repo, ref=ref, binder_ref=binder_ref, path=path)
    return f"[![{kind}]({picture})]({target})"


def with_badges(text, path, repo, ref):
    """Markdown in which every badge opens `path` of the repository."""
    for kind in BADGES:
        old = rf"\[!\[{kind}\]\([^)\s]*\)\]\([^)\s]*\)"
        text = re.sub(old, lambda _, kind=kind: badge(kind, path, repo, ref), text)
    return text


def with_cells(notebook, path, repo, ref):
    """A copy of the notebook with its badge and its first two code cells as they should be."""
    notebook = copy.deepcopy(notebook)
    cells = notebook.cells
    cells[0].source = with_badges(cells[0].source, path, repo, ref)
    places = {cell.id: place for place, cell in enumerate(cells)}
    if "setup" not in places:
        raise SystemExit(f"{path} has no cell with the id 'setup'.")
    if "imports" not in places:
        cells.insert(places["setup"] + 1, nbformat.v4.new_code_cell(id="imports"))
        _count_again(cells)
    by_id = {cell.id: cell for cell in cells}
    by_id["setup"].source = SETUP.format(repo=repo, ref=ref)
    by_id["imports"].source = IMPORTS
    return notebook


def _count_again(cells):
    """Number the cells that have been run 1, 2, …, as if the new one had run in its place."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    if any(cell.execution_count for cell in code):
        for count, cell in enumerate(code, 1):
            cell.execution_count = count
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = count


def _write(path, text):
    """Write a text in one move, if it is not there already; say so."""
    if path.read_text(encoding="utf-8") == text:
        return
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
    print(f"changed {path.name}")


def set_repo(repo, ref, root=ROOT):
    """Write the address into pyproject.toml, the README and every notebook below `root`."""
    notebooks = {}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        stored = nbformat.read(path, as_version=4)
        new = with_cells(stored, f"notebooks/{path.name}", repo, ref)
        if new != stored:
            notebooks[path] = nbformat.writes(new) + "\n"
    settings = root / "pyproject.toml"
    text = settings.read_text(encoding="utf-8")
    _write(
        settings, re.sub(r'(?m)^repo = ".*"\nref = ".*"$', f'repo = "{repo}"\nref = "{ref}"', text)
    )
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    _write(readme, with_badges(text, "notebooks", repo, ref))
    for path, text in notebooks.items():
        _write(path, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repo", nargs="?", metavar="OWNER/NAME", help="without: git's origin")
    parser.add_argument("--ref", help="branch, tag or commit (default: as it is now)")
    given = parser.parse_args()
    repo, ref = checked(given.repo or from_origin(), given.ref or read_address()[1])
    set_repo(repo, ref)
    print(f"The notebooks open from github.com/{repo}, at {ref}.")


if __name__ == "__main__":
    main()
