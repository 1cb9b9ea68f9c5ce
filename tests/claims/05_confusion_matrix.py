# %% predict
claim("E, test accuracy", is_right.mean(), 0.96, 0.98)

# %% pairs
groups = ({3, 5, 8}, {4, 7, 9})
alike = [(a, b) for group in groups for a in group for b in group if a != b]
assert len(alike) == 12
share = sum(errors[pair] for pair in alike) / errors.sum()
claim("share of the errors in the two groups", share, 0.2, 1)

# %% recall
claim("recall of zeros and ones", recall[:2].mean(), 0.97, 1)
lead = 100 * (recall[:2].mean() - recall[2:].mean())
claim("lead of zeros and ones in recall, percentage points", lead, 0, 100)

# %% ex-recall
assert (y_test == 1).mean() == 0.1135

# %% confidence
claim("mean confidence of the wrong answers", confidence[wrong].mean(), 0.65, 0.85)
claim("share of answers surer than 99 %", sure.mean(), 0.7, 1)
claim("accuracy of these", is_right[sure].mean(), 0.985, 1)

# %% calibration
claim("mean confidence minus accuracy", confidence.mean() - is_right.mean(), 0, 0.02)

# %% curves
areas = [
    kind(y_test == digit, probabilities[:, digit])
    for kind in (sklearn.metrics.roc_auc_score, sklearn.metrics.average_precision_score)
    for digit in range(10)
]
claim("smallest area under a curve", min(areas), 0.95, 1)

# %% interval
claim("half the interval's width, points", 50 * (interval.high - interval.low), 0.25, 0.4)

# %% seeds
assert 0.3 < gain.low < np.mean(runs_d) - np.mean(runs_e) < gain.high < 0.8
assert min(runs_d) < max(runs_e)

# %% worst
claim("lowest confidence among these twenty", confidence[surest].min(), 0.9, 1)

# %% barred
assert len(barred) == 116 and len(barred) + len(plain) == 1_028
ratio = (~is_right[barred]).mean() / (~is_right[plain]).mean()
claim("barred sevens misread, times as often as plain ones", ratio, 2, float("inf"))
