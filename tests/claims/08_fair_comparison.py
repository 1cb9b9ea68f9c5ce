# %% load
assert len(x_few) == 6000 and len(validation[0]) == 12_000

# %% race
accuracy = {name: 100 * scores.to_numpy() for name, scores in race.items()}
for name, values in accuracy.items():
    inner, outer = max(values[1:4]), max(values[0], values[4])
    claim(f"{name}: best rate minus the better end of the grid, points", inner - outer, 0, 100)
best = {name: scores.idxmax() for name, scores in race.items()}
claim("best rate, SGD over Adam", best["SGD"] / best["Adam"], 30, float("inf"))

# %% remedies-figure
losses = {name: np.array(history["loss"]) for name, history in past.items()}
highest = losses["dropout"] > np.maximum(losses["neither"], losses["weight decay"])
claim("epochs in which dropout has the highest training loss, share", highest.mean(), 0.5, 1)
claim("without a remedy, training accuracy", max(past["neither"]["accuracy"]), 0.99, 1)
loss = past["neither"]["val_loss"]
claim("without a remedy, last three validation losses", np.mean(loss[-3:]) / min(loss), 1.03, 10)

# %% augment-figure
assert np.array_equal(move(ten, training=False), ten)  # the layers move in training only

# %% counts-figure
# All that the page quotes, as tools/compare.py trained it
trained = pd.read_csv("../tests/claims/comparison.csv").sort_values("seed")
trained["percent"] = (100 * trained.accuracy).round(2)
ways = trained.groupby(["study", "name", "setting"]).percent
chosen = trained[trained.seed < 3].groupby(["study", "name", "setting"]).percent.mean()
winners = [("optimizers", *title.split(", "), own) for title, own in seeds.items()]
for title, own in more.items():
    winners.append(("remedies", *title.replace("neither", "none 0").rsplit(" ", 1), own))
for study, name, setting, own in winners:
    assert chosen[study, name].idxmax() == float(setting), name
    measured = list(ways.get_group((study, name, float(setting))))[3:]
    assert measured == list(own) and len(own) == 9, name
for strengths, name in ((dropout, "dropout"), (decay, "weight decay")):
    measured = {0: chosen["remedies", "none", 0], **chosen["remedies", name]}
    assert {key: round(value, 2) for key, value in measured.items()} == strengths
for rows, name in ((as_they_are, "as they are"), (were_moved, "moved")):
    measured = [list(ways.get_group(("images", name, count))) for count in counts]
    assert np.array(rows).T.tolist() == measured
means = {title: np.mean(own) for title, own in seeds.items()}
assert round(means["momentum, 0.1"], 2) == 93.17
assert round(means["RMSprop, 0.001"] - means["Adam, 0.001"], 2) == 0.13
assert round(chosen["optimizers", "momentum", 0.1], 2) == 93.94
spread = pd.DataFrame(seeds).std()
others = [means[title] for title in means if title != "momentum, 0.1"]
assert max(others) - min(others) < 0.2 < spread.min() and spread.idxmax() == "momentum, 0.1"
assert 0.8 < np.mean(others) - means["momentum, 0.1"] < 1.2
assert [round(np.mean(own), 2) for own in more.values()] == [95.38, 95.16, 95.39]
for strengths in (dropout, decay):
    assert max(strengths.values()) == strengths[0] and min(strengths.values()) < strengths[0] - 0.5
errors = [100 - np.mean(rows, axis=0) for rows in (as_they_are, were_moved)]
assert np.allclose(1 - errors[1] / errors[0], [0.51, 0.46, 0.17], atol=0.02)
assert (np.min(were_moved, axis=0) > np.max(as_they_are, axis=0)).all()
assert errors[0][1] < errors[1][0]
