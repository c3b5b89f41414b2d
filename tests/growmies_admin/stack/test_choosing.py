"""`./dev test --quick` finds the tests that are about a change."""

from growmies_admin.stack import choosing


def of(*paths):
    return choosing.tests_of(paths)


def test_it_works():
    found = of("monitoring/ui/paging.py")
    assert found[0] == "tests/monitoring/ui/test_paging.py"
    assert "tests/monitoring/uptime/test_probing.py" not in found


def test_tests_that_import_the_module_are_about_it():
    found = of("compliance/verification/claims.py")
    assert "tests/compliance/desk/test_claims_end.py" in found
    assert "tests/compliance/desk/test_claim_next_together.py" in found


def test_a_test_is_about_itself():
    name = "tests/monitoring/ui/test_paging.py"
    assert of(name) == [name]


def test_what_tests_share_stands_for_all_of_its_folder():
    found = of("tests/monitoring/incidents/conftest.py")
    assert "tests/monitoring/incidents/test_moving.py" in found
    assert all(name.startswith("tests/monitoring/incidents/") for name in found)


def test_the_tests_of_a_channel_lie_in_its_folder():
    folder = "monitoring/delivery/transports/matrix"
    assert of(f"{folder}/settings.py")[0] == f"{folder}/tests/test_matrix.py"


def test_a_template_is_about_the_pages_of_its_room():
    assert "tests/monitoring/alerts/test_pages.py" in of("templates/alerts/_row.html")


def test_a_document_is_held_by_the_tests_of_documents():
    assert any(name.startswith("tests/docs/") for name in of("docs/urls.md"))


def test_no_slow_test_and_never_too_many():
    found = of("monitoring/policy.py", "compliance/policy.py", "conftest.py")
    assert len(found) == choosing.AT_MOST
    assert not any(name.startswith(("tests/e2e", "tests/faults", "tests/bench")) for name in found)


def test_what_changed_is_found_in_a_branch_and_on_main(monkeypatch):
    asked = {
        ("rev-parse", "HEAD"): ["b"],
        ("rev-parse", "--verify", "-q", "main"): ["a"],
        ("merge-base", "HEAD", "main"): ["a"],
        ("diff", "--name-only", "a"): ["x.py"],
        ("diff", "--name-only", "HEAD~1"): ["last.py"],
        ("ls-files", "--others", "--exclude-standard"): ["new.py"],
    }
    monkeypatch.setattr(choosing, "_git", lambda *arguments: asked[arguments])
    assert choosing.changed() == ["new.py", "x.py"]
    asked["rev-parse", "HEAD"] = ["a"]
    assert choosing.changed() == ["last.py", "new.py"]
