# %% split
assert (len(x_fit), len(x_train) - split, len(x_test)) == (48_000, 12_000, 10_000)

# %% curves
train, val, more = b.history["loss"], b.history["val_loss"], float("inf")
claim("B after 1 epoch, training loss minus validation loss", train[0] - val[0], 0, more)
claim("B after 5 epochs, validation loss minus training loss", val[-1] - train[-1], 0, more)

# %% overfit-table
train, more = long.history["loss"], float("inf")
claim("epoch with the lowest validation loss", best + 1, 2, 14)
rise = np.log(val_loss[-5:].mean() / val_loss[best])
claim("validation loss, last five over the lowest, logarithm", rise, 0, more)
claim("training loss after 20 epochs", train[-1], 0, 0.03)
change = 100 * (val_accuracy[-5:].mean() - val_accuracy[best])
claim("accuracy change since the turn, percentage points", change, -1.1, 1.3)

# %% underfit
train, val, more = small.history["loss"], small.history["val_loss"], float("inf")
claim("no hidden layer, training loss over B's lowest", train[-1] / best_b, 1.1, more)
claim("no hidden layer, validation loss over B's lowest", val[-1] / best_b, 1.1, more)
claim("no hidden layer, what it gained after the tenth epoch", val[9] - min(val), 0, 0.02)
claim("no hidden layer, what it lost since its best", val[-1] - min(val), 0, 0.02)

# %% rate-figure
more = float("inf")
final = {rate: values[-1] for rate, values in losses.items()}
claim("validation loss, rate 0.0001 over 0.001", final[0.0001] / final[0.001], 1, more)
times = final[0.1] / final[0.001]
claim("validation loss, rate 0.1 over 0.001, logarithm", np.log(times), np.log(3), more)

# %% batch
accuracy_of = {size: float(accuracy) for size, _, _, accuracy in rows}
seconds_of = {size: float(seconds[:-2]) for size, _, seconds, _ in rows}
behind = min(accuracy_of[32], accuracy_of[128]) - accuracy_of[1024]
claim("batches of 1024, how far behind the next", behind, 0.01, 1)
ahead = 100 * (accuracy_of[32] - accuracy_of[128])
claim("batches of 32, points ahead of 128", ahead, -1.2, 1.8)
claim("seconds, batches of 32 over 128", seconds_of[32] / seconds_of[128], 1, float("inf"))

# %% stop-figure
claim("epochs until it stopped", len(losses), 5, 19)
assert len(losses) - lowest == 3 and np.isclose(restored, min(losses), atol=1e-5)
assert np.allclose(losses, val_loss[: len(losses)], atol=1e-5)

# %% diagnose
assert (np.diff(runs[0.0001].history["val_loss"]) < 0).all()
