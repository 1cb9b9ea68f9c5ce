"""Notebook 10 in a real browser: its pad is drawn on and read, its figures have names."""

import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from itertools import pairwise

import nbformat
import numpy as np
import pytest
from conftest import ROOT

websocket = pytest.importorskip("websocket", reason="websocket-client, which jupyter brings")

NOTEBOOK = "10_your_own_digits.ipynb"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FACES = {"jupyterlab": ("lab/tree", "LabApp"), "notebook": ("notebooks", "JupyterNotebookApp")}
DIGITS = {4: [[(90, 50), (70, 140), (200, 140)], [(170, 80), (160, 240)]]}  # on the pad, 280 × 280
DIGITS |= {2: [[(80, 90), (110, 50), (170, 50), (195, 95), (170, 150), (70, 230), (210, 230)]]}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")


class Page:
    """A browser's page, driven through Chromium's own debugging protocol."""

    def __init__(self, address):
        # Chromium refuses strangers' origins; no origin at all is its own tools' way.
        self.socket = websocket.create_connection(address, timeout=120, suppress_origin=True)
        self.number = 0

    def send(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def ask(self, expression):
        """The value of a JavaScript expression; a promise is waited for."""
        how = {"returnByValue": True, "awaitPromise": True}
        answer = self.send("Runtime.evaluate", expression=expression, **how)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def comes(self, expression, seconds):
        """Whether an expression becomes true within some seconds."""
        end = time.monotonic() + seconds
        while not (came := self.ask(expression)) and time.monotonic() < end:
            time.sleep(0.2)
        return bool(came)

    def wait(self, expression, seconds, what):
        assert self.comes(expression, seconds), f"after {seconds} s still no {what}"

    def names_of_pictures(self):
        """The names by which assistive technology knows the pictures of the page."""
        nodes = self.send("Accessibility.getFullAXTree")["nodes"]
        pictures = [node for node in nodes if node.get("role", {}).get("value") in ("img", "image")]
        return [node.get("name", {}).get("value") for node in pictures]

    def draw(self, strokes, corner):
        """Draw with the mouse; the page gets pointer events, as from any hand."""

        def mouse(kind, place, **more):
            at = {"x": corner[0] + place[0], "y": corner[1] + place[1], "pointerType": "mouse"}
            self.send("Input.dispatchMouseEvent", type=kind, button="left", **at, **more)

        for stroke in strokes:
            mouse("mousePressed", stroke[0], clickCount=1)
            for before, after in pairwise(stroke):
                for place in np.linspace(before, after, 11)[1:].tolist():
                    mouse("mouseMoved", place, buttons=1)
            mouse("mouseReleased", stroke[-1], clickCount=1)


def free_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


def fetched(address, seconds, method="GET"):
    """What an address answers, once it answers."""
    end, request = time.monotonic() + seconds, urllib.request.Request(address, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.read()
        except OSError:
            assert time.monotonic() < end, f"{address} does not answer"
            time.sleep(0.3)


@pytest.fixture
def start(tmp_path):
    """Start programs that no MNIST is within reach of, and end them after the test."""
    (tmp_path / "home").mkdir()
    environment = os.environ | {"HOME": str(tmp_path / "home"), "MNIST_NPZ": ""}
    environment |= {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}  # nobody is there
    started = []

    def start(*command):
        started.append(subprocess.Popen(command, cwd=tmp_path, env=environment))

    yield start
    for process in started:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


def serve(face, start, folder):
    """Start Jupyter with one of its two faces; return the address of the notebook, never run."""
    (folder / "notebooks").mkdir()
    shutil.copy(ROOT / "helpers.py", folder)
    shutil.copy(ROOT / "notebooks" / "exercises.py", folder / "notebooks")
    notebook = nbformat.read(ROOT / "notebooks" / NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, folder / "notebooks" / NOTEBOOK)
    port, (view, configuration) = free_port(), FACES[face]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    options += [f"--{configuration}.expose_app_in_browser=True", "--LabApp.news_url=None"]
    start(sys.executable, "-m", face, *options, f"--ServerApp.root_dir={folder}")
    fetched(f"http://127.0.0.1:{port}/api", 60)
    return f"http://127.0.0.1:{port}/{view}/notebooks/{NOTEBOOK}"


def browse(address, start, folder):
    """Open an address in Chromium, without a screen."""
    port = free_port()
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    options += [f"--remote-debugging-port={port}", f"--user-data-dir={folder / 'chromium'}"]
    start(CHROMIUM, *options, "--window-size=1200,1000", "about:blank")
    tab = json.loads(fetched(f"http://127.0.0.1:{port}/json/new?{address}", 60, "PUT"))
    page = Page(tab["webSocketDebuggerUrl"])
    page.send("Page.bringToFront")
    return page


PANEL = "window.jupyterapp?.shell.currentWidget"
BOOK = f"{PANEL}.content"
CELL = f"{BOOK}.widgets.find(cell => cell.model.id === '{{}}')"
IDLE = f"{PANEL}?.sessionContext?.session?.kernel?.status === 'idle'"
PAD = "document.querySelector('canvas[aria-label^=Pad]')"


def alts(text):
    """The texts that name the pictures in the JSON of a notebook's outputs."""
    found = re.findall(r'<img src=\\"data:image/png;base64,[^"]*\\" alt=\\"(.*?)\\">', text)
    return [html.unescape(json.loads(f'"{alt}"')) for alt in found]


def printed(cell):
    """JavaScript for the text that a cell printed; its model has it wherever the page stands."""
    texts = "output => [output.text || ''].flat().join('')"
    return f"{CELL.format(cell)}.model.outputs.toJSON().map({texts}).join('')"


def go_to(page, cell):
    page.ask(
        f"(async () => {{ const book = {BOOK};"
        f" book.activeCellIndex = book.widgets.findIndex(c => c.model.id === '{cell}');"
        " await book.scrollToItem(book.activeCellIndex, 'center'); return true; })()"
    )


def run_ask(page, said):
    """Run the cell under the pad, and wait for what it did not say before."""
    includes = f"{printed('ask')}.includes('{said}')"
    assert not page.ask(includes)
    go_to(page, "ask")
    page.ask("void window.jupyterapp.commands.execute('notebook:run-cell')")
    page.wait(includes, 30, said)


@pytest.mark.parametrize("face, digit", [("jupyterlab", 4), ("notebook", 2)])
def test_a_digit_drawn_on_the_pad_is_read(face, digit, start, tmp_path):
    page = browse(serve(face, start, tmp_path), start, tmp_path)
    page.wait(f"{IDLE} && {BOOK}.widgets.length > 20", 60, "notebook with a kernel")
    go_to(page, "ask-read")
    for _ in range(3):  # a page that is not ready yet may lose the command
        page.ask("void window.jupyterapp.commands.execute('notebook:run-all-above')")
        if page.comes(f"{CELL.format('setup')}.model.executionCount", 60):
            break
    page.wait(f"{printed('ask')}.includes('Nothing is drawn yet')", 300, "stored example")
    page.wait(IDLE, 30, "idle kernel")

    go_to(page, "steps-figure")
    outputs = f"{CELL.format('steps-figure')}.model.outputs"
    [alt] = alts(page.ask(f"JSON.stringify({outputs}.toJSON())"))
    page.wait("!!document.querySelector('img[alt]')", 30, "figure")
    assert alt in page.names_of_pictures()

    go_to(page, "pad")
    page.wait(f"!!{PAD}", 30, "pad")
    time.sleep(1)  # until the page has stopped scrolling
    corner = page.ask(f"(b => [b.left + 1, b.top + 1])({PAD}.getBoundingClientRect())")
    page.draw(DIGITS[digit], corner)
    run_ask(page, f"convolutional: {digit} with")
    assert "Nothing is drawn yet" not in page.ask(printed("ask"))

    page.wait(IDLE, 30, "idle kernel")
    page.ask("document.querySelector('button[aria-label=\"Clear the pad\"]').click()")
    time.sleep(1)  # no hand is quicker
    run_ask(page, "Nothing is drawn yet")


def test_figures_of_an_exported_page_have_names(start, tmp_path):
    path = ROOT / "notebooks" / NOTEBOOK
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", tmp_path, path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "lternative text" not in done.stderr, done.stderr
    page = browse(f"file://{tmp_path / path.stem}.html", start, tmp_path)
    page.wait("document.images.length > 3", 60, "page with pictures")
    expected = alts(path.read_text("utf-8"))
    assert len(expected) > 3 and set(expected) <= set(page.names_of_pictures())
