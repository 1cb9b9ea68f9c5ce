# %% time-fit
assert plain.optimizer.learning_rate.numpy() == np.float32(0.01)
assert plain.count_params() == 7850

# %% time-table
claim("fit over fit_compiled", seconds["fit"] / seconds["fit_compiled"], 3, float("inf"))
fewer = gain * seconds["fit_compiled"] / seconds["fit"]
claim("the large network's gain, over the small one's", fewer, 0, 1)
assert 1.8e6 < model.count_params() < 1.95e6

# %% same
claim("largest difference between fit and fit_compiled", difference, 0, 1e-5)

# %% study-figure
claim("reading 1, validation, lowest seed", curves[:, -1].min(), 0.9215, 0.9245)
claim("reading 1, validation, highest seed", curves[:, -1].max(), 0.9215, 0.9245)
claim("reading 3, best of the first twenty epochs", max(three[1]["val_accuracy"][:20]), 0.9235, 1)
claim("reading 2, validation", two[1]["val_accuracy"][-1], 0.35, 0.7)
claim("reading 2, test", two[2], 0.35, 0.7)
claim("reading 3, validation", three[1]["val_accuracy"][-1], 0.969, 0.977)
claim("reading 3, test", three[2], 0.969, 0.977)

# %% chance
claim("reading 1, test, lowest seed", test_one.min(), 0.92, 0.924)
claim("reading 1, test, highest seed", test_one.max(), 0.92, 0.924)
claim("claim minus our mean, test, points", 100 * (0.922 - test_one.mean()), -0.1, 0.1)
claim("the same, validation", 100 * (0.923 - curves[:, -1].mean()), -0.1, 0.1)
claim("worst to best seed, test, points", 100 * np.ptp(test_one), 0, 0.3)
claim("worst to best seed, validation, points", 100 * np.ptp(curves[:, -1]), 0, 0.3)
claim("reading 1's mean in the interval", test_one.mean(), interval.low, interval.high)
claim("reading 2 below the interval", two[2], 0, interval.low)
claim("reading 3 above the interval", three[2], interval.high, 1)

# %% file-arithmetic
assert 4 * one[0][0].count_params() < 47_728 < 4 * two[0].count_params()

# %% save
assert all(same.values())

# %% why
claim("first layer's gradient, relu over softmax", norms[3][0] / norms[2][0], 40, 200)

# %% why-figure
claim("mean hidden output, relu over softmax", hidden[3].mean() / hidden[2].mean(), 15, 30)

# %% rescue-sgd
claim("reading 2, learning rate 1, 20 epochs, validation", larger, 0.75, 0.95)
claim("that over 200 epochs of small steps", larger - two[1]["val_accuracy"][-1], 0, 1)

# %% rescue
claim("reading 2 with Adam, 10 epochs, validation", rescued, 0.92, 0.96)

# %% bought
gained = 100 * (curves[:, 199] - curves[:, 99]).mean()
claim("gain of the last 100 epochs, percentage points", gained, 0.2, 0.7)

# %% faster
claim("reading 1, learning rate 0.1, 20 epochs, validation", quick, 0.918, 0.927)

# %% images
centre = weights[0].reshape(28, 28)[12:16, 12:16].mean()
claim("mean weight in the centre, for the digit 0", centre, -1, -0.1)
