# %% load
assert split == 55_000 and len(x_train) - split == 5000

# %% train-both
claim("dense, test accuracy, %", accurate["dense"], 96.5, 99.2)
claim("convolutional, test accuracy, %", accurate["convolutional"], 98, 100)

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
    few = max(own["without inverting"], own["without removing light"])
    claim(f"{name}: black on white or light left in, %", few, 0, 50)
for step in ("smoothing", "dropping specks"):
    lost = worth["the whole recipe"] - worth[f"without {step}"]
    claim(f"lost without {step}, mean of both, points", lost.mean(), 3, 60)
without = "inverting", "removing light", "a margin"
others = [dense_worth[f"without {step}"] for step in steps if step not in without]
ahead = min(others) - dense_worth["without a margin"]
claim("dense: another step left out minus no margin, points", ahead, 0, 100)
claim("convolutional, without margin, %", conv_worth["without a margin"], 80, 100)
lost = conv_worth["the whole recipe"] - conv_worth["without the centre of mass"]
claim("convolutional: lost without centre of mass, points", lost, -4, 4)
lost = dense_worth["the whole recipe"] - dense_worth["without a margin"]
lost -= conv_worth["the whole recipe"] - conv_worth["without a margin"]
claim("lost without margin, dense minus convolutional, points", lost, 0, 100)

# %% digits-read
assert len(digits.images) == 1797 and "43 people" in digits.DESCR and "different 13" in digits.DESCR
plain, recipe = read.values()
claim("dense, to_mnist, %", recipe["dense"], 60, 100)
claim("convolutional, to_mnist, %", recipe["convolutional"], 60, 100)
claim("lost to the test digits, mean of both, points", (accurate - recipe).mean(), 2, 16)

# %% confidence-figure
sure = pd.Series({key: 100 * (values >= 0.9).mean() for key, values in confidence.items()})
sure = sure.groupby(level=1).mean()  # of both networks
claim("letters with a confidence of 90 % or more, mean of both, %", sure["letters"], 30, 72)
ahead = sure["printed digits"] - sure["letters"]
claim("sure of printed digits minus letters, mean of both, points", ahead, 0, 100)

# %% threshold
for name in networks:
    claim(f"{name}: test digits refused, %", refused[name, "test digits"], 2.5, 9)
both = pd.Series(refused).groupby(level=1).mean()
for kind in ("letters", "scribbles", "printed digits"):
    more = both[kind] - both["test digits"]
    claim(f"{kind} refused minus test digits, mean of both, points", more, 0, 100)
claim("letters refused, mean of both, %", both["letters"], 0, 80)

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
