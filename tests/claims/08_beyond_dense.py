# %% race
ahead = {rate: race["Adam"][rate] - race["SGD, momentum"][rate] for rate in (0.001, 0.01)}
more = 100 * (abs(ahead[0.001]) - abs(ahead[0.01]))
claim("Adam and momentum: farther apart at 0.001 than at 0.01, points", more, 0, float("inf"))

# %% race-seeds
claim("best rate, SGD over Adam", best["SGD"] / best["Adam"], 99, float("inf"))
claim("best rate, SGD over RMSprop", best["SGD"] / best["RMSprop"], 30, float("inf"))
points = 100 * table["mean"]
claim("best minus worst mean, points", points.max() - points.min(), 0, 2)
claim("SGD, its best minus 0.01, points", points["SGD"] - 100 * race["SGD"][0.01], 4, float("inf"))
lost = 100 * (race["Adam"][best["Adam"]] - race["Adam"][0.001])
claim("Adam, its best minus its default 0.001, points", lost, 0, 1)

# %% regularize-figure
others = np.maximum(histories["D"]["loss"], histories["weight decay 0.1"]["loss"])
worst = np.mean(np.array(histories["dropout 0.3"]["loss"]) > others)
claim("epochs in which dropout has the highest training loss, share", worst, 0.5, 1)

# %% regularize-check
working = ends["training loss"]
drawn = histories["dropout 0.3"]["loss"][-1]
ratio = drawn / working["dropout 0.3"]
claim("training loss with dropout, drawn over with all units", ratio, 1, float("inf"))
ratio = working["dropout 0.3"] / working["weight decay 0.1"]
claim("training loss, dropout over weight decay", ratio, 1, float("inf"))
ratio = ends["validation loss"]["D"] / ends["validation loss"]["weight decay 0.1"]
claim("validation loss, D over weight decay", ratio, 1, float("inf"))
for remedy in ("dropout 0.3", "weight decay 0.1"):
    gain = ends["validation accuracy"][remedy] - ends["validation accuracy"]["D"]
    claim(f"validation accuracy gained by {remedy}, points", 100 * gain, -1, 1)

# %% augment
assert np.array_equal(move(ten, training=False), ten)  # the layers move in training only

# %% shuffle-weights
assert np.allclose(shuffled_answers, answers, atol=1e-4)

# %% filter
assert np.allclose(by_keras[0, :, :, 0], by_hand, atol=1e-2)
assert np.allclose(filtered(moved_right, kernel)[:, 3:], by_hand[:, :-3])

# %% small-convnet
assert sum(filters) + units == 34_826
assert models["D"].count_params() == 535_818 and 535_818 // 34_826 == 15

# %% shuffle-train
lost = 100 * (reads["as it is"] - reads["shuffled"])
claim("dense: lost by shuffling, points", lost["dense"], -2, 2)
claim("convolutional: lost by shuffling, points", lost["convolutional"], 6, float("inf"))
ahead = 100 * (reads.loc["convolutional"] - reads.loc["dense"])
claim("convolutional minus dense, as it is, points", ahead["as it is"], 0, float("inf"))
claim("convolutional minus dense, shuffled, points", ahead["shuffled"], -float("inf"), -5)

# %% train-both
assert trained["dense"].count_params() == 672_778
assert trained["convolutional"].count_params() == 68_482

# %% linear
claim("least squares, validation accuracy", measured, 0.855, 0.87)

# %% test
claim("dense, 5 epochs, test accuracy", accuracies["dense"], 0.975, 0.99)
claim("convolutional, 2 epochs, test accuracy", accuracies["convolutional"], 0.985, 0.995)
claim("linear, least squares, test accuracy", accuracies["linear"], 0.855, 0.87)

# %% results
seconds = results["seconds"]
ours, example = "our convolutional", "Keras's example"
assert results["mean"][ours] > 99.4 and results["mean"]["our dense"] > 99
assert seconds["our dense"] < min(seconds[example], seconds[ours])
assert 9 < results["parameters"]["our dense"] / results["parameters"][ours] < 11
assert 1.5 * errors[ours] < errors["our dense"] < errors["LeNet-5"]
plain = results.loc[["A", "B", "D", "E", "300", "500 + 150", "800"]]
assert plain["mean"].between(97, 98.5).all() and plain["seconds"].max() < 20
assert errors["D, augmented"] < 0.9 * errors["D, 10 epochs"]
assert seconds["D, augmented"] < 1.2 * seconds["D, dropout"]
assert errors[["C, reading 1", "C, reading 2", "C, reading 3"]].min() > errors["A"]
assert round(errors["linear, least squares"]) == 14 and errors["linear, cross-entropy"] < 8
assert errors.idxmin() == ours

# %% history
ratio = history["test error today, %"] / history["test error then, %"]
assert ratio["300"] < 0.5 and ratio["500 + 150"] < 0.6
assert ratio[["800", "LeNet-5"]].between(1, 1.25).all()
assert ratio["linear, cross-entropy"] < 0.7 < 1.1 < ratio["linear, least squares"]
