# %% load
assert len(x_few) == 6000 and len(x_val) == 2000

# %% conv-layer
assert np.allclose(by_keras, filtered(seven, kernel), atol=1e-5)

# %% example
assert convolutional.count_params() == 34_826
assert dense.count_params() == 407_050 and round(407_050 / 34_826) == 12

# %% shuffle-conv
before, after = read(dense, x_val), read(dense_shuffled, shuffled(x_val))
conv_before, conv_after = read(convolutional, x_val), read(conv_shuffled, shuffled(x_val))
claim("dense: lost by shuffling, points", before - after, -3, 3)
claim("convolutional: lost by shuffling, points", conv_before - conv_after, 1.5, float("inf"))
claim("convolutional minus dense, as they are, points", conv_before - before, 0, float("inf"))
claim("dense minus convolutional, shuffled, points", after - conv_after, 0, float("inf"))

# %% shift
moved_dense, moved_conv = curves["dense, moved images"], curves["convolutional, moved images"]
claim("dense, four pixels, %", curves["dense"][4], 10, 45)
ahead = curves["convolutional"][3] - curves["dense"][3]
claim("convolutional minus dense, three pixels, points", ahead, 0, float("inf"))
for name, gain in (
    ("dense", moved_dense[3] - curves["dense"][3]),
    ("convolutional", moved_conv[3] - curves["convolutional"][3]),
):
    claim(f"{name}: gained by moved images, three pixels, points", gain, 0, float("inf"))
lost = curves["convolutional"][0] - curves["convolutional"][4]
claim("convolutional: lost by four pixels, points", lost, 10, 90)

# %% test
claim("three epochs, test accuracy, %", 100 * (1 - len(wrong) / len(y_test)), 98.6, 99.8)

# %% staircase
from pathlib import Path

import pandas as pd
import scipy.stats

# The tables of the text, as tools/convolution.py measured them
trained = pd.read_csv("../tests/claims/convolution.csv")
page = Path("09_convolution.ipynb").read_text("utf-8")
percent = {key: 100 * own.accuracy for key, own in trained.groupby(["study", "network"])}
assert all(len(own) == 3 for own in percent.values())
for network, epochs in (("Keras's example", 15), ("ours", 10)):
    own = percent["whole", network]
    size = trained[trained.network == network].parameters.iloc[0]
    spread = f"{own.mean():.2f} % | {own.min():.2f} to {own.max():.2f} %"
    assert f"| {network} | {size:,} | {epochs} | {spread} |" in page, network
for (study, network), own in percent.items():
    if study == "tricks":
        row = f"| {network} | {own.mean():.2f} % | {own.min():.2f} to {own.max():.2f} % |"
        assert row in page, row
readings = pd.read_csv("../tests/claims/readings.csv")
ends = readings[(readings.reading == "reading 1") & (readings.epoch == 200)]
old = {"10 units, no hidden layer | 12.0 %": 100 * (1 - ends.test.mean())}
old["300 hidden units | 4.7 %"] = 100 - percent["old", "300 units"].mean()
old["800 hidden units | 1.6 %"] = 100 - percent["old", "800 units"].mean()
old["LeNet-5, convolutional | 0.95 %"] = 100 - percent["old", "LeNet-5"].mean()
for cells, today in old.items():
    assert f"{cells} | {today:.2f} % |" in page, cells
seconds = trained[trained.study == "whole"].groupby("network").seconds.sum()
ratio = seconds["ours"] / seconds["Keras's example"]
assert f"Ours took {ratio:.2f} of the example's time" in page and ratio < 1
ours = percent["whole", "ours"]
assert ours.mean() >= 99.4 and ours.min() > percent["whole", "Keras's example"].max()
test = scipy.stats.binomtest(round(100 * ours.mean()), 10_000)
low, high = test.proportion_ci(0.95, method="wilson")
assert f"from {100 * low:.2f} to {100 * high:.2f} %" in page
means = [own.mean() / 100 for own in (ours, percent["whole", "Keras's example"])]
around = 1.96 * sum(mean * (1 - mean) / 10_000 for mean in means) ** 0.5  # as of two proportions
low, high = (100 * (means[0] - means[1] + side) for side in (-around, around))
assert f"lead from {low:.2f} to {high:.2f} points" in page
errors = {network: 100 - own for (study, network), own in percent.items() if study == "tricks"}
slower = errors.pop("without the falling rate")
assert 1.5 < slower.mean() / errors["ours"].mean() < 1.9 and slower.min() > errors["ours"].max()
assert errors.pop("Keras's layers, trained like ours").min() > errors["ours"].max()
assert errors["without strides"].max() < errors["ours"].min()
assert max(abs(own.mean() - errors["ours"].mean()) for own in errors.values()) < 0.1
assert steps["convolution"] == round(ours.mean(), 2) and 5 < 10 * (100 - ours.mean()) < 6
