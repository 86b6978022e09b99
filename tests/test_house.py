"""The rules of this code that no linter knows: size, names, texts, reasons, imports and tests.

A rule looks at the syntax tree of every module and returns each place that breaks it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cc_async"
TESTS = ROOT / "tests"

MAX_FILES = 20
"""Files in one folder: more are not seen at once."""

MAX_LINES = 350
"""Lines of one module."""

LONG_MODULES = {"errors.py": "the whole tree of errors is read in one place"}
"""Modules that may be longer, and why."""

MAX_PARAMETERS = 10
"""Parameters of one function, without `self` and `cls`."""

RELATIVE = re.compile(r"\b(?:who|which|what|whose|whoever|whatever)\b", re.IGNORECASE)
MAX_RELATIVE = 6
"""Relative words in 1,000 words of docstring: plain sentences need few."""

VAGUE = re.compile(
    r"\b(?:somebody|anybody|nobody|everybody|everyone|whoever|whomever|whom)\b", re.IGNORECASE
)
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")

TESTED_SHARE = 0.9
"""Share of the modules that have a test file of their name."""

RESOURCES = frozenset(
    {"_account.py", "_activities.py", "_contacts.py", "_custom_fields.py", "_lists.py", "_tags.py"}
)
ROOM_FILES = frozenset({"_options.py", "_journal.py", "_jobs.py"})
"""File names that several rooms may have: a resource's name, and parts that rooms have alike."""

MAX_SHARED_NAMES = 5
"""File names, and names of classes and functions, that stand for several things."""


class Module:
    """One module of the package, parsed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(PACKAGE).as_posix()
        self.text = path.read_text()
        self.lines = self.text.splitlines()
        self.tree = ast.parse(self.text)

    @property
    def dotted(self) -> str:
        return f"cc_async.{self.name.removesuffix('.py').replace('/', '.')}".removesuffix(
            ".__init__"
        )

    @property
    def is_private(self) -> bool:
        parts = Path(self.name).parts
        return any(part.startswith("_") and not part.startswith("__") for part in parts)

    def at(self, node: ast.AST, text: str) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 1)}: {text}"

    def docstrings(self) -> Iterator[ast.Constant]:
        """Yield the docstrings, and the strings that stand below constants."""
        for node in ast.walk(self.tree):
            match node:
                case ast.Expr(value=ast.Constant(value=str()) as text):
                    yield text


MODULES = [Module(path) for path in sorted(PACKAGE.rglob("*.py"))]
Rule = Callable[[list[Module]], list[str]]


def is_number(node: ast.expr | None) -> bool:
    """Whether *node* is a number, a duration, or a collection of nothing else."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case ast.UnaryOp(operand=operand):
            return is_number(operand)
        case ast.BinOp(left=left, right=right):
            return is_number(left) and is_number(right)
        case ast.Call(func=func, args=args, keywords=keywords):
            values = [*args, *(keyword.value for keyword in keywords)]
            names = ("timedelta", "dt.timedelta", "frozenset", "range", "float")
            return ast.unparse(func) in names and bool(values) and all(map(is_number, values))
        case ast.Dict(values=values):
            return bool(values) and all(map(is_number, values))
        case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
            return bool(values) and all(map(is_number, values))
    return False


def constants_without_reason(modules: list[Module]) -> list[str]:
    """A number that tunes something has a reason: a comment above or beside it, a string below."""
    found = []
    for module in modules:
        body = module.tree.body
        for node, after in zip(body, [*body[1:], None], strict=True):
            if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not is_number(node.value):
                continue
            text_below = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            above = module.lines[node.lineno - 2].strip() if node.lineno > 1 else ""
            beside = "  # " in module.lines[node.lineno - 1] + module.lines[node.end_lineno - 1]
            if not (text_below or above.startswith("#") or beside):
                found.append(module.at(node, f"{ast.unparse(node)[:60]} has no reason"))
    return found


def vague_words(modules: list[Module]) -> list[str]:
    """Docstrings and messages name the party: the caller, the user, the contact, a process."""
    found = []
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found += [module.at(node, repr(word)) for word in VAGUE.findall(node.value)]
    return found


def relative_words(modules: list[Module]) -> list[str]:
    """Docstrings are plain sentences with few relative clauses."""
    words, found = 0, list[str]()
    for module in modules:
        for node in module.docstrings():
            words += len(WORD.findall(text := str(node.value)))
            for number, line in enumerate(text.splitlines(), node.lineno):
                hits = RELATIVE.findall(line)
                found += [f"{module.name}:{number}: {word}: {line.strip()}" for word in hits]
    allowed = -(-words * MAX_RELATIVE // 1_000)
    if len(found) <= allowed:
        return []
    return [f"{len(found)} relative words in {words} words, {allowed} are allowed", *found]


def crowded_folders(modules: list[Module]) -> list[str]:
    """A folder is small enough to see at once."""
    folders = sorted({module.path.parent for module in modules} - {PACKAGE})
    counts = {folder: sum(path.is_file() for path in folder.iterdir()) for folder in folders}
    return [
        f"{folder.relative_to(ROOT)}: {count} files"
        for folder, count in counts.items()
        if count > MAX_FILES
    ]


def long_modules(modules: list[Module]) -> list[str]:
    """A module is read in one sitting."""
    return [
        f"{module.name}: {len(module.lines)} lines"
        for module in modules
        if len(module.lines) > MAX_LINES and module.name not in LONG_MODULES
    ]


def many_parameters(modules: list[Module]) -> list[str]:
    """A function has few parameters; arguments that belong together are one value."""
    found = []
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                spec = node.args
                given = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
                names = [arg.arg for arg in given if arg and arg.arg not in ("self", "cls")]
                if len(names) > MAX_PARAMETERS:
                    found.append(module.at(node, f"{node.name} has {len(names)} parameters"))
    return found


def private_doors(modules: list[Module]) -> list[str]:
    """A private module has no `__all__`: the underscore says it."""
    return [
        module.at(node, "__all__ in a private module")
        for module in modules
        if module.is_private and not module.name.endswith("__init__.py")
        for node in module.tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]


def path_of_tests(module: Module) -> Path:
    """Return the file with the tests of *module*."""
    path = Path(module.name)
    return TESTS / path.with_name(f"test_{path.name.removeprefix('_')}")


def untested_modules(modules: list[Module]) -> list[str]:
    """The tests of a module are in a file of its name."""
    asked = [module for module in modules if not module.path.name.startswith("__")]
    missing = [module for module in asked if not path_of_tests(module).exists()]
    allowed = max(1, round(len(asked) * (1 - TESTED_SHARE)))
    if len(missing) <= allowed:
        return []
    return [
        f"{len(missing)} of {len(asked)} modules have no test of their name, {allowed} may",
        *(f"{module.name}: no {path_of_tests(module).relative_to(ROOT)}" for module in missing),
    ]


def shared_file_names(modules: list[Module]) -> list[str]:
    """The name of a file tells the room."""
    found = defaultdict(list)
    for module in modules:
        found[module.path.name].append(module.name)
    names = {name for name in found if not name.startswith("__")} - RESOURCES - ROOM_FILES
    return above_limit({name: found[name] for name in names})


def shared_names(modules: list[Module]) -> list[str]:
    """A public name means one thing in the whole package."""
    found = defaultdict(list)
    for module in modules:
        for node in module.tree.body:
            match node:
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                    found[name].append(module.name)
                case ast.AsyncFunctionDef(name=name):
                    found[name].append(module.name)
    return above_limit({name: places for name, places in found.items() if name[0] != "_"})


def above_limit(found: dict[str, list[str]]) -> list[str]:
    shared = [f"{name}: {', '.join(places)}" for name, places in found.items() if len(places) > 1]
    return sorted(shared) if len(shared) > MAX_SHARED_NAMES else []


RULES: list[Rule] = [
    constants_without_reason, vague_words, relative_words, crowded_folders, long_modules,
    many_parameters, private_doors, untested_modules, shared_file_names, shared_names,
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    """Nothing in the package breaks a rule."""
    assert rule(MODULES) == []


def imports_of(module: Module, names: set[str]) -> Iterator[str]:
    """Yield the modules that *module* imports, in functions and for types too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module in names:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & names
            yield from inside or {node.module}


def find_cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that reach each other."""
    reached = {name: set[str]() for name in graph}
    for name, found in reached.items():
        waiting = [name]
        while waiting:
            new = graph[waiting.pop()] - found
            found |= new
            waiting += new
    groups = {
        frozenset(other for other in found if name in reached[other])
        for name, found in reached.items()
        if name in found
    }
    return sorted(map(sorted, groups))


def test_no_modules_import_each_other() -> None:
    """There is no import cycle, those for types alone and inside functions counted."""
    names = {module.dotted for module in MODULES}
    graph = {module.dotted: set(imports_of(module, names)) for module in MODULES}
    assert find_cycles(graph) == []
