"""Write what a class gets: python tools/class_copy.py [--check]

notebooks/class/ holds a copy of each notebook, without solutions and outputs; the text that follows
the output of a "Before you run it" is folded. The blocks of notebooks/for_teachers.md that begin
with `<!-- lesson N -->` are made of the notebooks' titles and of exercises.py. With --check nothing
is written, and anything that is not up to date is named.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "notebooks" / "for_teachers.md"
BET, STOP = "**Before you run it:**", ("## ", "**Your turn")
SOLUTION = re.compile(r"<details><summary>Solution</summary>.*?</details>\s*", re.S)
SAVE = "**In Colab:** first choose *File → Save a copy in Drive*, so that your answers are kept."


def folded(text):
    """A text whose paragraphs are folded, up to a heading, an exercise, or the next question."""
    parts = text.split("\n\n")
    stop = next((n for n, p in enumerate(parts) if p.startswith(STOP) or BET in p), len(parts))
    inside = ["<details><summary>After you have run it</summary>", *parts[:stop], "</details>"]
    return "\n\n".join([*inside, *parts[stop:]] if stop else parts)


def copy_of(path):
    """The text of the class's copy of a notebook."""
    notebook = json.loads(path.read_text("utf-8"))
    cells, asked, ran = [], False, False
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
            ran = asked
        else:
            text = SOLUTION.sub("", text)
            if ran and (after := folded(text)) != text:
                text, asked = after, False
            asked, ran = asked or BET in text, False
        if not cells:
            title, rest = text.split("\n", 1)
            rest = rest.replace(f"/notebooks/{path.name}", f"/notebooks/class/{path.name}")
            badge, rest = rest.strip().split("\n\n", 1)
            text = f"{title} (for class)\n\n{badge}\n\n{SAVE}\n\n{rest}"
        if text:
            cells.append(cell | {"source": text.splitlines(keepends=True)})
    notebook["cells"] = cells
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def copies(root=ROOT):
    """Path → text of all copies."""
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    return {path.parent / "class" / path.name: copy_of(path) for path in paths}


def _shown(answer):
    """An idea's answer, as a pupil writes it."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, (tuple, list)):
        return "a filter" if isinstance(answer[0], list) else ", ".join(map(_shown, answer))
    return f"{answer:,}" if isinstance(answer, int) else f"{answer:.4g}"


def lesson(path):
    """What the guide says of a lesson by itself: its goals, its time, and its wrong answers."""
    sys.path.insert(0, str(path.parent))
    import exercises

    title = "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])
    goals = re.search(r"\*\*What you will learn:\*\*\n\n((?:- .*\n)+)", title)[1]
    needs = re.search(r"\*\*What you need:\*\* (.*)", title)[1]
    time = re.search(r"\*\*Time:\*\* (.*)", title)[1]
    lines = [
        f"**Goals.** Pupils learn\n\n{goals}",
        f"**They need:** {needs}",
        f"\n**Time:** {time}",
    ]
    lines += ["", "| exercise | a pupil answers | what the check says |", "|---|---|---|"]
    for name, exercise in exercises.EXERCISES.items():
        if name.split(".")[0] == str(int(path.name[:2])):
            for idea, message in exercise.wrong:
                answer = _shown(idea()) if exercise.trials == ((),) else "a function"
                lines.append(f"| {name} | {answer} | {message} |")
    return "\n".join(lines)


def guide():
    """The text of for_teachers.md with its blocks made anew."""
    text = GUIDE.read_text("utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        mark = f"<!-- lesson {int(path.name[:2])} -->"
        parts = re.split(rf"(?s)(?<={mark})\n.*?\n(?=<!-- end -->)", text)
        if len(parts) != 2:
            raise SystemExit(
                f"for_teachers.md needs one {mark}, and <!-- end --> some lines below."
            )
        text = f"\n\n{lesson(path)}\n\n".join(parts)
    return text


def stale():
    """The names of the files that would change."""
    wanted = copies() | {GUIDE: guide()}
    found = {*(ROOT / "notebooks" / "class").glob("*"), *wanted}
    current = {path: path.read_text("utf-8") if path.exists() else None for path in found}
    return sorted(path.name for path in found if current[path] != wanted.get(path))


def write(files):
    for path, text in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if names := stale():
            raise SystemExit(f"Run python tools/class_copy.py; not up to date: {', '.join(names)}")
    else:
        write(copies() | {GUIDE: guide()})
