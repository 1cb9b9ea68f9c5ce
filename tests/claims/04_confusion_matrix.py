# %% predict
claim("E, test accuracy", accuracy, 0.96, 0.986)

# %% look-alikes
assert len(both) == 45
assert {(9, 4), (9, 7), (8, 5)} <= set(both[:11])
claim("share of the errors among look-alikes", among / errors.sum(), 0.25, 1)

# %% recall
recall = digits["recall"].to_numpy()
claim("recall of 0 and 1, the lower one", recall[:2].min(), 0.95, 1)
lead = 100 * (recall[:2].mean() - recall[2:].mean())
claim("lead of 0 and 1 over the mean of the others, points", lead, 0, 100)

# %% answers
claim("median confidence where right", np.median(confidence[right]), 0.99, 1)
claim("median confidence where wrong", np.median(confidence[wrong]), 0, 0.95)

# %% calibration
claim("mean confidence minus accuracy", confidence.mean() - accuracy, 0, 0.02)
claim("share of answers with a confidence of 99 % or more", share, 75, 100)
claim("accuracy among those", hits[6], 0.985, 1)
claim("answers in the fullest of the middle bins", counts[:5].max(), 0, 600)

# %% roc-check
claim("lowest area under a ROC curve", min(areas), 0.995, 1)
claim("lowest average precision", min(precisions), 0.96, 1)

# %% interval
width = 100 * (interval.high - interval.low) / 2
claim("half the interval's width, in percentage points", width, 0.25, 0.4)

# %% paired-check
claim("images that only D reads rightly, over those only E does", only_d / only_e, 0.7, 6)
claim("D, test accuracy", right_d.mean(), 0.968, 0.989)

# %% worst
claim("lowest confidence among these twenty", confidence[surest].min(), 0.95, 1)
