"""show, plot_digits, plot_history."""

import base64
import io

import helpers
import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image


def test_show_names_the_picture_and_closes_the_figure(monkeypatch):
    shown = []
    monkeypatch.setattr(helpers, "display", lambda data, raw: shown.append(data))
    figure, axis = plt.subplots()
    axis.plot([1, 2], color="black")
    helpers.show(figure, 'A "line" <rising>')
    [data] = shown
    source, alt = f"data:image/png;base64,{data['image/png']}", "A &quot;line&quot; &lt;rising&gt;"
    assert data["text/html"] == f'<img src="{source}" alt="{alt}">'
    png = io.BytesIO(base64.b64decode(data["image/png"]))
    picture = np.asarray(Image.open(png).convert("RGB"))
    assert (picture[0] == 255).all() and picture.min() < 50  # black on opaque white, on any page
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize("shape", [(28, 28), (784,)])
def test_plot_digits_draws_each_image_in_its_place(shape):
    images = np.random.default_rng(0).random((13, *shape))
    titles = list("abcdefghijklm")
    figure = helpers.plot_digits(images, titles, columns=5, title="All", cmap="RdBu", vmin=-1)
    assert len(figure.axes) == 15 and figure._suptitle.get_text() == "All"
    for image, axis, title in zip(images, figure.axes, titles):
        [drawn] = axis.images
        np.testing.assert_array_equal(drawn.get_array(), image.reshape(28, 28))
        assert axis.get_title() == title
        assert drawn.get_cmap().name == "RdBu" and drawn.norm.vmin == -1
    assert not figure.axes[13].images


@pytest.mark.parametrize("metric", ["accuracy", "acc", "sparse_categorical_accuracy", "auc", None])
@pytest.mark.parametrize("validation", [True, False])
def test_plot_history_draws_what_was_measured(metric, validation):
    past, names = keras.callbacks.History(), ["loss"] + [metric] * bool(metric)
    prefixes = ["", "val_"][: 1 + validation]
    past.history = {prefix + name: [3, 2, 1] for name in names for prefix in prefixes}
    figure = helpers.plot_history(past, "Past")
    assert [axis.get_ylabel() for axis in figure.axes] == [n.replace("_", " ") for n in names]
    for axis in figure.axes:
        assert [line.get_linestyle() for line in axis.lines] == ["-", "--"][: 1 + validation]
        assert all(line.get_ydata().tolist() == [3, 2, 1] for line in axis.lines)
        assert axis.lines[0].get_xdata().tolist() == [1, 2, 3]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["training", "validation"][: 1 + validation]


def test_plot_history_of_nothing():
    assert len(helpers.plot_history(keras.callbacks.History()).axes) == 1
