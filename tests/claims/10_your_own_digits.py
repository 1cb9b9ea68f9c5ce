# %% load
assert split == 55_000 and len(x_train) - split == 5000

# %% train-both
claim("dense, test accuracy, %", accurate["dense"], 97, 98.6)
claim("convolutional, test accuracy, %", accurate["convolutional"], 98.3, 99.7)

# %% plain
for name in networks:
    claim(f"{name}: probability of the 7", answers(name, small)[0, 7], 0, 0.5)

# %% box
for name in networks:
    claim(f"{name}: the 7 by hand", answers(name, by_hand)[0, 7], 0.5, 1)
    claim(f"{name}: the 7 by to_mnist", answers(name, helpers.to_mnist(photo))[0, 7], 0.5, 1)

# %% ex-interval
import scipy.stats

low, high = scipy.stats.binomtest(27, 30).proportion_ci(0.95, method="wilson")
assert (round(100 * low), round(100 * high)) == (74, 97)

# %% prepare
assert len(photos) == 300 and np.array_equal(prepare(photo), by_hand)

# %% worth
dense_worth, conv_worth = (pd.Series({way: own[n] for way, own in worth.items()}) for n in networks)
for name, own in (("dense", dense_worth), ("convolutional", conv_worth)):
    claim(f"{name}: the whole recipe, %", own["the whole recipe"], 88, 99.8)
    few = max(own["without inverting"], own["without removing light"])
    claim(f"{name}: black on white or light left in, %", few, 0, 35)
    lost = own["the whole recipe"] - own["without keeping the shape"]
    claim(f"{name}: lost without keeping the shape, points", lost, 0, 30)
    lost = own["the whole recipe"] - own["without smoothing"]
    claim(f"{name}: lost without smoothing, points", lost, 4, 40)
claim("dense, without margin, %", dense_worth["without a margin"], 20, 50)
claim("convolutional, without margin, %", conv_worth["without a margin"], 75, 97)
lost = {
    name: own["the whole recipe"] - own["without the centre of mass"]
    for name, own in (("dense", dense_worth), ("convolutional", conv_worth))
}
claim("convolutional: lost without centre of mass, points", lost["convolutional"], -1, 4)
claim("dense: lost without centre of mass, points", lost["dense"], 4, 30)
lost = dense_worth["the original images"] - dense_worth["helpers.to_mnist"]
claim("dense: originals minus to_mnist, points", lost, -2, 3)

# %% digits-read
assert len(digits.images) == 1797 and "43 people" in digits.DESCR and "different 13" in digits.DESCR
plain, recipe = read.values()
claim("dense, made 28 × 28, %", plain["dense"], 20, 45)
claim("dense, to_mnist, %", recipe["dense"], 72, 93)
claim("convolutional, to_mnist, %", recipe["convolutional"], 86, 98.5)
claim("dense: lost to the test digits, points", accurate["dense"] - recipe["dense"], 3, 100)
lost = accurate["convolutional"] - recipe["convolutional"]
claim("convolutional: lost to the test digits, points", lost, 1, 100)

# %% confidence-figure
sure = {key: 100 * (values >= 0.9).mean() for key, values in confidence.items()}
for name in networks:
    claim(f"{name}: letters with a confidence of 90 % or more, %", sure[name, "letters"], 30, 75)
    ahead = sure[name, "printed digits"] - sure[name, "letters"]
    claim(f"{name}: printed digits minus letters, points", ahead, 5, 100)

# %% threshold
for name in networks:
    claim(f"{name}: test digits refused, %", refused[name, "test digits"], 2.5, 9)
    claim(f"{name}: letters refused, %", refused[name, "letters"], 40, 90)
    claim(f"{name}: scribbles refused, %", refused[name, "scribbles"], 45, 98)
    claim(f"{name}: printed digits refused, %", refused[name, "printed digits"], 8, 50)

# %% serve
assert "The digit is 7" in done.stdout
stranger = keras.Sequential([keras.Input((784,)), keras.layers.Lambda(lambda x: 2 * x)])
stranger.save(folder / "lambda.keras")
try:
    keras.models.load_model(folder / "lambda.keras")
except ValueError as error:
    assert "safe_mode" in str(error)
else:
    raise AssertionError("A stranger's code was loaded.")
