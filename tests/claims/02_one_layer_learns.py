# %% score
assert weights.size + biases.size == 7_850
claim("nearest mean as a layer", accuracy, 0.82025, 0.82035)

# %% softmax
assert y_test[0] == 7 == scores[0].argmax() and np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
lead = scores[0].max() - np.sort(scores[0])[-2]
claim("lead of the highest score", lead, 8.5, 9.5)
claim("its probability", probabilities[0, 7], 0.999, 1)

# %% loss
by_hand = cross_entropy(p, digit)
assert scores[8].argmax() != y_test[8] == 5
assert np.allclose([float(sparse), float(categorical)], by_hand, atol=1e-5)

# %% one-weight
claim("where the loss is lowest", curve.idxmin(), 0.5, 1.5)

# %% slope
assert np.isclose(slope_at(-4), np.diff(sides)[0] / 0.002, rtol=1e-3)

# %% steps
claim("rate 1, after eight steps", paths[1][-1], -3.3, -3)
claim("rate 8, distance from the bottom", abs(paths[8][-1] - 1), 0, 0.3)
assert abs(np.diff(paths[8]))[-1] < abs(np.diff(paths[8]))[0] / 4
sides = np.sign(np.array(paths[40]) - 1)
assert (np.diff(sides) != 0).sum() >= 4  # how often it leaps across the bottom
assert abs(np.diff(paths[40]))[-1] > 1

# %% train-test
assert len(losses) == 5 * 469 and 60_000 - 468 * 128 == 96
assert np.isclose(losses[0], np.log(10), atol=1e-5)
assert losses[0] - np.mean(losses[450:500]) > 5 * (np.mean(losses[450:500]) - np.mean(losses[-50:]))
claim("one layer, test accuracy", accuracy, 0.915, 0.925)
claim("errors, the layer over the ten averages", (1 - accuracy) / (1 - 0.8203), 0, 0.5)

# %% weights
early, end = (np.corrcoef(row.ravel(), strip[0].ravel())[0, 1] for row in (strip[2], strip[4]))
claim("after ten steps, correlation with the mean digits", early, 0.9, 1)
claim("at the end, correlation with the mean digits", end, 0, 0.85)

# %% bars
assert [by_numpy[i].argmax() == y_test[i] for i in chosen].count(True) == 9
assert by_numpy[chosen[5]].argmax() == 6
claim("probability of the wrong answer 6", by_numpy[chosen[5], 6], 0.945, 0.955)

# %% keras-check
assert abs(accuracy - (by_numpy.argmax(axis=1) == y_test).mean()) < 0.0003 and difference < 0.001
assert abs(loss - cross_entropy(by_numpy, y_test)) < 0.0005
