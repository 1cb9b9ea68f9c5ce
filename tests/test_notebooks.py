"""The form of the notebooks: what a reader, a browser and the next editor can count on."""

import re
import subprocess
import sys
from pathlib import Path

import keras
import nbformat
import pytest

from tools import beyond

ROOT = Path(__file__).resolve().parent.parent
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MACHINE_PATH = re.compile(
    r"(/home/|/root|/work/|/tmp|/Users/|/content/|/var/|[A-Z]:\\|site-packages)"
)

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def pictures(cell):
    return [output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]


def texts(output):
    """All the text in one output, whatever its kind."""
    data = output.get("data", {})
    return "".join(
        [output.get("text", "")] + [data[kind] for kind in data if kind.startswith("text/")]
    )


def test_names_are_numbered_in_order():
    assert [path.name[:3] for path in PATHS] == [f"{n:02}_" for n in range(1, len(PATHS) + 1)]


@each_notebook
def test_is_valid_and_names_its_cells(path):
    notebook = read(path)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


@each_notebook
def test_every_cell_was_run_in_order(path):
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_no_cell_is_kept_from_the_comparison(path):
    for cell in code_cells(path):
        assert "NBVAL" not in cell.source.upper(), cell.id
        assert not [tag for tag in cell.metadata.get("tags", []) if "nbval" in tag], cell.id


@each_notebook
def test_stored_outputs_are_clean(path):
    notebook = read(path)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in code_cells(path):
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", f"{cell.id}: {output.text}"
            assert "Traceback" not in texts(output), cell.id
            assert not MACHINE_PATH.search(texts(output)), f"{cell.id}: {texts(output)}"
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {}), cell.id


@each_notebook
def test_outputs_come_from_the_full_mnist(path):
    said = "".join(texts(output) for cell in code_cells(path) for output in cell.outputs)
    assert "MNIST: 60,000 training and 10,000 test images" in said
    assert "SAMPLE" not in said


@each_notebook
def test_anatomy(path):
    cells = read(path).cells
    headings = [
        line
        for cell in cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("# ")
    ]
    number = int(path.name[:2])
    assert len(headings) == 1 and headings[0].startswith(f"# {number} · ")
    title = cells[0].source
    assert title.startswith(headings[0])
    for part in ("**What you will do:**", "**What you will learn:**", "**What you need:**"):
        assert part in title
    assert 3 <= len(re.findall(r"^- ", title, re.M)) <= 4
    assert re.search(r"\*\*Time:\*\* \d+ minutes to read, about \d+ seconds to run", title)
    assert "## What you saw" in cells[-1].source


@each_notebook
def test_badge_and_links(path):
    title = read(path).cells[0].source
    badge = r"\[!\[Open in Colab\]\(\S+colab-badge\.svg\)\]\((\S+)\)"
    [target] = re.findall(badge, title)
    assert target.startswith("https://colab.research.google.com/github/")
    assert target.endswith(f"/notebooks/{path.name}")
    place = PATHS.index(path)
    neighbours = PATHS[max(place - 1, 0) : place] + PATHS[place + 1 : place + 2]
    assert re.findall(r"\]\((\w+\.ipynb)\)", title) == [other.name for other in neighbours]
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            for link in re.findall(r"\]\(([^)#:]+)\)", cell.source):
                assert (path.parent / link).is_file(), f"{cell.id}: {link}"


def test_setup_cell_is_the_same_everywhere():
    assert len({code_cells(path)[0].source for path in PATHS}) == 1
    assert {code_cells(path)[0].id for path in PATHS} == {"setup"}


@each_notebook
def test_every_figure_has_alt_text_and_a_sentence_under_it(path):
    cells = read(path).cells
    for place, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        for output in pictures(cell):
            assert len(output.metadata.get("image/png", {}).get("alt", "")) > 40, cell.id
            assert len(output.data["image/png"]) * 3 / 4 < 60_000, f"{cell.id} is over 60 kB"
        if pictures(cell):
            below = next(c for c in cells[place + 1 :] if c.cell_type == "markdown" or pictures(c))
            assert below.cell_type == "markdown", f"no text between {cell.id} and {below.id}"
            assert not below.source.startswith("#"), f"no sentence under the figure of {cell.id}"


@each_notebook
def test_size(path):
    assert path.stat().st_size < 500_000
    assert len(read(path).cells) <= 60


def test_notebook_6_builds_the_networks_that_its_tool_trains():
    [path] = [path for path in PATHS if path.name.startswith("06")]
    cells = {cell.id: cell.source for cell in code_cells(path)}
    built = {"keras": keras}
    first = [cells[cell].split("\n\n\n")[0] for cell in ("augment", "small-convnet")]
    for source in (*first, cells["ours"]):
        exec(source, built)

    def described(layers):
        by_chance = {"name": None, "seed": None}
        return [(type(layer), layer.get_config() | by_chance) for layer in layers]

    assert described(built["our_convnet"]()) == described(beyond.our_convnet())
    assert described(built["our_dense"]()) == described(beyond.our_dense())
    assert described(built["small_convnet"]().layers) == described(beyond.keras_example())
    assert described(built["moving"]().layers) == described(beyond.moved())


def test_all_notebooks_together_are_small():
    assert sum(path.stat().st_size for path in PATHS) < 2_500_000


def test_readme_lists_every_notebook():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\(notebooks/(\w+\.ipynb)\)", readme) == [path.name for path in PATHS]


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff(command):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
