# %% load
assert split == 55_000 and len(x_train) - split == 5000

# %% plain-answer
claim("probability of the 7", found[7], 0, 0.1)

# %% recipe-check
assert longest.min() >= 19 and longest.max() == 20  # but for a pixel of the box
assert np.abs(centres - 14).max() < 0.51  # and half a pixel of the centre

# %% steps-check
sevens = probabilities([by_hand, helpers.to_mnist(photo)])[:, 7]
claim("probability of the 7, the lower of the two", sevens.min(), 0.5, 1)

# %% canvases
assert len(originals) == 2000

# %% six
dark, uncut, stretched, margin, box, mass, to_mnist, original = shares
claim("2 white on black, resized, %", uncut, 33, 45)
claim("3 stretched, %", stretched, 0, 25)
claim("uncut minus stretched, points", uncut - stretched, 0, float("inf"))
claim("4 stretched inside a margin, %", margin, 62, 80)
claim("bought by keeping the shape, points", box - margin, 2, float("inf"))
claim("bought by the centre of mass, points", mass - box, 2, float("inf"))
least = margin - stretched - max(uncut - dark, box - margin, mass - box)
claim("bought by the margin, over any other step, points", least, 0, float("inf"))
claim("6 box and centre of mass, %", mass, 95.5, 99)
claim("the originals minus the whole recipe, points", original - mass, -1, 1)
claim("the originals minus to_mnist, points", original - to_mnist, -1, 1)

# %% photos
lost = shares["helpers.to_mnist"] - dark
claim("to_mnist: lost by dark on light, points", lost, -0.3, 0.3)
claim("under a lamp, light left in, %", lamp["light left in"], 5, 15)
claim("under a lamp, light taken away, %", lamp["light taken away"], 90, 100)
claim("under a lamp, to_mnist, %", lamp["helpers.to_mnist"], 90, 100)

# %% serve
here = probabilities([helpers.to_mnist(photo)])[0].argmax()
assert int(done.stdout) == here

# %% safe
try:
    keras.models.load_model(folder / "lambda.keras")
except ValueError as error:
    assert "safe_mode" in str(error)
else:
    raise AssertionError("A stranger's code was loaded.")

# %% letters-check
claim("letters with a confidence of 90 % or more, %", share, 30, 65)

# %% softmax
assert np.allclose(little, much)

# %% scribbles
try:
    helpers.to_mnist(empty[0])
except ValueError:
    pass
else:
    raise AssertionError("to_mnist took an empty page.")

# %% remedy-check
claim("test digits refused", refused["test digits"], 0.03, 0.08)
claim("letters refused", refused["letters"], 0.33, 0.75)
claim("scribbles refused", refused["scribbles"], 0.33, 0.91)
claim("accuracy on the test digits that stay", right[stay].mean(), 0.985, 1)
