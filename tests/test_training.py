"""fit_compiled trains as Keras's fit does, and stops as it does; train_mnist_model."""

import re

import helpers
import keras
import numpy as np
import pytest
from keras import layers, metrics, optimizers

rng = np.random.default_rng(0)
X, Y = rng.random((150, 12), "float32"), rng.integers(0, 4, 150)
ONE_HOT = np.eye(4, dtype="float32")[Y]
NEW = rng.random((70, 12), "float32"), np.eye(4, dtype="float32")[rng.integers(0, 4, 70)]
ONCE = {"epochs": 1, "batch_size": 20, "verbose": 0}


def network(optimizer="sgd", loss=None, kind=keras.Sequential, stack=None, **settings):
    """A compiled model of `kind`, made of the layers of `stack`."""
    stack = stack or [layers.Dense(8, "relu"), layers.Dense(4, "softmax")]
    model, settings = kind([keras.Input((12,)), *stack]), settings or {"metrics": ["accuracy"]}
    model.compile(optimizer, loss or "categorical_crossentropy", **settings)
    return model


def assert_trains_as_fit(make, y=ONE_HOT, new=NEW, size=64):
    """Two models that `make` makes, equal at the start, are equal after each way of training."""
    fitted, ours = make(), make()
    ours.set_weights(fitted.get_weights())
    how = {"epochs": 3, "batch_size": size, "shuffle": False, "validation_data": new}
    expected = fitted.fit(X, y, verbose=0, **how)
    history = helpers.fit_compiled(ours, X, y, **how)
    for one, other in zip(ours.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
    assert isinstance(history, keras.callbacks.History) and history.epoch == expected.epoch
    # Keras numbers the names of metric objects: precision, precision_1, ...
    for logs in (history.history, expected.history):
        for name in list(logs):
            logs[name.rstrip("_0123456789")] = logs.pop(name)
    assert history.history.keys() == expected.history.keys()
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=0, atol=1e-4, err_msg=name)
        assert [type(value) for value in history.history[name]] == [type(v) for v in values]


@pytest.mark.parametrize("size", [1, 50, 64, 149, 150, 151])
def test_every_size_of_batch(size):
    assert_trains_as_fit(network, size=size)


METRICS = {
    "a name": lambda: ["accuracy"],
    "an object": lambda: [metrics.CategoricalAccuracy("accuracy")],
    "of the whole epoch": lambda: [metrics.AUC(), metrics.Precision(), metrics.TruePositives()],
    "per class": lambda: [metrics.F1Score(), metrics.OneHotMeanIoU(4), metrics.R2Score()],
    "at a threshold": lambda: [metrics.PrecisionAtRecall(0.5), metrics.TopKCategoricalAccuracy(2)],
    "a loss": lambda: [keras.losses.CategoricalCrossentropy(), "mse", keras.losses.kl_divergence],
    "a function": lambda: [lambda true, given: keras.ops.mean(true * given, axis=-1)],
}


@pytest.mark.parametrize("how", ["metrics", "weighted_metrics"])
@pytest.mark.parametrize("kind", METRICS)
def test_every_kind_of_metric(kind, how):
    assert_trains_as_fit(lambda: network(**{how: METRICS[kind]()}))


def test_integer_labels_and_their_metrics():
    def make():
        measured = [metrics.SparseCategoricalAccuracy("accuracy"), "acc"]
        measured += [metrics.SparseTopKCategoricalAccuracy(2)]
        return network("sgd", "sparse_categorical_crossentropy", metrics=measured)

    assert_trains_as_fit(make, Y, None)


class OwnStep(keras.Sequential):
    """Its train_step and test_step report what no metric holds."""

    def train_step(self, data):
        with helpers.tf.GradientTape() as tape:
            loss = self.compute_loss(y=data[1], y_pred=self(data[0], training=True))
        slopes = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply(slopes, self.trainable_weights)
        return {"loss of the last batch": loss}

    def test_step(self, data):
        return {"nothing": keras.ops.zeros(())}


class Subclassed(keras.Model):
    def __init__(self, _):
        super().__init__()
        self.dense = layers.Dense(4, "softmax")
        self(X[:1])

    def call(self, x):
        return self.dense(x)


def functional(stack):
    door, dense, output = stack
    return keras.Model(door, output(layers.Concatenate()([door, dense(door)])))


def convolutional():
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    stack = [layers.Reshape((6, 2, 1)), layers.Conv2D(3, 2), layers.BatchNormalization()]
    return network(stack=[*stack, layers.Flatten(), layers.Dense(4)], loss=loss)


MODELS = {
    "SGD": lambda: network(optimizers.SGD(0.1)),
    "Adam": lambda: network("adam"),
    "RMSprop": lambda: network("rmsprop"),
    "AdamW": lambda: network(optimizers.AdamW(weight_decay=0.1)),
    "a schedule": lambda: network(optimizers.Adam(optimizers.schedules.CosineDecay(0.01, 6))),
    "averaged weights": lambda: network(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9)),
    "accumulated gradients": lambda: network(optimizers.Adam(gradient_accumulation_steps=2)),
    "Functional": lambda: network(kind=functional),
    "subclassed": lambda: network(kind=Subclassed),
    "convolutional": convolutional,
    "its own train_step": lambda: network(kind=OwnStep, metrics=None),
    "its own loss": lambda: network("sgd", lambda y, given: keras.ops.sum((y - given) ** 2, -1)),
    "run_eagerly": lambda: network(run_eagerly=True),
}


@pytest.mark.parametrize("kind", MODELS)
def test_every_optimizer_and_kind_of_model(kind):
    assert_trains_as_fit(MODELS[kind])


class Scaled(layers.Layer):
    def call(self, x):
        return 2 * x


def test_a_layer_whose_code_changes_in_between(monkeypatch):
    for call in (Scaled.call, lambda self, x: -3 * x):
        monkeypatch.setattr(Scaled, "call", call)
        assert_trains_as_fit(lambda: network(stack=[Scaled(), layers.Dense(4, "softmax")]))


class InPython(layers.Layer):
    def call(self, x):
        return keras.ops.reshape(helpers.tf.numpy_function(np.sin, [x], "float32"), (-1, 12))


BAD_MODELS = {"call model.compile": keras.Sequential([layers.Dense(4)])}
BAD_MODELS |= {"mixes precisions": network(stack=[layers.Dense(4, dtype="mixed_bfloat16")])}
BAD_MODELS |= {"XLA cannot": network(stack=[InPython(), layers.Dense(4)])}


@pytest.mark.parametrize("words", BAD_MODELS)
def test_models_that_are_not_compiled_or_that_xla_cannot_train_as_fit_does(words):
    with pytest.raises(ValueError, match=words):
        helpers.fit_compiled(BAD_MODELS[words], X, ONE_HOT, **ONCE)


def weights_after(calls=1, **how):
    keras.utils.set_random_seed(0)
    model = network()
    for _ in range(calls):
        helpers.fit_compiled(model, X, ONE_HOT, **ONCE | how)
    return model.get_weights()[0]


def test_the_seed_decides_the_order_and_every_epoch_has_its_own():
    first = weights_after()
    assert np.array_equal(first, weights_after())
    assert not np.array_equal(first, weights_after(seed=1))
    assert not np.array_equal(first, weights_after(shuffle=False))
    # All images in one batch: were some left out or seen twice, the order would matter.
    whole = weights_after(batch_size=150)
    np.testing.assert_allclose(whole, weights_after(batch_size=150, shuffle=False), atol=1e-6)
    # Each call begins with the order of the first epoch.
    assert not np.array_equal(weights_after(epochs=2), weights_after(calls=2))


def test_progress_is_one_line_and_can_be_silenced(capfd):
    for verbose in (0, 1):
        helpers.fit_compiled(network(), X, ONE_HOT, epochs=3, batch_size=64, verbose=verbose)
        out = capfd.readouterr().out
        assert out.count("\n") == verbose and out.count("\r") == 3 * verbose
    assert re.match("epoch 3 of 3: .*loss [0-9.]+", out.splitlines()[-1])


def test_an_interrupt_restores_the_last_whole_epoch_and_is_raised(monkeypatch, capsys):
    one, two = network("adam"), network("adam")
    two.set_weights(one.get_weights())
    helpers.fit_compiled(one, X, ONE_HOT, **ONCE | {"epochs": 2})
    results, asked = type(two).get_metrics_result, []

    def interrupted(model):
        if helpers.tf.executing_eagerly():
            asked.append(model)
        if len(asked) == 4:  # once for the trial step; and the third epoch's program has run
            raise KeyboardInterrupt
        return results(model)

    monkeypatch.setattr(type(two), "get_metrics_result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        helpers.fit_compiled(two, X, ONE_HOT, **ONCE | {"epochs": 5})
    assert "after 2 of 5 epochs" in capsys.readouterr().out
    assert len(two.history.epoch) == 2
    for own, other in zip(two.variables, one.variables, strict=True):
        np.testing.assert_array_equal(own.numpy(), other.numpy())
    assert int(two.optimizer.iterations) == int(one.optimizer.iterations)


BAD_DATA = {"no images": (X[:0], ONE_HOT[:0]), "fewer labels": (X, ONE_HOT[:9])}
BAD_DATA |= {"other images": (X[:, :11], ONE_HOT), "other classes": (X, ONE_HOT[:, :3])}
BAD_DATA |= {"NaN": (X * np.nan, ONE_HOT), "text": (X.astype(str), ONE_HOT)}
BAD_DATA |= {"a dictionary": ({"x": X}, ONE_HOT), "three parts": (X, ONE_HOT, np.ones(150))}
BAD_DATA |= {"a data set": (helpers.tf.data.Dataset.from_tensors((X, Y)), None)}


@pytest.mark.parametrize("data", BAD_DATA.values(), ids=BAD_DATA)
def test_data_that_do_not_fit_are_refused(data):
    model = network()
    before = model.get_weights()
    with pytest.raises(ValueError):
        helpers.fit_compiled(model, X, ONE_HOT, **ONCE, validation_data=data)
    if len(data) == 2:
        with pytest.raises(ValueError):
            helpers.fit_compiled(model, *data, **ONCE)
    assert all(map(np.array_equal, model.get_weights(), before))


@pytest.mark.parametrize("wrong", [-1, 4])
def test_labels_beyond_the_classes_are_refused(wrong):
    model = network("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="the classes 0 to 3"):
        helpers.fit_compiled(model, X, np.append(Y[1:], wrong), **ONCE)


BAD_NUMBERS = [0, -1, 1.5, True, "3", None]
BAD_SETTINGS = [(name, bad) for name in ("epochs", "batch_size") for bad in BAD_NUMBERS]
BAD_SETTINGS += [("hidden_units", bad) for bad in (9, "9", None, (0,), (1.5,), ("9",), (9, True))]
BAD_SETTINGS += [("optimizer", bad) for bad in ("nonsense", 3, None)]


@pytest.mark.parametrize("name, value", BAD_SETTINGS)
def test_bad_settings_are_refused_before_anything_is_loaded(name, value, monkeypatch):
    monkeypatch.setattr(helpers, "load_mnist", lambda: pytest.fail("loaded"))
    words = f"{name} is {value!r}; expected a whole number" if name in ONCE else name
    with pytest.raises(ValueError, match=words):
        helpers.train_mnist_model(**{name: value})
    if name in ONCE:
        with pytest.raises(ValueError, match=words):
            helpers.fit_compiled(network(), X, ONE_HOT, **ONCE | {name: value})


def test_train_mnist_model_by_default_and_with_other_settings(monkeypatch):
    parts = []  # in place of MNIST 400 and 100 images whose digit says which two rows are white
    for size in (400, 100):
        x, y = rng.integers(0, 100, (size, 28, 28), "uint8"), np.uint8(np.arange(size) % 10)
        for image, digit in zip(x, y):
            image[2 * digit : 2 * digit + 2] = 255
        parts.append((x, y))
    monkeypatch.setattr(helpers, "load_mnist", lambda: parts)
    model, x_test, y_test = helpers.train_mnist_model()
    assert x_test.dtype == y_test.dtype == np.float32
    np.testing.assert_allclose(x_test, x.reshape(100, 784) / 255, rtol=1e-6)
    np.testing.assert_array_equal(y_test, np.eye(10)[y])
    shape = [(layer.units, layer.activation.__name__) for layer in model.layers]
    assert shape == [(512, "relu"), (10, "softmax")]
    assert isinstance(model.optimizer, optimizers.RMSprop)
    assert int(model.optimizer.iterations) == 5 * 4
    assert model.evaluate(x_test, y_test, verbose=0)[1] > 0.9
    optimizer = optimizers.Adam(0.003)
    model, _, _ = helpers.train_mnist_model([32, np.int64(16)], optimizer, 2, 100)
    assert [layer.units for layer in model.layers] == [32, 16, 10]
    assert model.optimizer is optimizer and int(optimizer.iterations) == 2 * 4
    assert len(helpers.train_mnist_model((), "sgd", 1)[0].layers) == 1


def test_what_lessons_3_and_4_say_of_fit():
    def trained(rate, **settings):
        keras.utils.set_random_seed(0)
        model, seen = network(optimizers.SGD(rate), metrics=[], **settings), []
        look = {"on_train_batch_end": lambda batch, logs: seen.append(logs)}
        how = {"verbose": 0, "callbacks": [keras.callbacks.LambdaCallback(**look)]}
        model.fit(X, ONE_HOT, epochs=2, batch_size=16, **how)
        return model.get_weights(), seen

    np.testing.assert_equal(trained(0.1)[0], trained(0.1, steps_per_execution=4)[0])
    seen = trained(0.0)[1]  # after a seed, both epochs take the images in the same order
    assert seen[:10] == seen[10:] and len({logs["loss"] for logs in seen}) == 10
