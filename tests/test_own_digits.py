"""to_mnist against MNIST itself, every kind of picture, every kind of bad one, faults of paper."""

import os
import sys
import time
import warnings
from pathlib import Path
from zlib import crc32

import helpers
import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

SEVEN = [(70, 70), (210, 70), (120, 220)]  # a digit as the corners of a line
TWO = [(70, 90), (120, 60), (190, 80), (190, 130), (70, 220), (200, 220)]
Y, X = np.mgrid[-1:1:280j, -1:1:280j]


def drawn(corners=SEVEN, size=280, ink=0, paper=255, width=26):
    picture = Image.new("L", (size, size), paper)
    corners = [(x * size / 280, y * size / 280) for x, y in corners]
    ImageDraw.Draw(picture).line(corners, fill=ink, width=width * size // 280, joint="curve")
    return picture


def boxed(picture, box, fill=0):
    ImageDraw.Draw(picture).rectangle(box, fill=fill)
    return picture


def read(picture):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no kind of picture may cause one
        return helpers.to_mnist(picture)


def is_seven(digit, limit=0.12):
    return np.abs(read(drawn()).astype(float) - digit).mean() < limit * read(drawn()).mean()


def test_result_has_mnists_form():
    digit = read(drawn())
    assert digit.shape == (28, 28) and digit.dtype == np.uint8
    assert max(digit.any(axis=0).sum(), digit.any(axis=1).sum()) == 20
    assert np.abs(np.array(ndimage.center_of_mass(digit)) - 14).max() <= 0.5
    assert digit.max() == 255 and digit[0, 0] == 0 and not is_seven(read(drawn(TWO)), 0.8)
    assert 15 < ((digit > 64) & (digit < 192)).sum() < 50  # its edges are grey


def test_aspect_ratio_is_kept():
    bar = read(boxed(Image.new("L", (200, 100), "white"), [90, 20, 99, 79])) > 127
    assert bar.any(axis=1).sum() == 20 and bar.any(axis=0).sum() in (3, 4)


@pytest.fixture(scope="module")
def mnist():
    (x, y), (images, labels) = helpers.load_mnist()
    keras.utils.set_random_seed(0)
    hidden, output = keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), hidden, output])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    helpers.fit_compiled(model, x.astype("float32") / 255, y, epochs=5, batch_size=64)
    every = max(1, len(labels) // 2000)  # the first test images are harder than the last
    return model, images[::every], labels[::every], len(y) < 60000


def enlarged(image, rng):
    side = rng.integers(84, 280)
    canvas, big = Image.new("L", (280, 280)), Image.fromarray(image).resize((side, side), 3)
    canvas.paste(big, tuple(int(n) for n in rng.integers(0, 281 - side, 2)))
    return np.asarray(canvas)


def photographed(image, rng):
    angle = rng.uniform(0, 2 * np.pi)
    light = 150 + 60 * (np.cos(angle) * X + np.sin(angle) * Y)
    page = light * (1 - 0.7 * enlarged(image, rng) / 255) + rng.normal(0, 10, X.shape)
    return np.clip(page, 0, 255).astype("uint8")


LOOKS = {"as it is": lambda image, rng: image, "light on dark": enlarged}
LOOKS |= {"dark on light": lambda *given: 255 - enlarged(*given), "photograph": photographed}


@pytest.mark.parametrize("look", LOOKS)
def test_2000_test_digits_are_read(mnist, look):
    model, images, labels, on_sample = mnist
    rng, lost = np.random.default_rng(1), 0.012 if look == "photograph" or on_sample else 0.006
    with warnings.catch_warnings(record=True) as several:
        warnings.simplefilter("always")
        digits = np.array([helpers.to_mnist(LOOKS[look](image, rng)) for image in images])
    original, share = (model.evaluate(x / 255.0, labels, verbose=0)[1] for x in (images, digits))
    assert share >= original - lost and share > (0.85 if on_sample else 0.96), (share, original)
    assert len(several) <= 0.005 * len(images)


LEVELS = np.asarray(drawn(), "float32")
COLOURS = np.dstack([drawn(paper=paper) for paper in (230, 240, 200)])
BLACK = Image.fromarray(np.uint8(np.dstack([0 * LEVELS, 255 - LEVELS])))  # ink on nothing
WHITE = Image.fromarray(np.uint8(np.dstack([0 * LEVELS + 255, 255 - LEVELS])))
DEEP, CARD = Image.fromarray(np.uint16(LEVELS * 257)), Image.new("RGBA", (600, 500))
CARD.paste(drawn().convert("RGBA"), (290, 40))
PALETTE = drawn().convert("P")
PALETTE.info["transparency"] = PALETTE.getpixel((0, 0))
KINDS = {m: drawn().convert("RGB").convert(m) for m in ("1", "P", "RGB", "CMYK", "HSV", "YCbCr")}
KINDS |= {"light on dark": drawn(ink=255, paper=0), "grey on grey": drawn(ink=110, paper=140)}
KINDS |= {"black ink": BLACK, "white ink": WHITE, "clear paper": PALETTE, "card": CARD}
KINDS |= {"premultiplied": BLACK.convert("RGBA").convert("RGBa"), "32 bits": DEEP.convert("I")}
KINDS |= {"16 bits": DEEP, "floats": Image.fromarray(LEVELS / 255), "large": drawn(size=2800)}
KINDS |= {"bool": LEVELS > 127, "uint8": np.uint8(LEVELS), "uint16": np.uint16(LEVELS * 257)}
KINDS |= {"floats in [-1, 1]": LEVELS / 127.5 - 1.0, "one channel": LEVELS[:, :, None]}
KINDS |= {"colours": COLOURS, "colours in [0, 1]": COLOURS / 255, "turned": LEVELS[::-1][::-1]}
KINDS |= {"opacity in [0, 1]": np.asarray(WHITE.convert("RGBA")) / 255}

NOISE = np.random.default_rng(0).normal(0, 1, (280, 280))
GRAIN = 14 * ndimage.gaussian_filter(NOISE, 3) / ndimage.gaussian_filter(NOISE, 3).std()
TABLE = boxed(boxed(drawn(paper=200), [0, 0, 279, 24], 90), [262, 0, 279, 279], 90)
CORNERS = (210 - 75 * (X**2 + Y**2)) * LEVELS.clip(140) / 255 + 4 * NOISE
SHADOW = np.where(X + Y > 0.2, 1, 0.55) * LEVELS.clip(60) + 4 * NOISE
FAULTS = {"bar": boxed(drawn(), [0, 262, 279, 279], 20), "table": TABLE, "dark corners": CORNERS}
FAULTS |= {"shadow": SHADOW, "rough paper": LEVELS.clip(80, 185) + GRAIN + 4 * NOISE}
FAULTS |= {"specks": boxed(boxed(drawn(), [20, 20, 22, 22]), [255, 30, 258, 33])}
FAULTS |= {"up to the edge": 255 - LEVELS[57:226, 64:220]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_gives_the_same_digit_and_stays_as_it_is(kind):
    before = np.array(KINDS[kind])
    assert is_seven(read(KINDS[kind])) and np.array_equal(before, KINDS[kind])


def test_files(tmp_path):
    for name in "P.png RGBA.png L.jpg CMYK.jpg P.gif RGB.bmp CMYK.tif RGB.webp L.ppm".split():
        drawn().convert("RGB").convert(name.split(".")[0]).save(tmp_path / name)
        assert is_seven(read(tmp_path / name)) and is_seven(read(f"{tmp_path}/{name}")), name


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_the_cameras_rotation_is_undone(tmp_path, name):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    turned = drawn(size=2800).convert("RGB").transpose(Image.Transpose.ROTATE_90)
    turned.save(tmp_path / name, exif=exif)
    assert is_seven(read(tmp_path / name))


@pytest.mark.parametrize("name", ["moving.gif", "moving.png", "pages.tif", "moving.webp"])
def test_of_an_animation_the_first_picture_is_read(tmp_path, name):
    drawn().save(tmp_path / name, save_all=True, append_images=[drawn(TWO), drawn(width=40)])
    with pytest.warns(UserWarning, match="holds 3 pictures; the first is read") as caught:
        assert is_seven(helpers.to_mnist(tmp_path / name))
    assert caught[0].filename == __file__  # the warning points to the caller's line


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_the_paper_do_not_matter(fault):
    assert is_seven(read(FAULTS[fault]), 0.35)


@pytest.mark.parametrize("flip", [0, 255])
def test_thick_ink_may_cover_most_of_the_edge(flip):
    block = np.full((90, 60), 255 - flip, "uint8")
    block[:20] = block[:, 42:] = flip
    on_paper = read(np.pad(block, 60, constant_values=255 - flip)).astype(float)
    assert np.abs(on_paper - read(block)).mean() < 0.1 * on_paper.mean()


@pytest.mark.parametrize("size, width", [(280, 2), (280, 1), (1500, 6), (56, 5)])
def test_thin_strokes_become_as_dark_as_mnists(size, width):
    digit = read(drawn(size=size, width=width))
    assert np.percentile(digit[digit > 0], 90) >= 246 and digit.sum() > 20 * 1.5 * 255


PLACES = {"beside": (200, 20), "above": (10, 220), "columns overlap": (120, 110)}


@pytest.mark.parametrize("arrangement", PLACES)
def test_several_digits_warn(arrangement):
    picture = boxed(Image.new("L", (640, 560), "white"), [0, 500, 639, 510])  # with a line
    for corners, place in ((SEVEN, (0, 0)), (TWO, PLACES[arrangement])):
        picture.paste("black", place, drawn(corners, ink=255, paper=0))
    with pytest.warns(UserWarning, match="^Several digits .* Cut out one") as caught:
        helpers.to_mnist(picture)
    assert caught[0].filename == __file__


def test_pieces_of_one_digit_are_one_digit():
    read(boxed(drawn(), [0, 120, 280, 140], 255))  # a stem that is cut
    five = drawn([(100, 80), (90, 140), (170, 140), (180, 200), (90, 220)])
    read(boxed(five, [130, 60, 210, 80]))  # a bar that stands apart


EXPECTED = "cannot be read: .*Expected .* below 50 million pixels. Save it as PNG"
BAD = [None, [1, 2, 3], "", np.zeros(784), np.zeros((2, 28, 28)), np.zeros((28, 28), complex)]
BAD += [np.full((28, 28), "ink"), np.full((28, 28), np.nan), np.zeros((0, 28))]
EMPTY = [170 + 50 * X + 8 * NOISE, 185 + GRAIN + 4 * NOISE, 200 - 60 * (X**2 + Y**2) + 5 * NOISE]
EMPTY = [NOISE, np.zeros((9, 9)), np.ones((2, 2)), Image.new("RGBA", (9, 9)), *map(np.uint8, EMPTY)]
BAD = [(x, EXPECTED) for x in BAD] + [(x, "No digit .* Use a thick pen") for x in EMPTY]


@pytest.mark.parametrize("image, words", BAD)
def test_what_is_no_picture_of_a_digit(image, words):
    with pytest.raises(ValueError, match=words):
        helpers.to_mnist(image)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is measured")
def test_bad_files_are_refused_with_advice_quickly_and_in_little_memory(tmp_path):
    def peak():
        return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1000

    for kind in ("png", "jpg", "gif"):
        Image.new("RGB", (8000, 6000), "red").save(tmp_path / f"flat.{kind}")
        Image.new("L", (10_000, 5_000)).save(tmp_path / f"large.{kind}")
        drawn(size=1000).save(tmp_path / f"half.{kind}")
        os.truncate(tmp_path / f"half.{kind}", 2000)
    png = (tmp_path / "large.png").read_bytes()
    head = b"IHDR\0\0\xea\x60\0\0\xea\x60" + png[24:29]  # 60,000 pixels a side
    (tmp_path / "bomb.png").write_bytes(png[:12] + head + crc32(head).to_bytes(4, "big") + png[33:])
    (tmp_path / "text.png").write_text("This is not a picture.")
    words = {"flat": "Use a thick pen", "nowhere": "There is no file .* Check"}
    for path in [*tmp_path.iterdir(), tmp_path, tmp_path / "nowhere.png"]:
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        start, before = time.process_time(), peak()
        with pytest.raises((ValueError, FileNotFoundError), match=words.get(path.stem, EXPECTED)):
            helpers.to_mnist(path)
        assert time.process_time() - start < 1 and peak() - before < 200, path.name
