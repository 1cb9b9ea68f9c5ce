# %% shapes
assert x_train.shape == (60_000, 28, 28) and x_test.shape == (10_000, 28, 28)
assert f"{x_train.nbytes / 1e6:.1f}" == "47.0"

# %% balance
assert counts["training"].min() == 5421 == counts["training"][5]
assert counts["training"].max() == 6742 == counts["training"][1]
assert counts["test"].max() == 1135 == counts["test"][1]
assert counts["test"].idxmin() == 5
assert shares.min().min() > 8.9 and shares.max().max() < 11.4

# %% pixels
assert round(black, 3) == 0.809 and round(grey, 3) == 0.118 and grey > white
assert never == 67

# %% recipe
assert longest.max() == 20 and (longest < 20).sum() == 13

# %% centre
assert off.max() < 0.53 and (off > 0.5).sum() == 2

# %% distance
assert order[0] == 1 and set(order[-3:]) == {0, 2, 5} and distance[2] > distance[5]
assert round(others, 1) == 1.4

# %% map-check
claim("784 pixels, nearest neighbour shows the same digit", same["784 pixels"], 0.91, 0.925)
claim("PCA, nearest neighbour shows the same digit", same["PCA"], 0, 0.5)
claim("t-SNE, nearest neighbour shows the same digit", same["t-SNE"], 0.88, 0.97)

# %% duplicates
assert again == 0 and len(seen) == len(x_train)

# %% baseline
assert round(accuracy, 4) == 0.8203

# %% baseline-digits
assert right.idxmin() == 5
