# %% collapse
assert same and one_table.shape == (784, 10) and 784 * 128 + 128 * 10 == 101_632

# %% relu
tent = relu(x) - 2 * relu(x - 1) + relu(x - 2)
assert np.allclose(tent, np.maximum(0, 1 - abs(x - 1)))

# %% a
claim("A, test accuracy", accuracy, 0.96, 0.995)
assert 784 * 512 + 512 * 10 == 406_528

# %% a-summary
assert [layer.count_params() for layer in model.layers] == [401_920, 5_130]
assert model.count_params() == 407_050

# %% hidden
means = [x_test[one_hot_test[:, digit] == 1].mean(axis=0) for digit in range(10)]
alike = np.corrcoef(weights[:, units].T, means)[:10, 10:].max()
claim("how much a unit's weights look like a mean digit, correlation", alike, -1, 0.6)

# %% train
claim("A, test accuracy in the loop", accuracies["A"], 0.96, 0.995)
claim("B, test accuracy", accuracies["B"], 0.95, 0.992)
claim("D, test accuracy", accuracies["D"], 0.96, 0.995)
claim("E, test accuracy", accuracies["E"], 0.94, 0.998)

# %% mistake
claim("scores taken for probabilities, test loss", test_loss, 2.2, 2.4)

# %% outputs
claim("share of the outputs below zero", (outputs < 0).mean(), 0.97, 1)

# %% repair
claim("scores taken for scores, test accuracy", accuracy, 0.94, 0.995)
