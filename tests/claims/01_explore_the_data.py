# %% one
assert x_train[0].shape == (28, 28) and x_train[0].size == 784

# %% shapes
assert x_train.shape == (60_000, 28, 28) and x_test.shape == (10_000, 28, 28)
assert f"{x_train.nbytes / 1e6:.1f}" == "47.0"

# %% ex-bytes
assert (np.uint8([3]) - np.uint8([5]))[0] == 254

# %% balance
assert counts["training"].min() == 5421 == counts["training"][5]
assert counts["training"].max() == 6742 == counts["training"][1]
assert counts["test"].max() == 1135 == counts["test"][1]

# %% pixels
assert 0.8 < black < 0.82 and grey > white and never == 67

# %% box
assert size[1] == 20 and abs(down - 14) < 0.5 and abs(across - 14) < 0.5

# %% recipe
assert longest.max() == 20 and (longest < 20).sum() == 13
assert off.max() < 0.53

# %% mean
assert np.argsort(varies)[0] == 1 and set(np.argsort(varies)[-3:]) == {0, 2, 5}

# %% baseline
assert round(accuracy, 4) == 0.8203
assert right.idxmin() == 5 and varies[2] > varies[5]

# %% neighbour
claim("nearest neighbour, first 1,000 test images", share, 0.961, 0.963)
assert 10 * 784 == 7_840 and round(60_000 * 784 / 1e6) == 47

# %% map
same = []  # how often the nearest other point shows the same digit
for points in (by_pca[:, :2], by_tsne):
    nearest = KNeighborsClassifier(2).fit(points, labels).kneighbors(points)[1][:, 1]
    same.append((labels[nearest] == labels).mean())
claim("t-SNE, neighbours of the same digit", same[1], 0.86, 1)
claim("t-SNE over PCA, neighbours of the same digit", same[1] / same[0], 1.5, 9)

# %% duplicates
assert again == 0 and len(seen) == len(x_train)
