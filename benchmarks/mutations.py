"""How many faults the tests would catch: random ones put into the program, one at a time.

    python benchmarks/mutations.py --count 100 --seed 1
    python benchmarks/mutations.py --quick --only doodle_core/evaluation

Lines of doodle_core's evaluation, data, runs, lab, settings and inference are drawn by chance, and
on each one thing is changed: a comparison, a constant, an operator, an argument, a slice, a
statement that is left out. Each such mutant is tried in a copy of the working tree, first on its
module's own tests and those that import it, then on all that `make test` runs. Printed: each mutant
with the test that killed it, then the shares killed, with Wilson intervals. What people read, types
and logs are left alone; some mutants change nothing that can be seen, and survive rightly.

cosmic-ray and mutmut would try every mutant, thousands, where a sample answers; the one in the
working tree, the other in forks of one process, which TensorFlow is not made for.
"""

import argparse
import ast
import contextlib
import copy
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from doodle_core.evaluation import Share

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("evaluation", "data", "runs", "lab", "settings", "inference")
PATIENCE = {False: 300, True: 1800}  # seconds for a module's own tests, and for all
UNSEEN = {"annotation", "returns", "decorator_list", "type_params"}
NOTHING = ("None", "False", "''", "[]", "{}", "()")  # returned: one is as another
SILENT = re.compile(r"(log|logging|warnings)\.|print\(|.*\bsleep\(")
EACH_OTHER = (
    *((ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn), (ast.And, ast.Or)),
    *((ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.BitAnd, ast.BitOr)),
)
FLIPPED: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    **{one: (other,) for pair in EACH_OTHER for one, other in (pair, pair[::-1])},
}
TWINS = (("min", "max"), ("any", "all"), ("argmin", "argmax"), ("sum", "mean"), ("low", "high"))
TWIN = {one: other for pair in TWINS for one, other in (pair, pair[::-1])}


@dataclass(frozen=True)
class Mutant:
    """A file with one change: `old` became `new`, source texts, at `line` (from 1)."""

    path: Path
    line: int
    old: str
    new: str
    source: str


# --- what may be changed -------------------------------------------------------------------------


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """A node with one thing changed, in each way that there is."""

    def changed(**fields: object) -> ast.AST:
        other = copy.copy(node)
        vars(other).update(fields)
        return other

    match node:
        case ast.Compare(ops=[op]):
            yield from (changed(ops=[other()]) for other in FLIPPED[type(op)])
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in FLIPPED and not any(_is_text(one) for one in (left, right)):
                yield from (changed(op=other()) for other in FLIPPED[type(op)])
        case ast.AugAssign(op=op):
            yield from (changed(op=other()) for other in FLIPPED.get(type(op), ()))
            yield ast.Pass()
        case ast.BoolOp(op=op):
            yield changed(op=FLIPPED[type(op)][0]())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield changed(value=not value)
        case ast.Constant(value=int(value)):
            yield from (changed(value=value + step) for step in (1, -1))
        case ast.Constant(value=float(value)):
            yield from (changed(value=other) for other in (value * 2, value / 2) if other != value)
        case ast.Name(id=name, ctx=ast.Load()) if name in TWIN:
            yield changed(id=TWIN[name])
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in TWIN:
            yield changed(attr=TWIN[name])
        case ast.Slice(lower=lower, upper=upper):
            if lower is not None and upper is not None:
                yield from (changed(lower=None), changed(upper=None))
            elif lower is not None or upper is not None:
                yield changed(lower=upper, upper=lower)
        case ast.Call(args=args, keywords=keywords):
            if len(args) > 1 and not any(isinstance(one, ast.Starred) for one in args):
                yield changed(args=[args[1], args[0], *args[2:]])
                if not _is_text(args[-1]):
                    yield changed(args=args[:-1])
            for place, one in enumerate(keywords):
                if not _is_text(one.value):
                    yield changed(keywords=keywords[:place] + keywords[place + 1 :])
        case ast.Dict(keys=[ast.Constant(), ast.Constant(), *_], values=[one, other, *more]):
            yield changed(values=[other, one, *more])
        case ast.If(test=test) | ast.IfExp(test=test):
            yield changed(test=ast.UnaryOp(ast.Not(), test))
        case ast.Return(value=value) if value and ast.unparse(value) not in NOTHING:
            yield changed(value=ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str)


def reached(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one that decide what the program does, itself first."""
    if isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom):
        return
    is_silent = isinstance(node, ast.Expr) and SILENT.match(ast.unparse(node))
    if is_silent or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        return
    yield node
    if isinstance(node, ast.Raise):
        return
    if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Subscript):
        for declared in ast.walk(node.annotation):  # Annotated[int, Whole(..., low=1)]
            if isinstance(declared, ast.Call):
                yield from reached(declared)
                break
    for name, value in ast.iter_fields(node):
        if name not in UNSEEN:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from reached(child)


def candidates(path: Path) -> list[list[tuple[ast.AST, ast.AST]]]:
    """For each line on which something can be changed: pairs of a node and its change."""
    found: dict[int, list[tuple[ast.AST, ast.AST]]] = {}
    for node in reached(ast.parse(path.read_bytes())):
        if isinstance(node, ast.expr | ast.stmt | ast.Slice):
            found.setdefault(node.lineno, []).extend((node, other) for other in changes(node))
    return [found[line] for line in sorted(found) if found[line]]


def mutated(path: Path, node: ast.AST, other: ast.AST) -> Mutant:
    """A file with one node of it exchanged."""
    if isinstance(node, ast.If) and isinstance(other, ast.If):
        node, other = node.test, other.test
    assert isinstance(node, ast.expr | ast.stmt | ast.Slice)
    new = ast.unparse(other)
    if isinstance(other, ast.BinOp | ast.BoolOp | ast.UnaryOp | ast.Compare):
        new = f"({new})"
    lines = path.read_bytes().splitlines(keepends=True)
    first, last = node.lineno - 1, (node.end_lineno or 0) - 1
    before = b"".join(lines[:first]) + lines[first][: node.col_offset]
    after = lines[last][node.end_col_offset :] + b"".join(lines[last + 1 :])
    source = (before + new.encode() + after).decode()
    return Mutant(path.relative_to(ROOT), node.lineno, ast.unparse(node), new, source)


def draw(count: int, seed: int, only: str) -> list[Mutant]:
    """So many mutants by chance: each line is as likely, then each change of it."""
    files = (path for one in PACKAGES for path in (ROOT / "doodle_core" / one).rglob("*.py"))
    chosen = sorted(path for path in files if path.is_relative_to((ROOT / only).resolve()))
    lines = [(path, found) for path in chosen for found in candidates(path)]
    chance, drawn = random.Random(seed), []
    for path, found in chance.sample(lines, len(lines)):
        mutant = mutated(path, *chance.choice(found))
        with contextlib.suppress(SyntaxError):
            compile(mutant.source, mutant.path, "exec")
            drawn += [mutant] if mutant.new != mutant.old else []  # two alike were exchanged
        if len(drawn) == count:
            break
    return drawn


# --- trying them ---------------------------------------------------------------------------------


def working_copy(folder: Path) -> Path:
    """A clone of this repository with the working tree's own changes."""
    subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
    listing = ["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).unlink(missing_ok=True)
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, folder / name)
    return folder


def own_tests(path: Path) -> list[str]:
    """The tests of a module, where it mirrors, then those that import it."""
    inside = path.with_suffix("").parts[1:]
    dotted, package = (".".join(("doodle_core", *part)) for part in (inside, inside[:-1]))
    folder = ROOT.joinpath("tests", *inside[:-1])
    ranked = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        names = set()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names |= {node.module} | {f"{node.module}.{one.name}" for one in node.names}
        if file == folder / f"test_{inside[-1]}.py":
            ranked.append((0, file))
        elif dotted in names or (file.parent == folder and package in names):
            ranked.append((1, file))
    return [str(file.relative_to(ROOT)) for _, file in sorted(ranked)]


def killer(program: Path, tests: list[str]) -> str:
    """What fails first in a copy, or "" where all pass. No tests: all that `make test` runs."""
    command = [sys.executable, "-m", "pytest", "-x", *tests, *["-n", "0"] * bool(tests)]
    environment = os.environ | {"TMPDIR": str(program.parent)}
    environment.pop("DOODLE_HOME", None)
    child = subprocess.Popen(
        command,
        cwd=program,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        env=environment,
    )
    try:
        said, _ = child.communicate(timeout=PATIENCE[not tests])
    except subprocess.TimeoutExpired:
        return "(no end)"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)
    return "" if child.returncode == 0 else failed[1] if failed else "(cannot start)"


def attempt(mutant: Mutant, program: Path, quick: bool, number: int) -> str:
    """`killer` of a mutant in a copy, which is as before afterwards."""
    file, tests = program / mutant.path, own_tests(mutant.path)
    before = file.read_bytes()
    try:
        file.write_text(mutant.source, "utf-8")
        os.utime(file, (number, number))  # a compiled file goes by the time, in whole seconds
        found = killer(program, tests) if tests else ""
        return found if found or quick else killer(program, [])
    finally:
        file.write_bytes(before)


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--count", type=int, default=100)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", default=".", help="a folder or file to draw from")
    options.add_argument("--quick", action="store_true", help="the modules' own tests alone")
    chosen = options.parse_args()
    results: dict[str, list[bool]] = {}
    with tempfile.TemporaryDirectory(prefix="doodle-mutants-") as folder:
        program = working_copy(Path(folder, "program"))
        if not chosen.quick and (found := killer(program, [])):
            print(f"Without any mutant a test fails: {found}.")
            return 1
        for number, mutant in enumerate(draw(chosen.count, chosen.seed, chosen.only), 1):
            found = attempt(mutant, program, chosen.quick, number)
            for name in (mutant.path.parts[1], "all"):
                results.setdefault(name, []).append(bool(found))
            print(f"{'killed  ' if found else 'SURVIVED'} {mutant.path}:{mutant.line}  {found}")
            print(f"    - {mutant.old[:150]}\n    + {mutant.new[:150]}", flush=True)
    print("Killed by", "the modules' own tests:" if chosen.quick else "the default run:")
    for name, kills in sorted(results.items()):
        share = Share.of(sum(kills), len(kills)).text
        print(f"{name:12} {sum(kills):4} of {len(kills):4}  {share}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
