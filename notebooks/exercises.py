"""Checks for the exercises: check("3.1", answer) says "right", or asks about the idea behind it.

Each exercise is one right idea and at least three wrong ones. An idea is a function that computes
what somebody with this idea answers; the message beside a wrong one says what the answer is, and
then asks. Nothing here needs more than NumPy.
"""

import contextlib
import copy
import io
import math
import re
from collections import namedtuple

import numpy as np

Exercise = namedtuple("Exercise", "right wrong hint within trials measure")
EXERCISES = {}  # name → Exercise


def exercise(name, right, *wrong, hint, within=0.0, trials=((),), measure=None):
    """Add an exercise to EXERCISES.

    `right` and the first of each pair in `wrong` are ideas; the second is a message. `hint` answers
    what no idea explains. Numbers may differ by `within`. With `trials`, tuples of arguments, the
    answer is a function, tried on each. `measure` turns an answer into the numbers to compare,
    where many answers are right.
    """
    EXERCISES[name] = Exercise(right, wrong, hint, within, trials, measure)


def choice(name, right, messages):
    """Add an exercise that is answered in letters; `messages` has one for each wrong answer."""
    wrong = [(lambda letters=letters: letters, text) for letters, text in messages.items()]
    known = ", ".join(sorted([right, *messages]))
    exercise(name, lambda: right, *wrong, hint=f"Answer with one of these, in quotes: {known}.")


class Hint(Exception):
    """What is said of an answer that cannot be compared with the right one."""


def check(name, answer):
    """Print whether `answer` is right, or a hint; never raise, and never give the answer away.

    Parameters
    ----------
    name : str
        The exercise's number, such as "3.1".
    answer : number, array_like, str, set or callable
        Numbers in any form that NumPy can read; letters where the exercise offers some; a function
        where it asks for one. `...` means not answered yet.
    """
    name = str(name)
    if name not in EXERCISES:
        print(f"There is no exercise {name!r}; expected one of {', '.join(EXERCISES)}.")
        return
    try:
        with np.errstate(all="ignore"):
            text = verdict(EXERCISES[name], answer)
    except Hint as hint:
        text = str(hint)
    except Exception:  # an object that NumPy cannot read may raise anything
        text = "not yet. This cannot be read as an answer. Is a row shorter than the others?"
    print(f"{name}: {text}")


def verdict(exercise, answer):
    """What to say of an answer."""
    given = [_given(exercise, answer, arguments) for arguments in exercise.trials]

    def fits(idea, answers=given):
        wanted = [_array(idea(*arguments)) for arguments in exercise.trials]
        return all(_same(exercise, idea, *pair) for pair in zip(answers, wanted))

    if fits(exercise.right):
        return "right"
    for idea, message in exercise.wrong:
        if fits(idea):
            return f"not yet. {message}"
    for one, arguments in zip(given, exercise.trials):
        wanted = _array(exercise.right(*arguments))
        if np.shape(one) != np.shape(wanted):
            raise Hint(f"not yet. Expected {_shape(wanted, arguments)}, got {_shape(one)}.")
    if not isinstance(given[0], str) and not exercise.measure:
        for turn, message in TURNS:
            if fits(exercise.right, [turn(one) for one in given]):
                return f"not yet. {message}"
    return f"not yet. {exercise.hint}"


TURNS = (  # what makes the right numbers of an answer
    (lambda x: x / 100, "A hundred times what is asked for. Is it in per cent?"),
    (lambda x: x * 100, "A hundredth of what is asked for. Is it a share, in place of per cent?"),
    (lambda x: -x, "The size is right. Is the sign?"),
    (lambda x: x[::-1] if x.ndim else x, "The right numbers, in another order."),
)


def _given(exercise, answer, arguments):
    """An answer as an array or as letters; it is called first if it is a function."""
    if callable(answer):
        answer = _called(answer, arguments)
    elif arguments and not _is_open(answer):
        raise Hint("not yet. Give the function itself: its name, without brackets or quotes.")
    if _is_open(answer):
        raise Hint("not answered yet")
    if answer is None:
        raise Hint("not yet. That is None. Has a function no `return`, or a name no value yet?")
    wanted = _array(exercise.right(*arguments))
    if isinstance(wanted, str):
        if not isinstance(answer, (str, list, tuple)):
            raise Hint(f"not yet. {exercise.hint}")
        return re.sub(r"\W", "", "".join(map(str, answer))).upper()
    if isinstance(answer, str):
        raise Hint("not yet. That is text. Give numbers, without quotes.")
    if isinstance(answer, (set, frozenset)):
        if not exercise.measure:
            raise Hint("not yet. A set has no order. Write the numbers with a comma, no braces.")
        answer = sorted(answer)
    given = np.asarray(answer)
    given = given.astype(float) if given.dtype.kind == "O" else given  # such as fractions
    if given.dtype.kind not in "iuf":
        raise Hint("not yet. Expected numbers, and no text, True or False among them.")
    if not np.isfinite(given).all():
        raise Hint("not yet. There is a number in it that is not finite.")
    return given.reshape(wanted.shape) if wanted.ndim < 2 and given.size == wanted.size else given


def _is_open(answer):
    return answer is ... or isinstance(answer, (tuple, list)) and any(one is ... for one in answer)


def _called(function, arguments):
    """What a function returns for copies of the arguments."""
    copies, said = copy.deepcopy(arguments), io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            answer = function(*copies)
    except (Exception, SystemExit, GeneratorExit) as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        hint = f"not yet. Your function stops with {what}"
        raise Hint(hint if arguments else f"{hint}. Here a value is asked for.") from None
    if said.getvalue():
        raise Hint("not yet. Your function prints. Let it return the answer, and print nothing.")
    if not all(np.array_equal(*pair) for pair in zip(arguments, copies)):
        raise Hint("not yet. Your function changes the array that it is given. Work on a copy.")
    return answer


def _array(answer):
    return answer.upper() if isinstance(answer, str) else np.asarray(answer)


def _same(exercise, idea, given, wanted):
    """Whether an answer is what an idea gives; for a wrong idea within two per cent at most."""
    if isinstance(wanted, str) or given.shape != wanted.shape:
        return np.array_equal(given, wanted)
    if exercise.measure:
        given, wanted = exercise.measure(given), exercise.measure(wanted)
    within = 0 if wanted.dtype.kind == "i" else exercise.within  # whole numbers: exactly
    if idea is not exercise.right:
        within = np.minimum(within, 0.02 * abs(wanted))
    return bool((abs(given - wanted) <= within + 1e-9).all())


def _shape(array, arguments=()):
    numbers = "a single number" if np.size(array) == 1 else f"{np.size(array)} numbers"
    what = numbers if np.ndim(array) < 2 else f"an array of shape {np.shape(array)}"
    told = [f"{np.shape(one)}" for one in arguments if np.ndim(one)]
    return f"{what} for arguments of shape {' and '.join(told)}" if told else what


# Lesson 1

_rng = np.random.default_rng(0)
_bytes = _rng.integers(0, 256, (3, 28, 28), "uint8")
exercise(
    "1.1",
    lambda a, b: abs(a.astype(float) - b).mean(),
    (
        lambda a, b: abs(a - b).mean(),
        "Bytes cannot be negative: 3 − 5 became 254. What must they become before you subtract?",
    ),
    (
        lambda a, b: abs(b - a).mean(),
        "Bytes cannot be negative: one of two differences wrapped around. What must they be first?",
    ),
    (
        lambda a, b: (a.astype(float) - b).mean(),
        "That is the mean difference: a brighter pixel makes up for a darker one. "
        "How would both count?",
    ),
    (
        lambda a, b: abs((a.astype(float) - b).mean()),
        "The sign was dropped after the mean, when a brighter pixel had already made up for a "
        "darker one. What comes first?",
    ),
    (
        lambda a, b: abs(a.astype("int8") - b.astype("int8")).mean(),
        "That type holds −128 to 127. Which one holds every difference of two bytes?",
    ),
    (
        lambda a, b: abs(a.astype(float) - b).sum(),
        "That is the sum over all pixels. Would it be fair to larger images?",
    ),
    (
        lambda a, b: np.sqrt(((a.astype(float) - b) ** 2).mean()),
        "That is the root of the mean square. What does *absolute* ask for?",
    ),
    hint="Try it by hand on two images of three pixels: what must (3, 9, 7) and (5, 2, 7) give?",
    within=0.006,
    trials=[(_bytes[0], _bytes[1]), (_bytes[1] // 2, _bytes[2])],
)
exercise(
    "1.2",
    lambda x: x.reshape(len(x), -1) / 255,
    (
        lambda x: x.reshape(-1, len(x)) / 255,
        "784 rows: each mixes pixels of several images. Which shape has one image in each row?",
    ),
    (
        lambda x: x.reshape(-1, len(x)).T / 255,
        "The shape is right, but reshape and a turned table mix the images: "
        "does row 0 hold the pixels of image 0?",
    ),
    (
        lambda x: x.reshape(len(x), -1),
        "The rows are right, but their values run to 255. What is still to do?",
    ),
    (
        lambda x: x.reshape(len(x), -1) // 255,
        "Only 0 and 1 are left. What threw every grey away?",
    ),
    (
        lambda x: x.reshape(len(x), -1) / 255**2,
        "The largest value is 0.004. Have you divided twice?",
    ),
    (lambda x: x / 255, "The values are right. Is each image one row of numbers?"),
    (
        lambda x: x.reshape(len(x), -1) / 256,
        "White came out a little below 1. Which is the greatest number of a byte?",
    ),
    (
        lambda x: x.reshape(len(x), -1) / x.max(),
        "That divides by the brightest pixel here. Will it be as bright in the next images?",
    ),
    hint="One row for each image, its rows of pixels end to end, and all divided by the same.",
    within=6e-4,
    trials=[(_bytes,), (_bytes[:2] // 2,)],
)
exercise(
    "1.3",
    lambda one_hot: one_hot.argmax(axis=1),
    (
        lambda one_hot: one_hot.argmax(axis=0),
        "Ten answers, one for each column. Where does one image stand: in a column or in a row?",
    ),
    (
        lambda one_hot: one_hot.argmax(),
        "A single number. Should each row not have its own? Along which axis should argmax look?",
    ),
    (
        lambda one_hot: one_hot.max(axis=1),
        "Every row gives the same number. What tells you the *place* of the 1 in it?",
    ),
    (
        lambda one_hot: one_hot.argmax(axis=1) + 1,
        "Each is one too large. From where does Python count?",
    ),
    (
        lambda one_hot: np.arange(len(one_hot)),
        "Those are the numbers of the rows. In which *column* does each row have its 1?",
    ),
    hint="There should be one whole number for each row: the place of the 1 in it.",
    trials=[(np.eye(10)[[7, 2, 1, 0, 4, 1, 4, 9, 5, 9, 0, 6]],), (np.eye(10)[[3, 3, 8]],)],
)

# Lesson 2

_powers = [math.e**score for score in (3, 2, 0)]
_losses = [-math.log(power / sum(_powers)) for power in _powers]
exercise(
    "2.1",
    lambda: _losses[1],
    (
        lambda: _losses[0],
        "That is the loss if the digit with the *highest* score were right. "
        "Whose probability does the loss look at?",
    ),
    (
        lambda: sum(_losses) / 3,
        "That is the mean of three losses. How many digits are right?",
    ),
    (
        lambda: _losses[1] / math.log(10),
        "That is a logarithm with base ten. Which one does cross-entropy take?",
    ),
    (lambda: _losses[1] / math.log(2), "That is a logarithm with base two. Which one is meant?"),
    (
        lambda: -math.log(2 / 5),
        "You divided the scores themselves by their sum. What does softmax do to them before?",
    ),
    (
        lambda: math.log(3),
        "That is the loss of one third. Does softmax treat three different scores alike?",
    ),
    (
        lambda: -math.log(_powers[1] / (_powers[0] + _powers[1])),
        "As if there were two scores only. How many powers are in the sum?",
    ),
    (
        lambda: _powers[1] / sum(_powers),
        "That is the right digit's probability. What does the loss make of it?",
    ),
    (
        lambda: 1 - _powers[1] / sum(_powers),
        "That is what is missing to a probability of one. What does the loss make of it instead?",
    ),
    hint="Softmax of all scores, then minus the natural logarithm of the right one: step by step?",
    within=0.02,
)
exercise(
    "2.2",
    lambda weight, slope, rate: weight - rate * slope,
    (
        lambda weight, slope, rate: weight + rate * slope,
        "That goes uphill: the slope points to larger losses. Which sign leads down?",
    ),
    (
        lambda weight, slope, rate: weight - slope,
        "This step has the same length for every learning rate. Where does the rate come in?",
    ),
    (
        lambda weight, slope, rate: -rate * slope,
        "That is the step. Where does the weight *stand* after it?",
    ),
    (
        lambda weight, slope, rate: weight - rate,
        "This step is as long on flat ground as on a slope. What should stop it at the bottom?",
    ),
    hint="Which three numbers make the new weight, and how does the text put them together?",
    within=0.006,
    trials=[(0.0, -0.25, 8.0), (-4.0, -0.5, 3.0), (1.5, 0.75, 0.5)],
)
exercise(
    "2.3",
    lambda: math.ceil(60_000 / 512),
    (
        lambda: 60_000 // 512,
        "So many batches hold 59,904 images. Where do the other 96 go?",
    ),
    (lambda: 60_000, "That would be a step for each image. How many share a step?"),
    (
        lambda: math.ceil(60_000 / 128),
        "That is right for batches of 128. How large are they here?",
    ),
    (
        lambda: 512,
        "That is the size of a batch. How many batches hold all images?",
    ),
    (lambda: math.ceil(48_000 / 512), "That is right for 48,000 images. How many are there here?"),
    (lambda: 60_000 / 512, "Can an epoch end within a step?"),
    hint="How many batches of 512 do 60,000 images need, if the last one may be smaller?",
    within=0.01,
)

# Lesson 3

exercise(
    "3.1",
    lambda: (784 + 1) * 128 + (128 + 1) * 128 + (128 + 1) * 10,
    (
        lambda: 784 * 128 + 128 * 128 + 128 * 10,
        "Those are the weights. Each unit has one more number: which?",
    ),
    (
        lambda: 784 * 128 + 128 * 128 + 128 * 10 + 3,
        "One bias for each layer. Do the units of a layer share theirs?",
    ),
    (
        lambda: (784 + 1) * 128 + (128 + 1) * 10,
        "That network has a single hidden layer. What lies between the two?",
    ),
    (
        lambda: (784 + 1) * 128 * 2 + (128 + 1) * 10,
        "As if both hidden layers looked at the pixels. To what is the second one joined?",
    ),
    (
        lambda: (784 + 1) * 128 + (128 + 1) * 128,
        "Those are the hidden layers. What else has weights and biases?",
    ),
    (lambda: 128 + 128 + 10, "Those are the units. How many numbers does each of them hold?"),
    (
        lambda: (784 + 1) * 256 + (256 + 1) * 10,
        "That is one hidden layer of 256 units. How are two layers of 128 joined?",
    ),
    hint="Count layer by layer: how many inputs has each unit, and what comes on top?",
)
exercise(
    "3.2",
    lambda: 5 * 5,
    (lambda: 5, "So it would be if fit started afresh. Which line makes a new network?"),
    (lambda: 4 * 5, "So many came *before* the last training. Does that one not count?"),
    (lambda: 1, "Each call of fit runs through the images more than once. How often?"),
    (lambda: 5 * 5 * 5, "How many calls of fit are there, of how many epochs each?"),
    hint="Which line makes a new network, and how often does it run?",
)
choice(
    "3.3",
    "b",
    {
        "a": "from_logits says what the *outputs* are, and that is right. But what are the labels?",
        "c": "The labels fit. But this loss expects probabilities, and scores may be negative: "
        "who tells the loss?",
        "d": "Two questions, both answered the other way: are the labels integers? "
        "Are the outputs scores?",
    },
)


def _softmax(scores, axis=None):
    powers = np.exp(scores)
    return powers / powers.sum(axis, keepdims=True)


_scores = [_rng.normal(0, 2, size) for size in ((3, 10), (7, 10))]
exercise(
    "3.4",
    lambda scores: _softmax(scores, 1),
    (
        lambda scores: _softmax(scores, 0),
        "Your columns add up to 1, your rows do not. What is an image: a row or a column?",
    ),
    (
        lambda scores: _softmax(scores),
        "The whole table adds up to 1. What should?",
    ),
    (
        lambda scores: scores / scores.sum(axis=1, keepdims=True),
        "The rows add up to 1, but some are negative. What did lesson 2 take of each score?",
    ),
    (
        lambda scores: abs(scores) / abs(scores).sum(axis=1, keepdims=True),
        "The rows add up to 1, but −2 and 2 get the same. What did lesson 2 take of each score?",
    ),
    (lambda scores: np.exp(scores), "All are positive. What makes a row add up to 1?"),
    (
        lambda scores: 1 / (1 + np.exp(-scores)),
        "Each lies between 0 and 1, but by itself. Do the rows add up to 1?",
    ),
    (lambda scores: scores.argmax(axis=1), "Those are the answers. How *probable* are all ten?"),
    hint="Those are not softmax's numbers. Which two steps did lesson 2 take with a row of scores?",
    within=0.006,
    trials=[(scores,) for scores in _scores],
)

# Lesson 4

exercise(
    "4.1",
    lambda: ((0.8 + 0.2) / 2, 0.2),
    (
        lambda: (0.2, 0.2),
        "Both as at the end. When is each measured: during the epoch, or at its end?",
    ),
    (
        lambda: (0.5, 0.5),
        "Both as an average. Does the validation loss see the start of the epoch?",
    ),
    (lambda: (0.8, 0.2), "The training loss as at the start. Over what does Keras average it?"),
    (lambda: (0.2, 0.5), "You have them the other way round. Which of them is an average?"),
    (lambda: (0.8 - 0.2, 0.2), "The first is by how much the loss falls. What is its *average*?"),
    hint="When is each of the two measured: during the epoch, or at its end?",
    within=0.001,
)
exercise(
    "4.2",
    lambda: (7, 5),
    (
        lambda: (7, 7),
        "It stops there, but restore_best_weights puts others back. Which were best?",
    ),
    (lambda: (5, 5), "The best epoch is right. How can it know, without waiting?"),
    (
        lambda: (4, 2),
        "That is where the two curves part: there is a gap from then on. "
        "Where does the *validation* loss turn?",
    ),
    (
        lambda: (4, 3),
        "It would stop there at the first rise. With a patience of two, how many epochs in a row "
        "must bring nothing better?",
    ),
    (
        lambda: (8, 5),
        "The best epoch is right. Which is the second in a row that brings nothing better?",
    ),
    (lambda: (6, 5), "The best epoch is right. Is one epoch without a better one enough to stop?"),
    (lambda: (6, 4), "Have you counted the epochs from 0?"),
    (lambda: (8, 8), "The last one has the lowest *training* loss. Which loss is watched?"),
    hint="Go along the validation losses: remember the lowest, and count how long none is lower.",
)
choice(
    "4.3",
    "ZXY",
    {
        "XZY": "You have the small network and the small rate the other way round. "
        "In which panel do the curves still fall at the end?",
        "YXZ": "In Y the curves part. Does a network that is too small learn its images by heart?",
        "ZYX": "Z is the small one. In which panel does the dashed curve rise again?",
        "XYZ": "All three are in another place. Where do the curves lie flat and together?",
        "YZX": "All three are in another place. Where does the dashed curve rise again?",
    },
)
exercise(
    "4.4",
    lambda: (97.4 - 97.34) / 0.1,
    (
        lambda: 97.4 - 97.34,
        "That is the distance in percentage points. How many standard deviations is it?",
    ),
    (
        lambda: (97.4 - 97.34) / (0.1 / math.sqrt(20)),
        "You divided by the uncertainty of the mean. But your friend has a single run: "
        "how far does one scatter?",
    ),
    (lambda: 0.1 / (97.4 - 97.34), "Upside down: how many deviations fit into the distance?"),
    (lambda: (97.4 - 97.34) * 0.1, "You multiplied. How many deviations *fit* into the distance?"),
    (lambda: 97.4 - 97.34 / 0.1, "Divided before you subtracted. Which brackets are missing?"),
    (lambda: 97.4 / 0.1, "Measured from zero. From where should the distance be counted?"),
    hint="The distance from the mean, in units of the standard deviation.",
    within=0.04,
)

# Lesson 5

_matrices = [_rng.integers(1, 99, (10, 10)) for _ in range(2)]
exercise(
    "5.1",
    lambda matrix, truth, answer: matrix[truth, answer],
    (
        lambda matrix, truth, answer: matrix[answer, truth],
        "Those are the ones read the other way round. What do the rows stand for?",
    ),
    (
        lambda matrix, truth, answer: matrix[truth, answer] + matrix[answer, truth],
        "That counts the errors in both directions. Which one is asked for?",
    ),
    (
        lambda matrix, truth, answer: matrix[truth].sum() - matrix[truth, truth],
        "Those are all errors on that digit. How many of them got this answer?",
    ),
    (
        lambda matrix, truth, answer: matrix[truth, truth],
        "Those were read correctly. In which column do the errors stand?",
    ),
    (
        lambda matrix, truth, answer: matrix[truth].max(),
        "That is the largest number of the row. Which column is asked for?",
    ),
    hint="A count from the table that the function is given: what are its rows, what its columns?",
    trials=[(_matrices[0], 0, 2), (_matrices[1], 5, 3)],
)


def _share(matrix, digit, axis):
    return matrix[digit, digit] / matrix.sum(axis)[digit]


exercise(
    "5.2",
    lambda matrix, digit: (_share(matrix, digit, 1), _share(matrix, digit, 0)),
    (
        lambda matrix, digit: (_share(matrix, digit, 0), _share(matrix, digit, 1)),
        "The first is precision: of all answers with this digit. "
        "Recall asks of all *true* ones: do they stand in a row or in a column?",
    ),
    (
        lambda matrix, digit: (_share(matrix, digit, 1),) * 2,
        "Both ask about the true ones. Among what does precision count?",
    ),
    (
        lambda matrix, digit: (_share(matrix, digit, 0),) * 2,
        "Both ask about the answers with this digit. Among what does recall count?",
    ),
    (
        lambda matrix, digit: (matrix[digit, digit] / matrix.sum(),) * 2,
        "That is a share of all images. Among which of them does each one count?",
    ),
    (
        lambda matrix, digit: (np.trace(matrix) / matrix.sum(),) * 2,
        "That is the accuracy, over all digits. What is asked about this one?",
    ),
    hint="From the matrix that the function is given: of what is each of the two a share?",
    within=6e-4,
    trials=[(_matrices[0], 2), (_matrices[1], 4)],
)
choice(
    "5.3",
    "c",
    {
        "a": "It read more of *these* images. What could the next ten thousand show, if each "
        "accuracy is uncertain by more than the difference?",
        "b": "The intervals overlap, but overlap does not show that both are equally good. "
        "What does it leave open?",
        "d": "It may be, but why should the lower accuracy belong to the better network?",
    },
)

# Lesson 6

choice(
    "6.1",
    "b",
    {
        "a": "It has more parameters. But what did lesson 3 make of two tables of weights?",
        "c": "It has a layer more, which can pass everything on. What are sums of sums?",
        "d": "The same *after 200 epochs* would be about the training. "
        "Is that what was asked, or what it can compute?",
    },
)
exercise(
    "6.2",
    lambda: 40,
    (lambda: 39, "Then it is exactly 5 %. Is that less than 5 %?"),
    (lambda: 20, "That is right for one side. On how many sides can a value lie outside?"),
    (lambda: 41, "That is n + 1. How large is n?"),
    (lambda: 19, "One case in n + 1, and exactly 5 %. How many cases are there, and is it less?"),
    hint="Put your number for n into 2 / (n + 1), and then the number before it.",
)
exercise(
    "6.3",
    lambda: 85_085 * 3 * 4,
    (lambda: 85_085 * 4, "Those are the parameters alone. What does Adam save beside each?"),
    (lambda: 85_085 * 3, "Those are numbers. How many bytes does each take?"),
    (
        lambda: 85_085 * 2 * 4,
        "Two numbers of four bytes for each parameter, or one of eight. How many are there?",
    ),
    (
        lambda: 85_085 * 3 * 8,
        "Eight bytes each is NumPy's usual float. How many does a parameter take?",
    ),
    hint="How many numbers are there for each parameter, and how many bytes has each?",
)
choice(
    "6.4",
    "c",
    {
        "a": "All five readings were trained for as long. In what do they differ?",
        "b": "A seed repeats a run of the *same* layers. Which number tells the layers apart?",
        "d": "Readings 1 and 5 end at about the same. In which number do these two differ?",
    },
)

# Lesson 7

exercise(
    "7.1",
    lambda: (200 * 375, 200),
    (lambda: (375, 1), "That is one epoch. How many are there?"),
    (
        lambda: (200 * 48_000, 200),
        "The first one counts images. After what does fit return: an image or a batch?",
    ),
    (
        lambda: (200 * 375, 1),
        "Is one return enough for all epochs, if it comes after 375 batches?",
    ),
    (lambda: (200 * 375,) * 2, "What is the setting for, then?"),
    hint="How many batches are there in all, and how many go into one return?",
)
exercise(
    "7.2",
    lambda: math.ceil(1.7 / (0.6 - 0.2)),
    (
        lambda: math.ceil(1.7 / 0.6),
        "As if the program's epochs took no time. What does it save in each?",
    ),
    (lambda: int(1.7 / (0.6 - 0.2)), "Then it is still a little behind. When has it caught up?"),
    (lambda: 1.7 / (0.6 - 0.2), "Which *whole* epoch is that?"),
    (
        lambda: math.ceil(1.7 / 0.2),
        "You divided by an epoch of the program. What does it *save* in each?",
    ),
    hint="How much does the program save in each epoch, and how much must it save?",
    within=0.01,
)
exercise(
    "7.3",
    lambda: 1 / (0.9 + 0.1 / 10),
    (lambda: 10, "All of it? Which part became faster?"),
    (
        lambda: 1 / (0.9 / 10 + 0.1),
        "You made the other part faster. Which share is the arithmetic?",
    ),
    (lambda: 1 / 0.9, "As if the arithmetic took no time any more. How much is left of it?"),
    (
        lambda: 0.9 + 0.1 / 10,
        "That is the new time, as a share of the old. How many times as *fast* is that?",
    ),
    (lambda: 0.9 + 0.1 * 10, "You added the gains. What happens to the *times* of both parts?"),
    hint="Take the old time as 1: how long do the two parts take now?",
    within=0.005,
)

# Lesson 8

choice(
    "8.1",
    "b",
    {
        "a": "More epochs would help both. Which of the two was given the rate that suits it?",
        "c": "More images would make both numbers surer. But were both optimizers at their best?",
        "d": "Is the same rate the same chance for both? What did other rates do in lesson 4?",
    },
)
exercise(
    "8.2",
    lambda: 97.7,
    (
        lambda: 98.2,
        "That is the best of four on the *test* images: luck is in it. "
        "By which images would you have chosen?",
    ),
    (
        lambda: 98.4,
        "That accuracy made you choose the network: luck is in it. Which images chose nothing?",
    ),
    (
        lambda: (97.5 + 98.2 + 97.7 + 97.6) / 4,
        "That is the mean of all four on the test images. Which of them do you publish?",
    ),
    (lambda: 97.5, "That is the lowest on the test images. Did they choose the network, then?"),
    (lambda: 97.6, "That is the fourth network's. Which one is best on the validation images?"),
    hint="Choose one network by the validation images, then ask the images that chose nothing.",
    within=0.001,
)
exercise(
    "8.3",
    lambda: 512 * (1 - 0.3),
    (lambda: 512 * 0.3, "So many are set to zero. How many are left?"),
    (lambda: 512, "So it is when the trained network answers. And in a training step?"),
    (lambda: 0.7, "That is the share which is left. How many of the outputs is it?"),
    (lambda: 0.3, "That is the share which is set to zero. How many outputs are left?"),
    (
        lambda: 512 / (1 - 0.3),
        "There cannot be more than there were. (What is left is scaled up, but not in number.)",
    ),
    hint="0.3 is the share that is set to zero. What is left of the outputs?",
    within=0.5,
)
exercise(
    "8.4",
    lambda: (6, 9),
    (lambda: (2, 5), "They look alike in a mirror. Does a *turn* make one of the other?"),
    (lambda: (0, 8), "Each of them looks like itself after half a turn. Which becomes *another*?"),
    (
        lambda: (1, 7),
        "A turned 7 is no 1: its stroke lies at the foot. Which digit becomes another?",
    ),
    (lambda: (5, 9), "Draw one of them, and turn the page. Is it the other?"),
    hint="Write each digit on paper, and turn the page upside down: which two become each other?",
    measure=np.sort,
)

# Lesson 9


def _on_strokes(kernel):
    """What a filter answers to two strokes and to a plain patch, as four times yes or no."""
    up, down = np.trace(kernel[:, ::-1]), np.trace(kernel)
    is_plain = abs(kernel.sum()) <= 1e-6 * abs(kernel).sum()
    return np.array([up > 0 and down <= up / 2, down > up, is_plain, up < 0], int)


exercise(
    "9.1",
    lambda: [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]],
    (
        lambda: [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]],
        "It answers to the other stroke. Through which corners does / run, if row 0 is at the top?",
    ),
    (
        lambda: [[0, 0, 1], [0, 1, 0], [1, 0, 0]],
        "It answers to /, but to a white patch as well. What must the nine weights add up to?",
    ),
    (
        lambda: [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
        "It answers to / not at all, or not twice as much as to the other stroke. "
        "Through which three places does / run?",
    ),
    (
        lambda: [[1, 1, -2], [1, -2, 1], [-2, 1, 1]],
        "It answers to / with a number below 0, as if to a dark stroke on white. "
        "Which sign belongs on the stroke?",
    ),
    hint="Multiply it by hand with /, with \\ and with a white patch, and add: what comes out?",
    measure=_on_strokes,
)
exercise(
    "9.2",
    lambda: 3 * 3 * 24 * 48 + 48,
    (
        lambda: 3 * 3 * 48 + 48,
        "Each filter looks at all 24 channels below it. How many weights is that?",
    ),
    (lambda: 3 * 3 * 24 * 48, "Those are the weights. What else has each filter?"),
    (lambda: 3 * 3 * 24 * 48 + 24, "A bias for each channel below. To what is it added?"),
    (
        lambda: (3 * 3 + 1) * 24 * 48,
        "A bias for each channel of each filter. How many does one filter add to its sum?",
    ),
    (lambda: 3 * 24 * 48 + 48, "As if a filter were 3 wide and 1 high. How many places has it?"),
    hint="How many weights has one filter, over all channels below it, and how many filters?",
)
exercise(
    "9.3",
    lambda: 1,
    (lambda: 2, "So it would be without pooling. How wide is the picture after it?"),
    (lambda: 4, "Pooling makes the picture smaller. Does a shift become larger in it?"),
    (lambda: 0, "Pooling does not forget every place. What becomes of two neighbouring windows?"),
    hint="By what does max pooling divide the width, and so each distance?",
)

# Lesson 10


def _wilson(right, count, z=1.959964):
    middle, width = right / count + z * z / 2 / count, z / count
    width *= math.sqrt(right * (count - right) / count + z * z / 4)
    return tuple((middle + sign * width) / (1 + z * z / count) for sign in (-1, 1))


exercise(
    "10.1",
    lambda: _wilson(27, 30),
    (
        lambda: (0.7347, 0.9789),
        "That is binomtest's without `method`, a little wider. Which one did lesson 5 take?",
    ),
    (
        lambda: (0.7926, 1.0074),
        "Your upper end is above 1. Which formula also works near 100 %?",
    ),
    (
        lambda: _wilson(9_000, 10_000),
        "Far too narrow: as if for thousands of digits. How many have you drawn?",
    ),
    (
        lambda: _wilson(3, 30),
        "That is the interval for the share of *errors*. What is asked about the right ones?",
    ),
    hint="27 of 30, 95 %, Wilson's formula: a lower and an upper end between 0 and 1.",
    within=0.005,
)
choice(
    "10.2",
    "b",
    {
        "a": "All ten powers become smaller, by the same factor. What happens to their shares?",
        "c": "Softmax sees only differences between scores. Which of these did change?",
        "d": "None of the ten gets a score above 0, and yet the ten must add up to 1. "
        'Can softmax say "none"?',
    },
)
choice(
    "10.3",
    "c",
    {
        "a": "It has learned what *these letters* look like. Do scribbles look like them?",
        "b": "Did anything in training tell it about things that are neither digits nor letters?",
        "d": "It has one more answer to choose from. Why should it never take that one?",
    },
)
