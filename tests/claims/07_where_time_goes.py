# %% profile-figure
share = shares["TensorFlow's compiled part"] / 100
claim("TensorFlow's compiled part, share of fit's time", share, 0.05, 0.75)

# %% grouped
claim("fit over steps_per_execution", seconds["fit"] / seconds[name], 1.2, float("inf"))

# %% numpy-time
claim("fit over NumPy", seconds["fit"] / seconds["NumPy"], 2, float("inf"))

# %% floor-time
claim("fetching only, over NumPy", seconds["fetching only"] / seconds["NumPy"], 0, 1)

# %% program-time
assert steps == 375 and model.count_params() == 7_850
started = tf.function(model.train_step).get_concrete_function((images[:128], labels[:128]))
assert len(started.graph.get_operations()) > 48
plain, xla = (seconds["one program" + how] for how in (", without XLA", ""))
claim("fit over one program", seconds["fit"] / xla, 3, float("inf"))
claim("one program without XLA, over with it", plain / xla, 1.2, float("inf"))
claim("one program over NumPy", xla / seconds["NumPy"], 0, 3)

# %% same
claim("greatest difference between fit and one program", difference, 0, 1e-5)

# %% widths-table
claim("gain with width 128, over that with 2,048", gain[128] / gain[2048], 1.2, float("inf"))
