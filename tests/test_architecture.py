"""The import direction of docs/architecture.md, and what the core may never load."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "whitelight"
BASE = {"errors", "files", "locking", "markup", "origin", "progress", "workers"}
HEAR = {"ontology", "music", "audio", "catalog", "dataset", "encoders", "scoring"}
ALLOWED = {
    "errors": set(),
    "progress": set(),
    "files": {"errors"},
    "markup": set(),
    "workers": {"errors"},
    "locking": {"errors"},
    "origin": {"errors", "files"},
    "ontology": BASE,
    "music": BASE,
    "audio": BASE | {"music"},
    "catalog": BASE | {"ontology", "music", "audio"},
    "dataset": BASE | {"ontology", "music", "audio", "catalog"},
    "encoders": BASE | {"ontology", "music", "audio", "catalog", "dataset"},
    "scoring": BASE | {"ontology", "music", "audio", "catalog", "dataset", "encoders"},
    "registry": BASE | {"scoring"},
    "reporting": BASE | {"ontology", "music"},
    "training": BASE | HEAR | {"reporting"},
    "ideas": BASE | {"ontology", "music", "audio", "catalog"},
    "composition": BASE | HEAR,
    "studio": BASE | HEAR | {"composition"},
    "demo": BASE | HEAR | {"reporting", "training", "composition"},
    "pipeline": BASE | HEAR | {"training", "composition", "demo"},
    "__main__": {"cli"},
    "cli": BASE | HEAR | {"registry", "training", "ideas", "composition", "studio", "demo", "pipeline"},
}
HEAVY = {
    "scipy",
    "torch",
    "transformers",
    "librosa",
    "ray",
    "mlflow",
    "sklearn",
    "lightning",
    "onnx",
    "onnxscript",
    "pandas",
}
WEB = {"fastapi", "starlette", "uvicorn"}  # the studio's own, loaded by its command


ALONE = {  # the one module that needs it, loaded when it is asked for
    "dataset/ray_engine.py": {"ray"},
    "encoders/pretrained.py": {"torch", "transformers"},
    "encoders/bert_graph.py": {"onnx"},
}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_names(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((name, node.lineno) for name in names)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_left(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        assert not list(imported_names(path))
        return
    for name, line in imported_names(path):
        parts = name.split(".")
        if parts[0] != "whitelight" or parts[1] == "__version__":
            continue
        assert parts[1] == room or parts[1] in ALLOWED[room], f"{path.name}:{line}: {room} must not import {parts[1]}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_torch_and_its_friends_stay_in_training(path: Path) -> None:
    if room_of(path) != "training":
        heavy = {name.split(".")[0] for name, _ in imported_names(path)} & HEAVY
        heavy -= ALONE.get(path.relative_to(SOURCE).as_posix(), set())
        assert not heavy, f"{path.name} imports {heavy}; only whitelight.training may"


@pytest.mark.parametrize("name", sorted(name for name in ALONE if name.startswith("encoders/")))
def test_encoders_load_their_models_inside_a_function(name: str) -> None:
    tree = ast.parse((SOURCE / name).read_text())
    inside = [node for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)]
    everywhere = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    heavy = {
        alias.name.split(".")[0]
        for node in everywhere
        if node not in inside
        for alias in (node.names if isinstance(node, ast.Import) else [ast.alias(str(node.module))])
    }
    assert not heavy & HEAVY
    assert ALONE[name] <= {alias.name for node in inside if isinstance(node, ast.Import) for alias in node.names}


def test_core_imports_without_torch() -> None:
    rooms = [
        "ontology",
        "music",
        "audio",
        "catalog",
        "dataset",
        "encoders",
        "scoring",
        "registry",
        "ideas",
        "composition",
        "cli.main",
    ]
    code = "\n".join(f"import whitelight.{room}" for room in rooms)
    code += f"\nimport sys; bad = {HEAVY | WEB!r} & set(sys.modules); sys.exit(f'loaded: {{bad}}' if bad else 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def docstrings(tree: ast.AST) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                found.add(id(body[0].value))
    return found


def test_no_module_names_a_color_or_a_mode() -> None:
    from whitelight.ontology import load_ontology

    forbidden = set()
    for name in ("rainbow", "emopia"):
        ontology = load_ontology(name)
        forbidden |= {c.name.casefold() for c in ontology.classes} | {m for axis in ontology.axes for m in axis.modes}
        forbidden |= {axis.name for axis in ontology.axes}
    forbidden -= {"low", "high"}  # modes of one ontology, and the ends of any range
    for path in modules():
        tree = ast.parse(path.read_text())
        skip = docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skip:
                assert node.value.casefold() not in forbidden, f"{path.name}:{node.lineno} names {node.value!r}"


def test_modules_stay_small() -> None:
    long = {str(p.relative_to(SOURCE)): n for p in modules() if (n := len(p.read_text().splitlines())) > 400}
    assert not long, f"look for the seam in {long}"
