"""Write the repository's address everywhere it stands: python tools/set_repo.py [OWNER/NAME [REF]]

Without OWNER/NAME it is taken from git's remote `origin`; REF is the branch, tag or commit that the
badges open (default: as it is now). pyproject.toml holds the address; the README and the notebooks
repeat it, and their copies for a class are made anew. A second run changes nothing.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools import class_copy

# What stands before an address, and between it and the branch, wherever one stands.
BEFORE = r"raw\.githubusercontent\.com/|colab\.research\.google\.com/github/|mybinder\.org/v2/gh/"


def from_origin(root):
    """OWNER/NAME of git's remote `origin`, whose address may be an https or an ssh one."""
    command = ["git", "remote", "get-url", "origin"]
    url = subprocess.run(command, cwd=root, capture_output=True, text=True).stdout.strip()
    found = re.search(r"github\.com(?::\d+)?[/:]([^/]+/[^/]+?)(?:\.git)?/?$", url)
    if not found:
        raise SystemExit(
            f"git's remote origin is {url or 'not set'}, no repository on github.com. "
            "Give the address: python tools/set_repo.py OWNER/NAME"
        )
    return found[1]


def set_repo(repo=None, ref=None, root=ROOT):
    """Write the address into pyproject.toml, the README and every notebook below `root`."""
    settings = root / "pyproject.toml"
    kept = re.search(r'^repo = "(.+)"\nref = "(.+)"$', settings.read_text("utf-8"), re.M)
    repo, ref = repo or from_origin(root), ref or kept[2]
    if not re.fullmatch(r"[\w-]+/[\w.-]+", repo):
        raise SystemExit(f"{repo!r} is no address; expected OWNER/NAME, such as ada/digits.")
    if not re.fullmatch(r"[\w./-]+", ref):
        raise SystemExit(f"{ref!r} is no branch, tag or commit; expected something like main.")
    address = rf"({BEFORE}){re.escape(kept[1])}(/(?:blob/)?){re.escape(kept[2])}(?=[/?])"
    for path in (settings, root / "README.md", *sorted((root / "notebooks").glob("*.ipynb"))):
        text = path.read_text("utf-8")
        new = re.sub(address, rf"\g<1>{repo}\g<2>{ref}", text)
        if path == settings:
            new = text.replace(kept[0], f'repo = "{repo}"\nref = "{ref}"')
        if new != text:
            path.write_text(new, "utf-8", newline="\n")
            print(f"changed {path.name}")
    class_copy.write(class_copy.copies(root))
    print(f"The notebooks open from github.com/{repo}, at {ref}.")


if __name__ == "__main__":
    set_repo(*sys.argv[1:3])
