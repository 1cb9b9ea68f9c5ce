"""The exercises' table of ideas, and what `check` says of answers that nobody wrote down."""

import re

import exercises
import nbformat
import numpy as np
import pytest
from conftest import ROOT, is_exercise, solution_of
from exercises import EXERCISES

from tools import class_copy

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each = pytest.mark.parametrize("name", EXERCISES)


def values(exercise, idea):
    """What somebody with an idea answers, on each trial."""
    return [exercises._array(idea(*arguments)) for arguments in exercise.trials]


def answer(exercise, idea):
    """What somebody with an idea hands in: a value, or the function that is asked for."""
    return idea() if exercise.trials == ((),) else idea


def said(capsys, name, answer):
    exercises.check(name, answer)
    line = capsys.readouterr().out
    assert line.startswith(f"{name}: ") and line.count("\n") == 1
    return line[len(name) + 2 : -1]


@each
def test_each_idea_gets_its_own_message(name, capsys):
    exercise = EXERCISES[name]
    assert said(capsys, name, ...) == "not answered yet"
    assert said(capsys, name, answer(exercise, exercise.right)) == "right"
    assert len(exercise.wrong) >= 3
    for idea, message in exercise.wrong:
        assert said(capsys, name, answer(exercise, idea)) == f"not yet. {message}"
        assert re.search(r"[.?!)]$", message)


@each
def test_ideas_differ_on_the_data_of_the_check(name):
    exercise = EXERCISES[name]
    ideas = [exercise.right, *(idea for idea, _ in exercise.wrong)]
    for idea in ideas:
        for other in ideas:
            pairs = zip(values(exercise, other), values(exercise, idea))
            assert all(exercises._same(exercise, idea, *pair) for pair in pairs) == (idea is other)


@each
def test_no_message_gives_the_answer_away(name):
    exercise = EXERCISES[name]
    texts = [exercise.hint, *(message for _, message in exercise.wrong)]
    right = exercise.right() if exercise.trials == ((),) else ()
    for text in texts:
        if isinstance(right, str):
            assert not re.search(rf"\b{right}\b", text.partition("quotes:")[0])
            continue
        told = [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]
        for number in np.ravel(right) if name != "9.1" else ():  # any filter of its kind is right
            close = [abs(one - number) <= 0.005 * abs(number) for one in told]
            assert not any(close), text


class Hostile:
    """Raises whatever is done with it."""

    def __getattribute__(self, name):
        raise RuntimeError(name)


def endless():
    while True:
        yield 1


def changes(right):
    def function(*arguments):
        answer = right(*arguments)
        for array in arguments:
            if isinstance(array, np.ndarray):
                array[...] = 0
        return answer

    return function


@each
def test_nonsense_neither_crashes_nor_passes(name, capsys):
    exercise = EXERCISES[name]
    for nonsense in (
        *(None, "", "Q", "3.1", np.nan, -np.inf, 1j, True, [], {}, {"a": 1}, object(), Hostile()),
        *(np.ones((2, 3, 4)), np.full(3, np.nan), [[1], [2, 3]], [None], endless(), 10**400),
        *(print, lambda *a: None, lambda *a: ..., lambda *a: 1 / 0, lambda *a: exit(), 1e300),
        *(lambda *a: print("right"), lambda *a: endless(), lambda: "no", lambda *a: np.eye(99)),
    ):
        assert said(capsys, name, nonsense) != "right"
    for wrapped in (lambda *a: print(1) or exercise.right(*a), changes(exercise.right)):
        if exercise.trials != ((),) and (name != "2.2" or wrapped.__name__ != "function"):
            assert re.search("prints|changes", said(capsys, name, wrapped))


def test_right_answers_in_another_form_are_accepted_or_told_what_to_change(capsys):
    import pandas as pd

    for count in (118282.0, np.int64(118_282), np.array([118_282]), lambda: 118_282):
        assert said(capsys, "3.1", count) == "right"
    assert said(capsys, "3.1", 118_272) == f"not yet. {EXERCISES['3.1'].hint}"
    for pair in ([7, 5], np.array([7, 5]), pd.Series([7, 5]), (np.float32(7), 5)):
        assert said(capsys, "4.2", pair) == "right"
    for letters in ("zxy", ["Z", "X", "Y"], " Z, X, Y "):
        assert said(capsys, "4.3", letters) == "right"
    assert said(capsys, "7.3", np.float32(1.1)) == said(capsys, "8.4", [9, 6]) == "right"
    for name, given, told in (
        ("2.1", "1.35", "That is text"),
        ("4.1", (50, 20), "per cent"),
        ("8.2", 0.977, "a share, in place of per cent"),
        ("2.1", -1.349, "Is the sign?"),
        ("7.1", (200, 75_000), "in another order"),
        ("7.1", {200, 75_000}, "has no order"),
        ("1.1", 50.0, "without brackets"),
        ("3.1", lambda x: x, "a value is asked for"),
        ("1.2", lambda x: x / 255 * np.ones((1, 1, 1, 1)), "Expected an array of shape (3, 784)"),
    ):
        assert told in said(capsys, name, given)
    exercises.check("0.1", 1)
    assert capsys.readouterr().out.startswith("There is no exercise '0.1'; expected one of 1.1, ")


def lessons():
    """Each exercise's number, notebook, and place in it."""
    for path in PATHS:
        notebook = nbformat.read(path, as_version=4)
        for place, cell in enumerate(notebook.cells):
            if is_exercise(cell):
                yield re.search(r'check\("(.*?)"', cell.source)[1], notebook, place


def test_every_exercise_stands_in_its_lesson_once_and_in_order():
    names = [name for name, _, _ in lessons()]
    assert names == list(EXERCISES) and len(names) >= 30
    for name, notebook, _ in lessons():
        assert notebook.cells[0].source.startswith(f"# {name.split('.')[0]} · ")
    texts = "".join(cell.source for path in PATHS for cell in nbformat.read(path, 4).cells)
    assert re.findall(r"\*\*Your turn (\d+\.\d+)\.\*\*", texts) == names


@pytest.mark.parametrize("name, notebook, place", list(lessons()))
def test_solutions_are_right_and_untouched_cells_open(name, notebook, place, capsys):
    names = {"np": np, "check": exercises.check}
    exec(notebook.cells[place].source, dict(names))
    assert capsys.readouterr().out == f"{name}: not answered yet\n"
    solution = solution_of(notebook, place)
    if "keras" not in solution:  # the hook of conftest.py runs all, each in its notebook
        exec(solution, names)
        assert capsys.readouterr().out == f"{name}: right\n"


def test_class_copies_and_the_guide_are_up_to_date():
    assert class_copy.stale() == []


def test_ideas_agree_with_keras_and_scikit_learn():
    keras = pytest.importorskip("keras")
    import sklearn.metrics

    def parameters(*layers):
        return keras.Sequential(layers).count_params()

    dense, value = keras.layers.Dense, {n: e.right for n, e in EXERCISES.items()}
    count = parameters(keras.Input((784,)), dense(128), dense(128), dense(10))
    assert value["3.1"]() == count
    assert value["9.2"]() == parameters(keras.Input((9, 9, 24)), keras.layers.Conv2D(48, 3))
    for (scores,) in EXERCISES["3.4"].trials:
        assert np.allclose(value["3.4"](scores), keras.ops.softmax(scores), atol=1e-6)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert np.isclose(value["2.1"](), loss(np.array([1]), np.array([[3.0, 2.0, 0.0]])))
    truth, answers = np.random.default_rng(0).integers(0, 4, (2, 99))
    matrix = sklearn.metrics.confusion_matrix(truth, answers)
    for digit in range(4):
        how = {"labels": [digit], "average": None}
        recall = sklearn.metrics.recall_score(truth, answers, **how)[0]
        precision = sklearn.metrics.precision_score(truth, answers, **how)[0]
        assert np.allclose(value["5.2"](matrix, digit), (recall, precision))
        assert value["5.1"](matrix, digit, 1) == ((truth == digit) & (answers == 1)).sum()
    kept = keras.layers.Dropout(0.3, seed=0)(np.ones((1000, 512)), training=True)
    assert abs(np.count_nonzero(kept) / 1000 - value["8.3"]()) < 3
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    stop.set_model(model := keras.Sequential([keras.Input((1,)), dense(1, use_bias=False)]))
    model.stop_training = False
    stop.on_train_begin()
    losses = [0.30, 0.21, 0.18, 0.19, 0.17, 0.20, 0.22, 0.25]
    for epoch, loss in enumerate(losses, 1):
        model.set_weights([np.full((1, 1), epoch)])
        stop.on_epoch_end(epoch - 1, {"val_loss": loss})
        if model.stop_training:
            break
    stop.on_train_end()
    assert (epoch, model.get_weights()[0][0, 0]) == value["4.2"]()
