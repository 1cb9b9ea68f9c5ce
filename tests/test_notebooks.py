"""The form of the notebooks: what a reader, a browser and the next editor can count on."""

import re

import keras
import nbformat
import numpy as np
import pandas
import pytest
from conftest import ROOT

from tools import compare, convolution, measure_runs, replicate

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MACHINE_PATH = r"/home/|/root|/work/|/tmp|/Users/|/content/|/var/|[A-Z]:\\|site-packages"
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def pictures(cell):
    return [output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]


def texts(output):
    """All the text in one output, whatever its kind, without pictures."""
    data = output.get("data", {})
    shown = [data[kind] for kind in data if kind.startswith("text/")]
    return "".join([output.get("text", ""), *(re.sub(r'src="[^"]+"', "", one) for one in shown)])


@each_notebook
def test_is_valid_small_and_was_run_whole(path):
    notebook = read(path)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids) <= 60
    assert path.stat().st_size < 700_000
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info.file_extension == ".py"  # what nbconvert writes
    for count, cell in enumerate(code_cells(path), 1):
        assert cell.execution_count == count, cell.id  # and nbval compares the output:
        assert "NBVAL" not in f"{cell.source} {cell.metadata}".upper(), cell.id


@each_notebook
def test_stored_outputs_are_clean_and_from_the_full_mnist(path):
    outputs = [(cell.id, output) for cell in code_cells(path) for output in cell.outputs]
    for cell_id, output in outputs:
        assert output.output_type != "error" and output.get("name") != "stderr", cell_id
        assert not re.search("Traceback|SAMPLE", texts(output)), cell_id
        assert not re.search(MACHINE_PATH, texts(output)), f"{cell_id}: {texts(output)}"
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {}), cell_id
    said = "".join(texts(output) for _, output in outputs)
    assert "MNIST: 60,000 training and 10,000 test images" in said


@each_notebook
def test_anatomy_badge_and_links(path):
    cells = read(path).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    [heading] = re.findall("^# .*", text, re.M)
    title = cells[0].source
    assert title.startswith(heading) and heading.startswith(f"# {int(path.name[:2])} · ")
    for part in ("**What you will do:**", "**What you will learn:**", "**What you need:**"):
        assert part in title
    assert 3 <= len(re.findall(r"^- ", title, re.M)) <= 4
    assert re.search(r"\*\*Time:\*\* \d+ minutes to read, about \d+ seconds to run", title)
    assert "## What you saw" in cells[-1].source
    [target] = re.findall(r"\[!\[Open in Colab\]\(\S+colab-badge\.svg\)\]\((\S+)\)", title)
    assert target.startswith("https://colab.research.google.com/github/")
    assert target.endswith(f"/notebooks/{path.name}")
    place = PATHS.index(path)
    neighbours = PATHS[max(place - 1, 0) : place] + PATHS[place + 1 : place + 2]
    assert re.findall(r"\]\((\w+\.ipynb)\)", title) == [other.name for other in neighbours]
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (path.parent / link).is_file(), link


@each_notebook
def test_every_figure_has_a_name_and_a_sentence_under_it(path):
    cells = read(path).cells
    for place, cell in enumerate(cells):
        for output in pictures(cell):
            [alt] = re.findall(r'^<img src="[^"]+" alt="([^"]+)">$', output.data["text/html"])
            assert len(alt) > 40, cell.id
            assert len(output.data["image/png"]) * 3 / 4 < 60_000, f"{cell.id} is over 60 kB"
        if pictures(cell):
            below = next(c for c in cells[place + 1 :] if c.cell_type == "markdown" or pictures(c))
            assert below.cell_type == "markdown", f"no text between {cell.id} and {below.id}"
            assert not below.source.startswith("#"), f"no sentence under the figure of {cell.id}"


def test_notebooks_build_the_networks_that_their_tools_train():
    built = {"keras": keras}
    wanted = {5: ["readings"], 7: ["build"], 8: ["example", "move", "ours"], 9: ["tools"]}

    def described(layers):
        return [(type(one), one.get_config() | {"name": None, "seed": None}) for one in layers]

    for place, names in wanted.items():
        for source in (cell.source for cell in code_cells(PATHS[place]) if cell.id in names):
            exec(re.split(r"\n{3}(?:def (?:moved|answers)|convolutional =)", source)[0], built)
        if place >= 8:
            assert described(built["our_layers"]()) == described(convolution.our_convnet()[:-1])
            assert described(built["move"].layers) == described(convolution.moves())
    assert described(built["example_layers"]()) == described(convolution.keras_example()[:-1])
    assert described(built["build"]("adam").layers) == described(compare.build("adam").layers)
    for number, make in built["readings"].items():
        assert [(one.units, one.activation.__name__) for one in make()] == replicate.LAYERS[number]


def test_pages_quote_the_runs_that_were_measured():
    runs = pandas.read_csv(ROOT / "tests" / "claims" / "runs.csv")
    unseeded = runs[runs.seeded == "no"].sort_values("run").groupby("program").accuracy
    percent = {program: [round(100 * share, 2) for share in own] for program, own in unseeded}
    explore, _, dense, *lists = ("\n".join(c.source for c in read(p).cells) for p in PATHS[:5])
    [nearest] = percent["nearest neighbour"]
    for program in "ABDE":
        own = percent[program]
        measured = f"| {sum(own) / 20:.2f} % | {min(own):.2f} to {max(own):.2f} % |"
        [row] = re.findall(rf"^\| {program} \|.*", dense, re.M)
        assert measured in row and len(own) == 20
    quoted = re.findall(r'^runs_(\w) = """([^"]+)', "\n".join(lists), re.M)
    quoted = {name.upper(): [float(value) for value in text.split()] for name, text in quoted}
    assert quoted == {program: percent[program] for program in "BDE"}
    assert f"claims {max(percent['B']):.2f} %" in lists[0]
    mean, deviation = np.mean(percent["B"]), np.std(percent["B"], ddof=1)
    assert f"deviations (of {deviation:.2f}) above B's mean ({mean:.2f})" in lists[0]
    assert sum(percent["A"]) > sum(percent["D"])  # "does no worse"
    assert min(percent["E"]) < 97.41 < max(percent["E"]) > min(percent["E"]) + 1
    seeded = 100 * runs[runs.seeded == "yes"].groupby("program").accuracy.mean()
    assert f"with twenty seeds B's mean is {seeded['B']:.2f} %" in lists[0]
    assert all(sum(percent[program]) / 20 > nearest for program in "ABDE")
    assert f"it is {nearest:.2f} %" in explore and f'"nearest neighbour": {nearest:.2f}' in explore
    told = eval(re.search(r"^programs = ({.*?^})", dense, re.M | re.S)[1])
    assert {program: tuple(settings) for program, settings in told.items()} == measure_runs.PROGRAMS


def test_notebooks_are_numbered_have_claims_and_readme_lists_them_all():
    assert [path.name[:3] for path in PATHS] == [f"{n:02}_" for n in range(1, len(PATHS) + 1)]
    names, claims = [path.stem for path in PATHS], (ROOT / "tests" / "claims").glob("*.py")
    assert sorted(path.stem for path in claims) == names
    listed = r"(?m)^\| \[\d+ · .*\(notebooks/(\w+)\.ipynb\)"
    assert re.findall(listed, (ROOT / "README.md").read_text("utf-8")) == names
