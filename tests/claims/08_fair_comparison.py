# %% load
assert len(x_few) == 6000 and len(validation[0]) == 12_000

# %% unfair
claim("Adam minus SGD at 0.001", same_rate["Adam"] - same_rate["SGD"], 0.05, 0.8)

# %% remedies-figure
losses = {name: np.array(history["loss"]) for name, history in past.items()}
highest = losses["dropout"] > np.maximum(losses["neither"], losses["weight decay"])
claim("epochs in which dropout has the highest training loss, share", highest.mean(), 0.5, 1)
claim("without a remedy, training accuracy", max(past["neither"]["accuracy"]), 0.99, 1)

# %% augment-figure
assert np.array_equal(move(ten, training=False), ten)  # the layers move in training only

# %% counts-figure
import scipy.stats

# All that the page quotes, as tools/compare.py trained it
trained = pd.read_csv("../tests/claims/comparison.csv").sort_values("seed")
trained["percent"] = (100 * trained.accuracy).round(2)
ways = trained.groupby(["study", "name", "setting"])
few = trained[trained.seed < 3].groupby(["study", "name", "setting"]).percent.mean()
for name, row in race.items():
    measured = few["optimizers", name]
    assert list(measured.index) == list(row[::2]) and np.allclose(measured, row[1::2], atol=0.006)
    assert measured.iloc[[0, -1]].max() < measured.max()  # each curve falls at both ends
bests = {name: few["optimizers", name] for name in race}
assert 93.04 < min(map(max, bests.values())) < max(map(max, bests.values())) < 93.95
assert max(bests, key=lambda name: bests[name].max()) == "momentum"
assert round(bests["SGD"].idxmax() / bests["Adam"].idxmax()) == 300
winners = [("optimizers", *title.split(", "), own) for title, own in seeds.items()]
for title, own in more.items():
    winners.append(("remedies", *title.replace("neither", "none 0").rsplit(" ", 1), own))
new = {}  # the nine new seeds of each
for study, name, setting, own in winners:
    assert few[study, name].idxmax() == float(setting), name
    new[name] = ways.get_group((study, name, float(setting)))[3:]
    assert list(new[name].percent) == list(own) and len(own) == 9, name
for strengths, name in ((dropout, "dropout"), (decay, "weight decay")):
    measured = {0: few["remedies", "none", 0], **few["remedies", name]}
    assert {key: round(value, 2) for key, value in measured.items()} == strengths
    assert max(strengths.values()) == strengths[0]
for rows, name in ((as_they_are, "as they are"), (were_moved, "moved")):
    measured = [list(ways.get_group(("images", name, count)).percent) for count in counts]
    assert np.array(rows).T.tolist() == measured


def lead(name, over, column="percent"):
    ends = scipy.stats.ttest_ind(new[name][column], new[over][column]).confidence_interval(0.95)
    return [round(ends.low, 3), round(ends.high, 3)]


means = {name: new[name].percent.mean() for name in bests}
gained = {name: means[name] - bests[name].max() for name in bests}
assert round(means["momentum"], 2) == 93.17 and round(bests["momentum"].max(), 2) == 93.94
rising = [name for name, more_now in gained.items() if more_now > 0]
assert rising == ["SGD", "RMSprop", "Adam"]
for name in rising:  # among the first three runs, one was worse than all nine new ones
    first = ways.get_group(("optimizers", name, bests[name].idxmax())).percent[:3]
    assert first.min() < new[name].percent.min()
others = [means[name] for name in means if name != "momentum"]
assert max(others) - min(others) < 0.2 and 0.8 < np.mean(others) - means["momentum"] < 1.2
assert np.allclose(lead("RMSprop", "Adam"), [-0.16, 0.43], atol=0.006)
assert lead("SGD", "Adam")[0] < 0 < lead("SGD", "Adam")[1]
assert lead("SGD", "RMSprop")[0] < 0 < lead("SGD", "RMSprop")[1]
assert [round(np.mean(own), 2) for own in more.values()] == [95.38, 95.16, 95.39]
assert np.allclose(lead("dropout", "none"), [-0.6, 0.2], atol=0.05)
assert np.allclose(lead("weight decay", "none"), [-0.4, 0.4], atol=0.07)
assert np.allclose(lead("weight decay", "none", "loss"), [-0.039, -0.007], atol=6e-4)
loss = [round(new[name].loss.mean(), 3) for name in ("none", "dropout", "weight decay")]
assert loss == [0.214, 0.205, 0.191]
errors = [100 - np.mean(rows, axis=0) for rows in (as_they_are, were_moved)]
assert np.allclose(1 - errors[1] / errors[0], [0.51, 0.46, 0.17], atol=0.02)
assert (np.min(were_moved, axis=0) > np.max(as_they_are, axis=0)).all()
assert errors[0][1] < errors[1][0]
