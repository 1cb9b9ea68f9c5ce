"""Outputs are compared on the full MNIST only; the sample has other numbers."""

import contextlib
import io

import helpers
import pytest

_said = io.StringIO()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    with contextlib.redirect_stdout(_said):
        helpers.load_mnist()
    if helpers.on_sample():
        config.option.nbval_lax = True


def pytest_report_header(config):
    lines = [line.strip() for line in _said.getvalue().splitlines()]
    if helpers.on_sample():
        lines.append("notebooks: every cell runs, on the sample; stored outputs are NOT compared")
    else:
        lines.append("notebooks: every cell runs, and its output is compared with the stored one")
    return lines
