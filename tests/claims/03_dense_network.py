# %% collapse
assert same and one_table.shape == (784, 10) and 784 * 128 + 128 * 10 == 101_632

# %% relu
tent = relu(x) - 2 * relu(x - 1) + relu(x - 2)
assert np.allclose(tent, np.maximum(0, 1 - abs(x - 1)))

# %% a
claim("A, test accuracy", accuracy, 0.97, 0.99)
assert model.count_params() * 100 < 60_000 * 784

# %% a-summary
assert [layer.count_params() for layer in model.layers] == [401_920, 5_130]
assert model.count_params() == 407_050

# %% ex-count
assert (784 * 128 + 128) + (128 * 128 + 128) + (128 * 10 + 10) == 118_282

# %% hidden-figure
digits = one_hot_test.argmax(axis=1)[np.argsort(responses[:, units], axis=0)[-4:]]
few = np.mean([len(set(column)) <= 2 for column in digits.T])
claim("share of units whose favourites show one or two digits", few, 0.4, 1)  # by chance 0.06

# %% train
claim("A, test accuracy in the loop", accuracies["A"], 0.97, 0.99)
claim("B, test accuracy", accuracies["B"], 0.965, 0.98)
claim("D, test accuracy", accuracies["D"], 0.965, 0.99)
claim("E, test accuracy", accuracies["E"], 0.96, 0.98)

# %% mistake
claim("scores taken for probabilities, test loss", test_loss, 2.29, 2.31)
claim("scores taken for probabilities, test accuracy", accuracy, 0, 0.5)

# %% outputs
claim("share of the outputs below zero", (outputs < 0).mean(), 0.97, 1)

# %% repair
claim("scores taken for scores, test accuracy", accuracy, 0.95, 0.99)
