"""Notebook 7 in a real browser: draw a digit on the pad, run the next cell, read its answer."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from tools.lanes import without_mnist

websocket = pytest.importorskip("websocket", reason="websocket-client, which jupyter brings")

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "07_your_own_digits.ipynb"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DIGITS = {  # as corners on the pad, 280 × 280
    4: [[(90, 50), (70, 140), (200, 140)], [(170, 80), (160, 240)]],
    2: [[(80, 90), (110, 50), (170, 50), (195, 95), (170, 150), (70, 230), (210, 230)]],
}

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
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
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

    def draw(self, strokes, left, top):
        """Draw with the mouse; the page gets pointer events, as from any hand."""
        for stroke in strokes:
            for place, (x, y) in enumerate(stroke):
                at = {"x": left + x, "y": top + y, "button": "left", "pointerType": "mouse"}
                if place:
                    x_before, y_before = stroke[place - 1]
                    for step in range(1, 11):
                        x_now = left + x_before + (x - x_before) * step / 10
                        y_now = top + y_before + (y - y_before) * step / 10
                        moved = at | {"x": x_now, "y": y_now, "buttons": 1}
                        self.send("Input.dispatchMouseEvent", type="mouseMoved", **moved)
                else:
                    self.send("Input.dispatchMouseEvent", type="mousePressed", clickCount=1, **at)
            self.send("Input.dispatchMouseEvent", type="mouseReleased", clickCount=1, **at)


def free_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


def fetched(address, seconds, method="GET"):
    """What an address answers, once it answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            request = urllib.request.Request(address, method=method)
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.read()
        except OSError:
            assert time.monotonic() < end, f"{address} does not answer"
            time.sleep(0.3)


def stop(process):
    """Ask a process to end; on a busy machine not for ever."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def folder(tmp_path):
    """The notebook without its outputs, and its helpers."""
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "helpers.py", tmp_path)
    notebook = nbformat.read(ROOT / "notebooks" / NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, tmp_path / "notebooks" / NOTEBOOK)
    return tmp_path


@pytest.fixture
def environment(folder):
    """No MNIST within reach: the sample is enough to read a digit."""
    return without_mnist(folder)


@pytest.fixture
def serve(folder, environment):
    """Start Jupyter with one of its two faces; return the notebook's address."""
    started = []

    def start(face, configuration):
        port = free_port()
        command = [sys.executable, "-m", face, "--no-browser", "--allow-root", f"--port={port}"]
        command += [f"--{configuration}.expose_app_in_browser=True", "--IdentityProvider.token="]
        command += [f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"]
        log = (folder / "server.log").open("w")
        started.append(
            subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        )
        fetched(f"http://127.0.0.1:{port}/api", 60)
        view = "lab/tree" if face == "jupyterlab" else "notebooks"
        return f"http://127.0.0.1:{port}/{view}/notebooks/{NOTEBOOK}"

    yield start
    for process in started:
        stop(process)


@pytest.fixture
def browse(folder, environment):
    """Open an address in Chromium, without a screen."""
    started = []

    def open_page(address):
        port = free_port()
        command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio"]
        command += [f"--remote-debugging-port={port}", f"--user-data-dir={folder / 'chromium'}"]
        command += ["--disable-dev-shm-usage", "--window-size=1200,1000", "about:blank"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen(command, env=environment, **quiet))
        tab = json.loads(fetched(f"http://127.0.0.1:{port}/json/new?{address}", 60, "PUT"))
        page = Page(tab["webSocketDebuggerUrl"])
        page.send("Page.bringToFront")
        return page

    yield open_page
    for process in started:
        stop(process)


PANEL = "window.jupyterapp?.shell.currentWidget"
CELL = f"{PANEL}.content.widgets.find(cell => cell.model.id === '{{}}')"
IDLE = f"{PANEL}?.sessionContext?.session?.kernel?.status === 'idle'"
PAD = "document.querySelector('canvas[aria-label^=Pad]')"


def output(cell):
    """JavaScript for the text that a cell printed; its model has it wherever the page stands."""
    texts = "output => [output.text || ''].flat().join('')"
    return f"{CELL.format(cell)}.model.outputs.toJSON().map({texts}).join('')"


def go_to(page, cell):
    page.ask(
        f"(async () => {{ const book = {PANEL}.content;"
        f" book.activeCellIndex = book.widgets.findIndex(c => c.model.id === '{cell}');"
        " await book.scrollToItem(book.activeCellIndex, 'center'); return true; })()"
    )


def run_ask(page, said):
    """Run the cell under the pad, and wait for what it did not say before."""
    includes = f"{output('ask')}.includes('{said}')"
    assert not page.ask(includes)
    go_to(page, "ask")
    page.ask("void window.jupyterapp.commands.execute('notebook:run-cell')")
    page.wait(includes, 30, said)


@pytest.mark.parametrize(
    "face, configuration, digit",
    [("jupyterlab", "LabApp", 4), ("notebook", "JupyterNotebookApp", 2)],
    ids=["JupyterLab", "Notebook 7"],
)
def test_a_digit_drawn_on_the_pad_is_read(serve, browse, face, configuration, digit):
    page = browse(serve(face, configuration))
    page.wait(f"{IDLE} && {PANEL}.content.widgets.length > 20", 60, "notebook with a kernel")
    go_to(page, "ask-read")
    for _ in range(3):  # a page that is not ready yet may lose the command
        page.ask("void window.jupyterapp.commands.execute('notebook:run-all-above')")
        if page.comes(f"{CELL.format('setup')}.model.executionCount", 60):
            break
    page.wait(f"{output('ask')}.includes('Nothing is drawn yet')", 300, "stored example")
    page.wait(IDLE, 30, "idle kernel")

    go_to(page, "pad")
    page.wait(f"!!{PAD}", 30, "pad")
    time.sleep(1)  # until the page has stopped scrolling
    left, top = page.ask(f"(b => [b.left + 1, b.top + 1])({PAD}.getBoundingClientRect())")
    page.draw(DIGITS[digit], left, top)
    run_ask(page, f"The network reads {digit},")
    assert "Nothing is drawn yet" not in page.ask(output("ask"))

    page.wait(IDLE, 30, "idle kernel")
    page.ask("document.querySelector('button[aria-label=\"Clear the pad\"]').click()")
    time.sleep(1)  # no hand is quicker
    run_ask(page, "Nothing is drawn yet")
