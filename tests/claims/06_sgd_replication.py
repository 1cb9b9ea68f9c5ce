# %% ex-linear
counts = [build(make_layers).count_params() for make_layers in readings.values()]
assert counts == [7_850, 101_770, 101_770, 101_770, 100_480]

# %% stored
# As tools/replicate.py trained them
trained = pd.read_csv("../tests/claims/readings.csv").sort_values("seed")
means = trained.groupby(["reading", "epoch"]).validation.mean() * 100
ends = trained[trained.epoch == 200].groupby("reading")
for number in readings:
    curve = means[f"reading {number}"]
    assert marks == list(curve.index) and np.abs(stored_curves[number] - curve).max() < 0.0501
    for images in ("validation", "test"):
        seeds = (100 * ends.get_group(f"reading {number}")[images]).round(2)
        assert list(stored[number, images]) == list(seeds) and len(seeds) == 10
shares = ["training", "validation", "test"]
sgd = ends[shares].mean().loc["reading 1"]
page = Path("06_sgd_replication.ipynb").read_text("utf-8")
by_lbfgs = trained[trained.reading.str.startswith("L-BFGS")]
assert len(by_lbfgs) == 2
for row in [sgd, *by_lbfgs[shares].to_numpy()]:
    assert " | ".join(f"{100 * share:.2f} %" for share in row) in page

# %% train-all
assert [len(curve) for curve in curves] == [200, 200, 40, 40, 40, 40]
claim("reading 1, first seed, validation", curves[0][-1], 91.7, 92.9)
claim("reading 1, second seed, validation", curves[1][-1], 91.7, 92.9)
spare = np.sum(models[5](x_fit)[:, 10:]) / len(x_fit)
claim("reading 5, mean probability of the 118 spare outputs", spare, 0, 0.01)

# %% study-figure
claim("reading 3, best of the first twenty epochs", max(curves[3][:20]), 92.4, 100)
claim("reading 2, best of its forty epochs", max(curves[2]), 0, 92)
for number, curve in zip((1, 2, 3, 4, 5), curves[1:]):
    gap = curve[39] - stored_curves[number][marks.index(40)]
    far = 40 if number == 2 else 2
    claim(f"reading {number}, yours minus the mean of ten, 40 epochs", gap, -far, far)
claim("reading 2, after ten epochs", curves[2][9], 0, 20)

# %% seeds
verdicts = {key: row[3] for key, row in rows.items()}
excluded = [key for key in verdicts if verdicts[key] == "excluded"]
assert excluded == [(3, "validation"), (3, "test"), (4, "validation")]
assert 4 < deviations(stored[2, "validation"], 92.3) < deviations(stored[2, "test"], 92.2) < 5

# %% files
assert size(one) == size(one, loss=integers) == size(one, models[1]) == size(named)
assert size(lambda: [Dense(11, "softmax")]) > size(one) and 47_728 - 31_400 == 16_328

# %% ex-size
assert 784 * 100 + 100 + 100 * 50 + 50 + 50 * 25 + 25 + 25 * 10 + 10 == 85_085

# %% save
assert same

# %% own-file
assert iterations == 75_000 == 200 * 375
assert [layer["config"].get("units") for layer in network] == [None, 10]
assert training["optimizer_config"]["config"]["learning_rate"] == np.float32(0.01)

# %% watch-all
claim("reading 2 with Rescaling(128) minus reading 3, points", fast[-1] - curves[3][24], 0, 100)
claim("reading 2 again, after ten epochs", slow[9], 0, 20)

# %% norms-figure
for layer, name in enumerate(("first", "second")):
    norms = slow_norms[:, layer]
    claim(f"{name} layer at the start, softmax over relu", norms[0] / start[layer], 0, 0.1)
    claim(f"{name} layer, most of five epochs over the start", norms[:6].max() / norms[0], 0, 1.6)
    claim(f"{name} layer, start over the most later", norms[0] / norms[6:].max(), 0, 0.7)

# %% adam
claim("reading 2 with Adam, 20 epochs", adam[19], 75, float("inf"))
