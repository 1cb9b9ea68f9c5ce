"""Run notebooks from top to bottom and store their outputs: python tools/regenerate.py [01 05 ...]

Run it on the full MNIST. A second run changes nothing but measured digits, seconds and pictures. A
table of seconds and peak memory ends it. Where a cell fails, the notebook is left as it was.
"""

import sys
import time
from base64 import b64decode
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
COVER = "study-figure"  # the cell whose picture the README shows
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python"},
}


def peak_memory(pid):
    """The most resident memory that a process has had so far, in MB; Linux only, else NaN."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return float("nan")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6  # it counts in KiB


def run(path):
    """Execute a notebook; return it, the seconds it took, and its kernel's peak memory in MB."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    how = {"timeout": 600, "record_timing": False, "coalesce_streams": True}
    client = NotebookClient(notebook, resources=where, **how)
    peaks = []
    client.on_cell_executed = lambda **_: peaks.append(peak_memory(client.km.provisioner.pid))
    start = time.perf_counter()
    client.execute()
    return notebook, time.perf_counter() - start, max(peaks)


def store(notebook, path):
    """Write an executed notebook in one move, with the metadata that every machine writes."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    if any("SAMPLE" in output.get("text", "") for output in outputs):
        raise SystemExit(f"{path.name} ran on the sample; set MNIST_NPZ to the full MNIST first.")
    for output in outputs:
        # A widget lives in a running notebook only; the sentence beside it says so.
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.validate(notebook)
    whole = path.with_suffix(".part")
    nbformat.write(notebook, whole)
    whole.replace(path)
    for cell in notebook.cells:
        if cell.id == COVER:
            picture = next(o for o in cell.outputs if "image/png" in o.get("data", {}))
            path.with_name("cover.png").write_bytes(b64decode(picture.data["image/png"]))


def main(wanted):
    paths = sorted(p for p in NOTEBOOKS.glob("*.ipynb") if not wanted or p.name[:2] in wanted)
    if not paths:
        raise SystemExit(f"No notebook begins with {' or '.join(wanted)}; try 01.")
    for path in paths:
        notebook, seconds, peak = run(path)
        store(notebook, path)
        print(f"{path.name:30} {seconds:6.1f} s  {peak:6.0f} MB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
