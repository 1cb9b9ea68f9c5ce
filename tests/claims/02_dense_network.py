# %% one-layer
assert softmax_regression.count_params() == 784 * 10 + 10 == 7850

# %% softmax
claim("greatest of the untrained network's ten probabilities", probabilities.max(), 0.1, 0.5)

# %% softmax-check
assert np.allclose(probabilities, by_keras, atol=1e-6)

# %% cross-entropy
claim("untrained network, loss of one image", loss_by_hand, 1.15, 6.15)

# %% one-hot
assert np.allclose([sparse_loss[0], one_hot_loss[0]], loss_by_hand, atol=1e-5)

# %% a-build
assert [layer.count_params() for layer in model_a.layers] == [401_920, 5_130]
assert model_a.count_params() == 407_050 and 407_050 + 512 * 512 + 512 == 669_706

# %% a-train
claim("A, test accuracy", accuracy_a, 0.969, 0.984)

# %% interface
claim("train_mnist_model(), test accuracy", accuracy, 0.969, 0.984)

# %% b-train
claim("B, test accuracy", accuracy_b, 0.968, 0.977)

# %% d-build
assert model_d.count_params() == 535_818

# %% d-train
claim("D, test accuracy", accuracy_d, 0.97, 0.985)

# %% e-build
assert model_e.count_params() == 85_085

# %% e-train
claim("E, test accuracy", accuracy_e, 0.965, 0.979)

# %% mistake
claim("logits taken for probabilities, test loss", loss, 2.29, 2.31)
claim("logits taken for probabilities, test accuracy", accuracy, 0, 0.5)

# %% mistake-why
claim("share of outputs that Keras cuts to 0.0000001", cut, 0.99, 1)

# %% mistake-example
assert np.isclose(losses[False], np.log(10), atol=1e-4) and losses[True] < 0.5

# %% repair
claim("logits taken for logits, test accuracy", accuracy, 0.97, 0.985)

# %% repair-probabilities
assert np.isclose(probabilities.sum(), 1, atol=1e-5)
