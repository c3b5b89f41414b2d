"""The documentation names what the code has."""

import ast
import os
import re
from pathlib import Path

from django.apps import apps
from django.urls import URLResolver, get_resolver
from prometheus_client import REGISTRY

from compliance.desk import kinds
from compliance.verification.states import MOVES
from monitoring.incidents.states import MOVES as INCIDENT_MOVES
from monitoring.kpis import registry, words
from monitoring.maintenance import registry as job_registry
from monitoring.metrics.families import FIGURES
from monitoring.panels.registry import all_panels
from monitoring.ui.words import duration
from tests.docs.reading import REPOSITORY, rows

PACKAGES = ("growmies_admin", "compliance", "monitoring")
READS_ENVIRONMENT = (
    "growmies_admin/settings.py",
    "growmies_admin/stack/*.py",
    "growmies_admin/practice/config.py",
    "monitoring/metrics/worker.py",
)
# Audit actions that end in a value: what it can be.
FORMATTED = {
    "verification.": ("approved", "denied", "more_requested"),
    "job.": ("succeeded", "failed", "lost"),
}
NOT_OURS = {".git", ".venv", "var", "test-results", "staticfiles", ".hypothesis"}
FORBIDDEN = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com"]
FORBIDDEN += ["yarn" + "pkg.com", "/work" + "/"]


def calls(*patterns: str) -> list[ast.Call]:
    paths = [path for pattern in patterns for path in REPOSITORY.glob(pattern)]
    trees = [ast.parse(path.read_text()) for path in paths]
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_every_variable_of_the_environment():
    read = {
        argument.value
        for call in calls(*READS_ENVIRONMENT)
        for argument in call.args[:2]
        if isinstance(argument, ast.Constant)
        and re.fullmatch(r"[A-Z]+(_[A-Z]+)+", str(argument.value))
    }
    assert read >= {"DATABASE_URL", "GROWMIES_NO_APT", "PRACTICE_PORT", "TEST_REDIS_URL"}
    # Kept in secrets.env, no variables.
    secrets = {"POSTGRES_PASSWORD", "VALKEY_PASSWORD", "VALKEY_EXPORTER_PASSWORD"}
    assert read - secrets - rows("operations.md").keys() == set()


def test_every_table_of_the_database():
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert "audit_entry" in tables
    assert tables - rows("operations.md").keys() == set()


def test_every_metric_with_its_labels():
    import growmies_admin.urls  # noqa: F401 - registers what only views import

    found = {
        name: set(labels)
        for figures in FIGURES.values()
        for name, (_, labels, _) in figures.items()
    }
    for family in REGISTRY.collect():
        if not family.name.startswith(("python_", "process_")):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] = {label for sample in family.samples for label in sample.labels} - {"le"}
    assert {"age_verification_total", "health_check_up", "effects_open"} <= found.keys()
    described = rows("metrics.md")
    assert found.keys() - described.keys() == set()
    for name, labels in found.items():
        missing = [label for label in labels if f"`{label}`" not in "".join(described[name])]
        assert not missing, f"{name}: {missing}"


def test_every_job_and_pulse():
    described = rows("maintenance.md")
    for job in job_registry.all_jobs():
        assert job.schedule_words in described[job.name]
        assert not job.runbook or (REPOSITORY / job.runbook).is_file()
    assert {pulse.name for pulse in job_registry.all_pulses()} - described.keys() == set()


def test_every_panel():
    described = rows("boards.md")
    for panel in all_panels():
        shown = described[panel.slug]
        assert [duration(panel.refresh), duration(panel.stale_after)] == shown[3:5], panel.slug


def test_every_kpi():
    described = rows("kpis.md")
    for kpi in registry.all_kpis():
        target = words.targets(kpi).removeprefix("Target ").replace("No target set", "none")
        facts = [kpi.title, kpi.definition, kpi.formula, kpi.source, target]
        assert described[kpi.slug][1:] == facts


def test_every_state_and_move():
    described = rows("verification.md")
    for state, moves in MOVES.items():
        assert set(re.findall(r"`(\w+)`", described[state][2])) == moves, state


def test_every_state_and_move_of_an_incident():
    described = rows("incidents.md")
    for state, moves in INCIDENT_MOVES.items():
        assert set(re.findall(r"`(\w+)`", described[state][2])) == moves, state


def test_every_url():
    def walk(resolver: URLResolver, prefix: str) -> list[str]:
        found = []
        for one in resolver.url_patterns:
            path = prefix + str(one.pattern)
            found += walk(one, path) if isinstance(one, URLResolver) else [path]
        return found

    paths = {re.sub(r"<\w+:(\w+)>", r"<\1>", path) for path in walk(get_resolver(), "/")}
    ours = {path for path in paths if not path.startswith(("/accounts/", "/django-admin/"))}
    assert "/queue/<request_id>/approve/" in ours
    assert ours == {path for path in rows("urls.md") if path.startswith("/")} - {
        "/accounts/…",
        "/django-admin/…",
    }


def test_every_audit_action():
    found = set()
    for call in calls(*(f"{package}/**/*.py" for package in PACKAGES)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in {"record", "_record", "_finish"}:
            for argument in call.args:
                if isinstance(argument, ast.JoinedStr):
                    beginning = getattr(argument.values[0], "value", "")
                    if re.fullmatch(r"[a-z]+\.", str(beginning)):
                        found |= {beginning + end for end in FORMATTED[beginning]}
                elif re.fullmatch(r"[a-z]+\.[a-z_]+", str(getattr(argument, "value", ""))):
                    found.add(argument.value)
    found |= {
        f"{kind.audit}.{act}"
        for kind in kinds.every()
        for act in ("claimed", "released")
        if "_" not in kind.audit
    }
    assert {"verification.approved", "effect.failed", "job.lost", "staff.invited"} <= found
    documented = {name for name in rows("audit.md") if re.fullmatch(r"[a-z]+\.[a-z_]+", name)}
    assert found == documented


def files() -> list[Path]:
    found = []
    for folder, folders, names in os.walk(REPOSITORY):
        folders[:] = [
            name
            for name in folders
            if name not in NOT_OURS and not name.endswith("_cache") and name != "__pycache__"
        ]
        found += [Path(folder) / name for name in names if name != ".git"]
    return found


def test_links_lead_somewhere():
    broken = []
    for page in files():
        if page.suffix == ".md":
            links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
            inside = [link for link in links if "://" not in link and "screenshots/" not in link]
            broken += [f"{page}: {link}" for link in inside if not (page.parent / link).exists()]
    assert not broken


def test_no_file_names_a_package_registry_or_a_machine():
    found = [
        f"{path.relative_to(REPOSITORY)}: {word}"
        for path in files()
        for word in FORBIDDEN
        if word.encode() in path.read_bytes()
    ]
    assert not found


def test_no_file_cites_what_is_not_here():
    """The operations guide is explained in guide-differences.md; elsewhere facts speak."""
    absent = re.compile("contract" + r"\.md|\bthe guide(?:'s)?\b|\bGuide, \"", re.IGNORECASE)
    found = [
        f"{path.relative_to(REPOSITORY)}: {match.group()}"
        for path in files()
        if path.suffix in {".py", ".md", ".yml", ".html", ".js", ".toml"}
        and path.name not in {"guide-differences.md", "test_docs.py"}
        and "vendor" not in path.parts
        for match in absent.finditer(path.read_text())
    ]
    assert not found


def test_every_file_that_contributing_names_is_there():
    text = (REPOSITORY / "CONTRIBUTING.md").read_text()
    named = re.findall(r"`((?:\w[\w.-]*/)+[\w.-]*)`", text)
    missing = [name for name in named if "NAME" not in name and not (REPOSITORY / name).exists()]
    assert len(named) > 50 and not missing


def test_no_test_imports_another():
    """What tests share stands in a conftest or a module of its own."""
    importing = re.compile(r"^(?:from|import) tests\.\S*\btest_\w+", re.M)
    places = [
        *(REPOSITORY / "tests").rglob("*.py"),
        *(REPOSITORY / "monitoring").rglob("test_*.py"),
    ]
    assert len(places) > 300
    assert [str(path) for path in places if importing.search(path.read_text())] == []
