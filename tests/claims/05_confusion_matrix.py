# %% predict
claim("E, test accuracy", is_right.mean(), 0.94, 0.998)

# %% pairs
groups = ({3, 5, 8}, {4, 7, 9})
alike = [(a, b) for group in groups for a in group for b in group if a != b]
assert len(alike) == 12
share = sum(errors[pair] for pair in alike) / errors.sum()
claim("two groups, their share of the pairs over that of the errors", 12 / 90 / share, 0, 0.75)

# %% ex-recall
assert (y_test == 1).mean() == 0.1135

# %% confidence
claim("mean confidence of the wrong answers", confidence[wrong].mean(), 0.6, 0.95)
claim("share of answers surer than 99 %", sure.mean(), 0.7, 1)
claim("accuracy of these", is_right[sure].mean(), 0.985, 1)

# %% calibration
claim("mean confidence minus accuracy", confidence.mean() - is_right.mean(), -0.012, 0.036)

# %% curves
areas = [
    kind(y_test == digit, probabilities[:, digit])
    for kind in (sklearn.metrics.roc_auc_score, sklearn.metrics.average_precision_score)
    for digit in range(10)
]
claim("smallest area under a curve", min(areas), 0.95, 1)

# %% interval
claim("half the interval's width, points", 50 * (interval.high - interval.low), 0.18, 0.5)

# %% seeds
assert 0.3 < gain.low < np.mean(runs_d) - np.mean(runs_e) < gain.high < 0.8
assert min(runs_d) < max(runs_e)

# %% worst
claim("lowest confidence among these twenty", confidence[surest].min(), 0.9, 1)

# %% barred
assert len(barred) == 116 and len(barred) + len(plain) == 1_028
ratio = (~both[:, plain]).mean() / (~both[:, barred]).mean()
claim("plain over barred sevens misread", ratio, 0, 0.6)
images = x_train[y_train == 7].reshape(-1, 28, 28) > 0.4
bars = images.sum(axis=2)[:, 13:18].max(axis=1) - images.sum(axis=2)[:, 9:13].min(axis=1)
assert 8.5 < len(images) / (bars >= 5).sum() < 9.5 and 8.5 < 1_028 / len(barred) < 9.5
