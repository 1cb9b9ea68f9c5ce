"""to_mnist against MNIST itself, every kind of picture, and every kind of bad one; DrawPad."""

import json
import os
import re
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import helpers
import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

ROOT = Path(__file__).resolve().parent.parent
SEVEN = [(70, 70), (210, 70), (120, 220)]  # a digit as the corners of a line


def drawn(size=280, ink=0, paper=255, width=26):
    """A seven on paper, as a PIL image of mode L."""
    picture = Image.new("L", (size, size), paper)
    corners = [(x * size / 280, y * size / 280) for x, y in SEVEN]
    ImageDraw.Draw(picture).line(corners, fill=ink, width=width * size // 280, joint="curve")
    return picture


@pytest.fixture(scope="module")
def plain():
    """What to_mnist makes of the seven in black on white."""
    return helpers.to_mnist(drawn())


def differs(one, other):
    """Mean difference of two images in parts of the ink of the first."""
    return np.abs(one.astype(float) - other).sum() / one.sum()


def same_digit(one, other):
    return differs(one, other) < 0.12


# --- the recipe -----------------------------------------------------------------------------------


def test_result_has_mnists_form(plain):
    assert plain.shape == (28, 28) and plain.dtype == np.uint8
    rows, columns = np.flatnonzero(plain.any(axis=1)), np.flatnonzero(plain.any(axis=0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    assert np.abs(np.array(ndimage.center_of_mass(plain)) - 14).max() <= 0.5
    assert plain.max() == 255 and plain[0, 0] == 0


def test_aspect_ratio_is_kept():
    picture = Image.new("L", (200, 100), "white")
    ImageDraw.Draw(picture).rectangle([90, 20, 99, 79], fill="black")  # 10 wide, 60 high
    digit = helpers.to_mnist(picture)
    assert np.ptp(np.flatnonzero((digit > 127).any(axis=1))) + 1 == 20
    assert np.ptp(np.flatnonzero((digit > 127).any(axis=0))) + 1 in (3, 4)


def test_the_two_sevens_differ_from_a_one(plain):
    """The measure that the tests below use tells digits apart."""
    one = Image.new("L", (280, 280), "white")
    ImageDraw.Draw(one).line([(140, 50), (140, 230)], fill="black", width=26)
    assert not same_digit(plain, helpers.to_mnist(one))
    assert not same_digit(plain, helpers.to_mnist(drawn().rotate(90)))


@pytest.fixture(scope="module")
def network():
    """Dense(128), five epochs, with the test images; 97.5 % on the full MNIST."""
    (x, y), test = helpers.load_mnist()
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    helpers.fit_compiled(model, x.astype("float32") / 255, y, epochs=5, batch_size=64)
    return model, *test


def enlarged(images, seed):
    """Each image at random size and place on a black canvas of 280 × 280 pixels."""
    rng = np.random.default_rng(seed)
    for image in images:
        side = rng.integers(84, 280)
        canvas = Image.new("L", (280, 280))
        big = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
        canvas.paste(big, tuple(int(n) for n in rng.integers(0, 281 - side, 2)))
        yield np.asarray(canvas)


def photographed(canvas, rng):
    """Dark ink on light paper, lamp on one side, with the noise of a camera."""
    y, x = np.mgrid[-1:1:280j, -1:1:280j]
    angle = rng.uniform(0, 2 * np.pi)
    light = 150 + 60 * (np.cos(angle) * x + np.sin(angle) * y)
    page = light * (1 - 0.7 * canvas / 255) + rng.normal(0, 10, canvas.shape)
    return np.clip(page, 0, 255).astype("uint8")


def accuracy(network, pictures, labels):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few digits of MNIST are in two pieces
        digits = np.array([helpers.to_mnist(picture) for picture in pictures])
    answers = network.predict(digits / 255.0, batch_size=1000, verbose=0).argmax(axis=1)
    return (answers == labels).mean()


@pytest.mark.parametrize(
    "look, lost, bar",
    [("light on dark", 0.01, 0.97), ("dark on light", 0.01, 0.97), ("photograph", 0.04, 0.90)],
)
def test_2000_test_digits_are_read(network, look, lost, bar):
    model, images, labels = network
    every = max(1, len(labels) // 2000)  # the first test images are harder than the last
    images, labels = images[::every], labels[::every]
    original = model.evaluate(images / 255.0, labels, verbose=0)[1]
    rng = np.random.default_rng(1)
    change = {
        "light on dark": lambda canvas: canvas,
        "dark on light": lambda canvas: 255 - canvas,
        "photograph": lambda canvas: photographed(canvas, rng),
    }[look]
    read = accuracy(model, map(change, enlarged(images, seed=0)), labels)
    print(f"{look}: {read:.4f}, originals {original:.4f}")
    assert read >= original - lost
    assert helpers.on_sample() or read >= bar


def test_mnists_own_images_hardly_change(network):
    model, images, labels = network
    images, labels = images[:1000], labels[:1000]
    original = model.evaluate(images / 255.0, labels, verbose=0)[1]
    assert abs(accuracy(model, images, labels) - original) <= 0.01


# --- kinds of pictures ----------------------------------------------------------------------------


def transparent(ink, mode="RGBA"):
    """The seven in one colour on nothing."""
    picture = Image.new("LA", (280, 280), (ink, 0))
    picture.putalpha(Image.eval(drawn(), lambda level: 255 - level))
    return picture.convert(mode)


def palette_with_transparency():
    picture = drawn().convert("P", palette=Image.Palette.ADAPTIVE)
    picture.info["transparency"] = int(np.asarray(picture)[0, 0])
    return picture


def sixteen_bits(dtype="uint16"):
    return Image.fromarray((np.asarray(drawn(), "float32") * 257).astype(dtype))


def uneven_light(size=280):
    y, x = np.mgrid[0 : 1 : size * 1j, 0 : 1 : size * 1j]
    noise = np.random.default_rng(0).normal(0, 6, (size, size))
    light = 0.35 + 0.6 * x * y + 0.1 * np.sin(3 * y)
    page = (60 + 0.75 * np.asarray(drawn(size), "float32")) * light + noise
    return np.clip(page, 0, 255).astype("uint8")


floats = np.asarray(drawn(), "float32")
colours = np.stack([np.asarray(drawn(paper=paper)) for paper in (230, 240, 200)], axis=-1)
KINDS = {
    "light on dark": drawn(ink=255, paper=0),
    "dark grey on grey": drawn(ink=110, paper=140),
    "1 bit": drawn().convert("1"),
    "palette": drawn().convert("P"),
    "palette with transparency": palette_with_transparency(),
    "RGB": Image.merge("RGB", [drawn(paper=p) for p in (230, 240, 200)]),
    "blue ink": Image.merge("RGB", [drawn(ink=i) for i in (20, 40, 200)]),
    "RGBA, black ink on nothing": transparent(0),
    "RGBA, white ink on nothing": transparent(255),
    "LA": transparent(0, "LA"),
    "premultiplied": transparent(0).convert("RGBa"),
    "CMYK": drawn().convert("RGB").convert("CMYK"),
    "HSV": drawn().convert("RGB").convert("HSV"),
    "YCbCr": drawn().convert("RGB").convert("YCbCr"),
    "16-bit grey": sixteen_bits(),
    "32-bit grey": sixteen_bits("int32"),
    "float picture": Image.fromarray(floats / 255),
    "phone-sized": drawn(2800),
    "not square": drawn().crop((20, 40, 260, 250)),
    "small": drawn(56),
    "uneven light": Image.fromarray(uneven_light()),
    "phone-sized, uneven light": Image.fromarray(uneven_light(2000)),
    "array of bool": floats > 127,
    "array of uint8": floats.astype("uint8"),
    "array of uint16": (floats * 257).astype("uint16"),
    "array of floats in [0, 1]": floats / 255,
    "array of floats in [-1, 1]": floats.astype("float64") / 127.5 - 1,
    "array with one channel": floats[:, :, None],
    "array of colours": colours,
    "array of colours in [0, 1]": colours / 255,
    "array with opacity": np.asarray(transparent(0)),
    "array with opacity in [0, 1]": np.asarray(transparent(255)) / 255,
    "array that is not contiguous": floats[::-1][::-1],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_gives_the_same_digit(kind, plain):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        digit = helpers.to_mnist(KINDS[kind])
    assert differs(plain, digit) < (0.3 if "uneven" in kind else 0.12)


@pytest.mark.parametrize(
    "name, mode, settings",
    [
        ("digit.png", "L", {}),
        ("digit.png", "P", {}),
        ("digit.png", "RGBA", {}),
        ("digit.jpg", "L", {"quality": 60}),
        ("digit.jpg", "RGB", {"quality": 60}),
        ("digit.jpg", "CMYK", {"quality": 60}),
        ("digit.gif", "P", {}),
        ("digit.bmp", "RGB", {}),
        ("digit.tif", "L", {"compression": "tiff_lzw"}),
        ("digit.tif", "CMYK", {}),
        ("digit.webp", "RGB", {}),
        ("digit.ppm", "L", {}),
    ],
)
def test_files(tmp_path, plain, name, mode, settings):
    drawn().convert("RGB").convert(mode).save(tmp_path / name, **settings)
    assert same_digit(plain, helpers.to_mnist(tmp_path / name))
    assert same_digit(plain, helpers.to_mnist(str(tmp_path / name)))


def test_16_bit_file(tmp_path, plain):
    sixteen_bits().save(tmp_path / "digit.png")
    assert same_digit(plain, helpers.to_mnist(tmp_path / "digit.png"))


@pytest.mark.parametrize("name", ["digit.jpg", "digit.png", "digit.webp", "digit.tif"])
@pytest.mark.parametrize("size", [280, 2800], ids=["small", "phone-sized"])
def test_the_cameras_rotation_is_undone(tmp_path, plain, name, size):
    orientation, turns_it_back = 6, Image.Transpose.ROTATE_90
    exif = Image.Exif()
    exif[0x0112] = orientation
    drawn(size).convert("RGB").transpose(turns_it_back).save(tmp_path / name, exif=exif)
    assert same_digit(plain, helpers.to_mnist(tmp_path / name))


def test_damaged_exif_does_no_harm(tmp_path, plain):
    drawn().save(tmp_path / "digit.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert same_digit(plain, helpers.to_mnist(tmp_path / "digit.jpg"))


def test_the_picture_given_is_left_as_it_was(tmp_path):
    drawn(2000).save(tmp_path / "digit.jpg")
    with Image.open(tmp_path / "digit.jpg") as picture:
        helpers.to_mnist(picture)
        assert (picture.size, picture.mode) == ((2000, 2000), "L")
    array = np.asarray(drawn()).copy()
    before = array.copy()
    helpers.to_mnist(array)
    assert np.array_equal(array, before)


def test_specks_are_left_out(plain):
    picture = drawn()
    for x, y in ((10, 10), (260, 20), (30, 265)):
        picture.putpixel((x, y), 0)
        picture.putpixel((x + 1, y), 0)
    assert same_digit(plain, helpers.to_mnist(picture))


# --- bad pictures ---------------------------------------------------------------------------------


def png_of(width, height):
    """A PNG that announces its size and holds no pixels."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    whole = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + whole


def bad_files(folder):
    """Write every kind of bad picture; return name → a word of the ValueError it must raise."""
    rng = np.random.default_rng(0)
    drawn(1000).save(folder / "whole.png")
    drawn(1000).save(folder / "whole.jpg")
    for name in ("whole.png", "whole.jpg"):
        data = (folder / name).read_bytes()
        (folder / f"truncated{Path(name).suffix}").write_bytes(data[: len(data) // 2])
    (folder / "header_only.png").write_bytes((folder / "whole.png").read_bytes()[:20])
    Image.new("L", (280, 280), 255).save(folder / "empty.png")
    Image.new("RGB", (8000, 6000), (200, 30, 30)).save(folder / "flat_48_megapixels.png")
    Image.new("RGB", (8000, 6000), (200, 30, 30)).save(folder / "flat_48_megapixels.jpg")
    Image.new("RGBA", (600, 600)).save(folder / "all_transparent.png")
    page = rng.normal(np.linspace(120, 220, 400), 8, (400, 400))
    Image.fromarray(page.astype("uint8")).save(folder / "empty_photograph.jpg")
    Image.new("L", (10_000, 5_000)).save(folder / "50_megapixels.png")
    Image.new("1", (10_000, 5_000)).save(folder / "50_megapixels.gif")
    Image.new("L", (10_000, 5_000)).save(folder / "50_megapixels.jpg")
    (folder / "bomb.png").write_bytes(png_of(60_000, 60_000))
    (folder / "long.png").write_bytes(png_of(2, 2_000_000_000))
    (folder / "text.png").write_text("This is not a picture.")
    (folder / "nothing.png").write_bytes(b"")
    (folder / "noise.jpg").write_bytes(rng.bytes(100_000))
    (folder / "folder.png").mkdir()
    return {
        "truncated.png": "damaged",
        "truncated.jpg": "damaged",
        "header_only.png": "damaged|not a picture",
        "empty.png": "Use a thick pen",
        "flat_48_megapixels.png": "Use a thick pen",
        "flat_48_megapixels.jpg": "Use a thick pen",
        "all_transparent.png": "Use a thick pen",
        "empty_photograph.jpg": "Use a thick pen",
        "50_megapixels.png": "50,000,000 pixels.*Make it smaller",
        "50_megapixels.gif": "50,000,000 pixels.*Make it smaller",
        "50_megapixels.jpg": "50,000,000 pixels.*Make it smaller",
        "bomb.png": "50 million pixels.*Make it smaller",
        "long.png": "50 million pixels.*Make it smaller",
        "text.png": "save it as PNG",
        "nothing.png": "save it as PNG",
        "noise.jpg": "save it as PNG",
        "folder.png": "is a folder",
    }


PROBE = """
import json, resource, sys, threading, time, warnings
import helpers, numpy as np, scipy.ndimage
from PIL import Image
warnings.simplefilter("error")

def memory():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000

try:
    helpers.to_mnist(Image.new("L", (50, 50)))  # imports what it needs
except ValueError:
    pass
for path in sys.argv[1:]:
    took = []
    while len(took) < 5 and min(took, default=1) >= 1:  # other work may slow down a single try
        open("/proc/self/clear_refs", "w").write("5")  # forget the peak so far
        before, start, said = memory(), time.process_time(), None
        try:
            helpers.to_mnist(path)
        except ValueError as error:
            said = str(error)
        took.append(time.process_time() - start)
    print(json.dumps([path, said, min(took), memory() - before]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_bad_files_are_refused_with_advice_quickly_and_in_little_memory(tmp_path):
    expected = bad_files(tmp_path)
    command = [sys.executable, "-c", PROBE, *(str(tmp_path / name) for name in expected)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(expected)
    for (_, said, seconds, megabytes), (name, word) in zip(rows, expected.items()):
        print(f"{name:28} {seconds:6.3f} s {megabytes:6.1f} MB  {said}")
        assert said is not None, f"{name} was read"
        assert re.search(word, said), f"{name}: {said}"
        assert seconds < 1, f"{name} took {seconds:.2f} s"
        assert megabytes < 200, f"{name} took {megabytes:.0f} MB"


def test_a_missing_file():
    with pytest.raises(FileNotFoundError, match="There is no file .*nowhere.png"):
        helpers.to_mnist("nowhere.png")


@pytest.mark.parametrize(
    "image, words",
    [
        (None, "no picture"),
        ([1, 2, 3], "no picture"),
        ("", "is a folder"),
        (np.zeros(784), "no picture"),
        (np.zeros((2, 28, 28)), "no picture"),
        (np.zeros((28, 28), complex), "no picture"),
        (np.full((28, 28), "ink"), "no picture"),
        (np.zeros((0, 28)), "no pixels"),
        (Image.new("L", (0, 0)), "no pixels"),
        (np.full((28, 28), np.nan), "NaN"),
        (np.zeros((28, 28)), "thick pen"),
        (np.full((28, 28), 7.5), "thick pen"),
        (np.ones((1, 1)), "thick pen"),
        (np.random.default_rng(0).random((280, 280)), "thick pen"),
        (np.lib.stride_tricks.as_strided(np.uint8(0), (50_000, 1_000), (0, 0)), "Make it smaller"),
        (Image.new("1", (10_000, 5_000)), "Make it smaller"),
    ],
)
def test_what_is_no_picture_of_a_digit(image, words):
    with pytest.raises(ValueError, match=words):
        helpers.to_mnist(image)


# --- warnings -------------------------------------------------------------------------------------


def side_by_side(count):
    picture = Image.new("L", (200 * count, 280), "white")
    for place in range(count):
        picture.paste(drawn().crop((40, 0, 240, 280)), (200 * place, 0))
    return picture


@pytest.mark.parametrize("count", [2, 3, 5])
def test_several_digits_are_counted(count):
    with pytest.warns(UserWarning, match=f"^{count} digits .* Cut the picture") as caught:
        helpers.to_mnist(side_by_side(count))
    assert caught[0].filename == __file__  # the warning points to the caller's line


def test_pieces_of_one_digit_are_one_digit():
    picture = drawn()
    ImageDraw.Draw(picture).rectangle([0, 120, 280, 140], fill="white")  # cuts the stem
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        helpers.to_mnist(picture)


def test_few_of_mnists_digits_are_taken_for_several(network):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for image in network[1][:1000]:
            helpers.to_mnist(image)
    assert len(caught) <= 5


@pytest.mark.parametrize("name", ["moving.gif", "moving.png", "pages.tif", "moving.webp"])
def test_of_an_animation_the_first_picture_is_read(tmp_path, plain, name):
    others = [drawn().rotate(turn, fillcolor=255) for turn in (90, 180)]
    drawn().save(tmp_path / name, save_all=True, append_images=others)
    with pytest.warns(UserWarning, match="holds 3 pictures; the first is read") as caught:
        digit = helpers.to_mnist(tmp_path / name)
    assert same_digit(plain, digit)
    assert caught[0].filename == __file__
