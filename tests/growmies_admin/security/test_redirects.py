"""Whatever a request says about where to go next, it leads to a path of this site."""

import pytest
from django.test import RequestFactory

from monitoring.ui.redirects import is_path_of_ours, page_of

PASSWORD = "correct horse battery"
ELSEWHERE = [
    "http://127.0.0.1/",
    "http://localhost/",
    "//localhost/",
    "http://[::1]/",
    "http://testserver/queue/",
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\n//evil.example/",
    "/\r\n/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://[",
    "//[",
    "queue/",
    "/" + "a" * 3_000,
    "",
]


@pytest.mark.parametrize(
    "target", ["/", "/queue/?tab=open&q=a//b", "/queue/17/#facts", "/a%2F%2Fb"]
)
def test_a_path_of_ours(target):
    assert is_path_of_ours(target)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_anything_else(target):
    assert not is_path_of_ours(target)


def test_it_works(client, staff):
    staff("moderator", username="ada")
    facts = {"login": "ada", "password": PASSWORD, "next": "/kpis/?a=1"}
    assert client.post("/accounts/login/", facts)["Location"] == "/kpis/?a=1"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_sign_in_stays_here(client, staff, target):
    staff("moderator", username="ada")
    facts = {"login": "ada", "password": PASSWORD, "next": target}
    assert client.post("/accounts/login/", facts)["Location"] == "/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_sign_out_stays_here(sign_in, staff, target):
    answer = sign_in(staff("moderator")).post("/accounts/logout/", {"next": target})
    assert answer["Location"] == "/accounts/login/"


@pytest.mark.parametrize(
    ("said", "page"),
    [
        ("http://testserver/queue/?tab=open", "/queue/?tab=open"),
        ("https://testserver/queue/", "/queue/"),
        ("http://evil.example/queue/", ""),
        ("http://testserver//evil.example/", ""),
        ("http://testserver/\\evil.example/", ""),
        ("http://[", ""),
        ("/queue/", ""),
        ("", ""),
    ],
)
def test_the_page_of_a_partial(said, page):
    request = RequestFactory().get("/queue/rows/", headers={"HX-Current-URL": said})
    assert page_of(request) == page


@pytest.mark.parametrize(
    "said", ["http://[", "http://testserver//evil.example/", "//evil.example/"]
)
def test_a_partial_leads_to_the_sign_in_and_back_to_the_start(client, db, said):
    headers = {"HX-Request": "true", "HX-Current-URL": said}
    answer = client.get("/queue/rows/", headers=headers)
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/accounts/login/?next=/")
