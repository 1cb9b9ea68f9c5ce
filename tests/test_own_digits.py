"""to_mnist against MNIST itself, every kind of picture, every kind of bad one, faults of paper."""

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path
from zlib import crc32

import helpers
import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps
from scipy import ndimage

SEVEN = [(70, 70), (210, 70), (120, 220)]  # a digit as the corners of a line
TWO = [(70, 90), (120, 60), (190, 80), (190, 130), (70, 220), (200, 220)]
Y, X = np.mgrid[-1:1:280j, -1:1:280j]


def drawn(corners=SEVEN, size=280, ink=0, paper=255, width=26):
    """A digit on paper, as a PIL image of mode L."""
    picture = Image.new("L", (size, size), paper)
    corners = [(x * size / 280, y * size / 280) for x, y in corners]
    ImageDraw.Draw(picture).line(corners, fill=ink, width=width * size // 280, joint="curve")
    return picture


def boxed(picture, box, fill=0):
    ImageDraw.Draw(picture).rectangle(box, fill=fill)
    return picture


def read(picture):
    """What to_mnist makes of a picture, without any warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return helpers.to_mnist(picture)


def is_seven(digit, limit=0.12):
    """Whether a digit differs from the drawn seven by less than this part of the seven's ink."""
    seven = read(drawn()).astype(float)
    return np.abs(seven - digit).sum() / seven.sum() < limit


def test_result_has_mnists_form_and_keeps_the_aspect_ratio():
    digit = read(drawn())
    assert digit.shape == (28, 28) and digit.dtype == np.uint8
    assert max(np.ptp(np.flatnonzero(digit.any(axis=axis))) for axis in (0, 1)) + 1 == 20
    assert np.abs(np.array(ndimage.center_of_mass(digit)) - 14).max() <= 0.5
    assert digit.max() == 255 and digit[0, 0] == 0 and len(np.unique(digit)) > 20
    assert not is_seven(read(drawn(TWO)), 0.8)
    assert not is_seven(read(drawn().rotate(90, fillcolor=255)), 0.8)
    digit = read(boxed(Image.new("L", (200, 100), "white"), [90, 20, 99, 79])) > 127
    assert np.ptp(np.flatnonzero(digit.any(axis=1))) + 1 == 20
    assert np.ptp(np.flatnonzero(digit.any(axis=0))) + 1 in (3, 4)


@pytest.fixture(scope="module")
def mnist():
    """Dense(128) after five epochs, 2,000 test images, their labels, whether on the sample."""
    (x, y), (images, labels) = helpers.load_mnist()
    keras.utils.set_random_seed(0)
    hidden, output = keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), hidden, output])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    helpers.fit_compiled(model, x.astype("float32") / 255, y, epochs=5, batch_size=64)
    every = max(1, len(labels) // 2000)  # the first test images are harder than the last
    return model, images[::every], labels[::every], len(y) < 60_000


def enlarged(image, rng):
    """An image at a random size and place on a black canvas of 280 × 280 pixels."""
    side = rng.integers(84, 280)
    canvas, big = Image.new("L", (280, 280)), Image.fromarray(image).resize((side, side), 3)
    canvas.paste(big, tuple(int(n) for n in rng.integers(0, 281 - side, 2)))
    return np.asarray(canvas)


def photographed(image, rng):
    """Dark ink on light paper, a lamp on one side, and the noise of a camera."""
    angle = rng.uniform(0, 2 * np.pi)
    light = 150 + 60 * (np.cos(angle) * X + np.sin(angle) * Y)
    page = light * (1 - 0.7 * enlarged(image, rng) / 255) + rng.normal(0, 10, X.shape)
    return np.clip(page, 0, 255).astype("uint8")


LOOKS = {"as it is": lambda image, rng: image, "light on dark": enlarged}
LOOKS |= {"dark on light": lambda image, rng: 255 - enlarged(image, rng)}
LOOKS |= {"photograph": photographed}


@pytest.mark.parametrize("look", LOOKS)
def test_2000_test_digits_are_read(mnist, look):
    model, images, labels, on_sample = mnist
    lost = 0.012 if look == "photograph" else 0.006
    rng = np.random.default_rng(1)
    with warnings.catch_warnings(record=True) as several:
        warnings.simplefilter("always")
        digits = np.array([helpers.to_mnist(LOOKS[look](image, rng)) for image in images])
    original, share = (model.evaluate(x / 255.0, labels, verbose=0)[1] for x in (images, digits))
    measured = f"read {share:.4f}, originals {original:.4f}, {len(several)} taken for several"
    assert share >= original - lost * (1 + on_sample), measured
    assert share > (0.85 if on_sample else 0.96) and len(several) <= 0.005 * len(images), measured


LEVELS = np.asarray(drawn(), "float32")
COLOURS = np.stack([np.asarray(drawn(paper=paper)) for paper in (230, 240, 200)], axis=-1)
OPACITY = ImageOps.invert(drawn())
CLEAR, WHITE = (Image.merge("LA", [Image.new("L", (280, 280), n), OPACITY]) for n in (0, 255))
DEEP = Image.fromarray((LEVELS * 257).astype("uint16"))
CARD = Image.new("RGBA", (600, 500))
CARD.paste(drawn().convert("RGBA"), (290, 40))
PALETTE = drawn().convert("P", palette=Image.Palette.ADAPTIVE)
PALETTE.info["transparency"] = PALETTE.getpixel((0, 0))
KINDS = {"light on dark": drawn(ink=255, paper=0), "grey on grey": drawn(ink=110, paper=140)}
KINDS |= {"ink": CLEAR.convert("RGBA"), "white ink": WHITE, "card": CARD, "16 bits": DEEP}
KINDS |= {"premultiplied": KINDS["ink"].convert("RGBa"), "32 bits": DEEP.convert("I")}
KINDS |= {"palette with transparency": PALETTE, "floats": Image.fromarray(LEVELS / 255)}
KINDS |= {"phone-sized": drawn(size=2800), "not square": drawn().crop((20, 40, 260, 250))}
KINDS |= {"bool": LEVELS > 127, "uint8": np.uint8(LEVELS), "uint16": np.uint16(LEVELS * 257)}
KINDS |= {"floats in [-1, 1]": LEVELS / 127.5 - 1.0, "one channel": LEVELS[:, :, None]}
KINDS |= {"colours": COLOURS, "colours in [0, 1]": COLOURS / 255, "turned": LEVELS[::-1][::-1]}
KINDS |= {"opacity in [0, 1]": np.asarray(WHITE.convert("RGBA")) / 255}
KINDS |= {m: drawn().convert("RGB").convert(m) for m in ("1", "P", "RGB", "CMYK", "HSV", "YCbCr")}

NOISE = np.random.default_rng(0).normal(0, 1, (280, 280))
GRAIN = 14 * ndimage.gaussian_filter(NOISE, 3) / ndimage.gaussian_filter(NOISE, 3).std()
TIGHT = drawn().crop((64, 57, 220, 226))
TABLE = boxed(boxed(drawn(paper=200), [0, 0, 279, 24], 90), [262, 0, 279, 279], 90)
FAULTS = {"bar": (boxed(drawn(), [0, 262, 279, 279], 20), 0.12), "table": (TABLE, 0.2)}
FAULTS |= {"specks": (boxed(boxed(drawn(), [20, 20, 22, 22]), [255, 30, 258, 33]), 0.12)}
FAULTS |= {"dark corners": ((210 - 75 * (X**2 + Y**2)) * LEVELS.clip(140) / 255 + 4 * NOISE, 0.3)}
FAULTS |= {"shadow": (np.where(X + Y > 0.2, 1, 0.55) * LEVELS.clip(60) + 4 * NOISE, 0.3)}
FAULTS |= {"rough paper": (LEVELS.clip(80, 185) + GRAIN + 4 * NOISE, 0.3)}
FAULTS |= {"up to the edge": (TIGHT, 0.4), "up to the edge, small": (TIGHT.resize((18, 20)), 0.6)}
FAULTS |= {"up to the edge, light on dark": (ImageOps.invert(TIGHT), 0.4)}
PICTURES = {kind: (picture, 0.12) for kind, picture in KINDS.items()} | FAULTS


@pytest.mark.parametrize("picture, limit", PICTURES.values(), ids=PICTURES)
def test_any_picture_on_any_paper_gives_the_digit_and_stays_as_it_is(picture, limit):
    before = np.array(picture)
    assert is_seven(read(picture), limit) and np.array_equal(before, picture)


FILES = ["png P", "png RGB", "png RGBA", "jpg L", "jpg RGB", "jpg CMYK", "tif RGB", "tif CMYK"]
FILES += ["webp RGB", "gif P", "bmp RGB", "ppm L"]


@pytest.mark.parametrize("size", [280, 2800])
@pytest.mark.parametrize("file", FILES)
def test_files_are_read_and_the_cameras_rotation_is_undone(tmp_path, file, size):
    kind, mode = file.split()
    path, picture = tmp_path / f"digit.{kind}", drawn(size=size).convert("RGB").convert(mode)
    picture.save(path)
    assert is_seven(read(path)) and is_seven(read(str(path)))
    if kind in ("jpg", "png", "webp", "tif"):
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by 90 degrees
        picture.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
        assert is_seven(read(path))


@pytest.mark.parametrize("name", ["moving.gif", "moving.png", "pages.tif", "moving.webp"])
def test_of_an_animation_the_first_picture_is_read(tmp_path, name):
    drawn().save(tmp_path / name, save_all=True, append_images=[drawn(TWO), drawn(width=40)])
    with pytest.warns(UserWarning, match="holds 3 pictures; the first is read") as caught:
        digit = helpers.to_mnist(tmp_path / name)
    assert is_seven(digit) and caught[0].filename == __file__


@pytest.mark.parametrize("size, width", [(280, 2), (280, 1), (1500, 6), (56, 5)])
def test_thin_strokes_become_as_dark_as_mnists(size, width):
    digit = read(drawn(size=size, width=width))
    assert np.percentile(digit[digit > 0], 90) >= 246 and digit.sum() > 20 * 1.5 * 255


def page(*places):
    """Sevens and twos in turn, each drawn with its corner at one of the places."""
    picture = Image.new("L", (640, 560), "white")
    for number, place in enumerate(places):
        picture.paste("black", place, ImageOps.invert(drawn(TWO if number % 2 else SEVEN)))
    return picture


SEVERAL = {"beside": page((0, 0), (200, 20)), "above": page((0, 0), (10, 220))}
SEVERAL |= {"columns overlap": page((0, 0), (120, 110)), "three": page((0, 0), (180, 20), (360, 0))}
SEVERAL |= {"over a line": boxed(page((0, 0), (200, 20)), [0, 400, 639, 410])}


@pytest.mark.parametrize("picture", SEVERAL.values(), ids=SEVERAL)
def test_several_digits_warn(picture):
    with pytest.warns(UserWarning, match="^Several digits .* Cut out one") as caught:
        helpers.to_mnist(picture)
    assert caught[0].filename == __file__  # the warning points to the caller's line


def test_pieces_of_one_digit_are_one_digit():
    read(boxed(drawn(), [0, 120, 280, 140], 255))  # a stem that is cut
    five = drawn([(100, 80), (90, 140), (170, 140), (180, 200), (90, 220)])
    read(boxed(five, [130, 60, 210, 80]))  # a bar that stands apart


ADVICE = "cannot be read: .*Expected .* below 50 million pixels. Save it as PNG"
THICK_PEN = "No digit stands out .* Use a thick pen"
NO_PICTURES = [None, [1, 2, 3], "", Image.new("L", (0, 0)), Image.new("1", (10_000, 5_000))]
NO_PICTURES += [np.zeros((0, 28)), np.zeros(784), np.zeros((2, 28, 28)), np.zeros((9, 9), complex)]
NO_PICTURES += [np.full((28, 28), "ink"), np.full((28, 28), np.nan), np.full((9, 9, 3), np.inf)]
NO_DIGITS = [np.zeros((28, 28)), np.full((28, 28), 7.5), Image.new("RGBA", (9, 9)), np.ones((2, 2))]
PAGES = [170 + 50 * X + 8 * NOISE, 185 + GRAIN + 4 * NOISE, 205 - 75 * (X**2 + Y**2) + 5 * NOISE]
NO_DIGITS += [NOISE, *map(np.uint8, PAGES)]
REFUSED = [(image, ValueError, ADVICE) for image in NO_PICTURES]
REFUSED += [(image, ValueError, THICK_PEN) for image in NO_DIGITS]
REFUSED += [("nowhere.png", FileNotFoundError, "There is no file .*nowhere.png")]


@pytest.mark.parametrize("image, error, advice", REFUSED)
def test_what_cannot_be_read_is_refused_with_advice(image, error, advice):
    with pytest.raises(error, match=advice):
        helpers.to_mnist(image)


PROBE = """
import json, sys, time, warnings, helpers
peak = lambda: int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1000
warnings.simplefilter("error")
for path in sys.argv[1:]:
    open("/proc/self/clear_refs", "w").write("5")  # forget the peak of memory so far
    before, start, said = peak(), time.process_time(), "it was read"
    try:
        helpers.to_mnist(path)
    except ValueError as error:
        said = str(error)
    print(json.dumps([path, said, time.process_time() - start, peak() - before]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_bad_files_are_refused_with_advice_quickly_and_in_little_memory(tmp_path):
    drawn().save(tmp_path / "0.png")  # the first, which loads what it needs, is not counted
    for kind in ("png", "jpg"):
        drawn(size=1000).save(tmp_path / f"half.{kind}")
        half = (tmp_path / f"half.{kind}").read_bytes()[:2000]
        (tmp_path / f"half.{kind}").write_bytes(half)
        Image.new("RGB", (8000, 6000), (200, 30, 30)).save(tmp_path / f"flat.{kind}")
    for kind in ("png", "jpg", "gif"):
        Image.new("L", (10_000, 5_000)).save(tmp_path / f"large.{kind}")
    png = (tmp_path / "large.png").read_bytes()
    bomb = b"IHDR\0\0\xea\x60\0\0\xea\x60" + png[24:29]  # 60,000 pixels a side
    (tmp_path / "bomb.png").write_bytes(png[:12] + bomb + crc32(bomb).to_bytes(4, "big") + png[33:])
    (tmp_path / "text.png").write_text("This is not a picture.")
    (tmp_path / "nothing.png").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    command = [sys.executable, "-c", PROBE, *sorted(map(str, tmp_path.iterdir()))]
    how = {"cwd": Path(helpers.__file__).parent, "stdout": subprocess.PIPE, "check": True}
    for line in subprocess.run(command, **how).stdout.splitlines()[1:]:
        path, said, seconds, megabytes = json.loads(line)
        assert re.search(THICK_PEN if "flat" in path else ADVICE, said), f"{path}: {said}"
        assert seconds < 1 and megabytes < 200, f"{path}: {seconds:.2f} s, {megabytes:.0f} MB"
