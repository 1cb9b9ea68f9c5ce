# %% split
assert (len(x_fit), len(x_train) - split, len(x_test)) == (48_000, 12_000, 10_000)

# %% curves
train, val, more = b.history["loss"], b.history["val_loss"], float("inf")
claim("B after 1 epoch, training loss minus validation loss", train[0] - val[0], 0, more)
claim("B after 5 epochs, validation loss minus training loss", val[-1] - train[-1], 0, more)

# %% overfit-check
more = float("inf")
claim("epoch with the lowest validation loss", best + 1, 2, 24)
claim(
    "validation loss, mean of the last five over the lowest",
    val_loss[-5:].mean() / val_loss[best],
    1.2,
    more,
)
claim("training loss after 30 epochs", long.history["loss"][-1], 0, 0.02)
change = 100 * (val_accuracy[-5:].mean() - val_accuracy[best])
claim("accuracy change since the turn, percentage points", change, -1, 1)

# %% underfit
train, val, more = small.history["loss"], small.history["val_loss"], float("inf")
claim("no hidden layer, training loss", train[-1], 0.23, 0.245)
claim("no hidden layer, validation loss", val[-1], 0.25, 0.28)
claim("no hidden layer, validation loss over B's lowest", val[-1] / val_loss[best], 1.5, more)
claim("no hidden layer, what it gained after the tenth epoch", val[9] - val[-1], -0.02, 0.02)

# %% rate
more = float("inf")
first = {rate: by_rate[rate].history["val_loss"][0] for rate in rates}
final = {rate: by_rate[rate].history["val_loss"][-1] for rate in rates}
claim("validation loss, rate 0.0001 over 0.001", final[0.0001] / final[0.001], 1.5, more)
claim("validation loss after 1 epoch, rate 0.01 over 0.0001", first[0.01] / first[0.0001], 0, 1)
claim("validation loss, rate 0.01 over 0.001", final[0.01] / final[0.001], 1, more)
claim("validation loss, rate 0.1 over 0.001", final[0.1] / final[0.001], 3, more)

# %% batch
more = float("inf")
accuracy_of = {size: accuracy for size, (_, accuracy) in by_batch.items()}
behind = min(accuracy_of[size] for size in (16, 64, 256)) - accuracy_of[1024]
claim("batches of 1024, how far behind the next", behind, 0, more)
claim("seconds, batches of 16 over 1024", by_batch[16][0] / by_batch[1024][0], 1, more)

# %% stop-check
claim("epochs until it stopped", len(stopped.epoch), 6, 29)
assert len(stopped.epoch) - 1 - np.argmin(stopped.history["val_loss"]) == 3
assert np.isclose(restored, lowest, atol=1e-4)

# %% test-set-cost
assert same
claim("what choosing on the test set flatters, percentage points", 100 * (picked - honest), 0, 1)

# %% seeds-check
spread = 100 * (max(on_test) - min(on_test))
claim("worst to best seed, percentage points", spread, 0.1, 0.8)
