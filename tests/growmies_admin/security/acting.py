"""Acts of the site, one recipe each: what it takes, who posts what where, which entry it leaves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse

from monitoring.ui.routes import all_routes

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Act:
    """One request that does something."""

    client: Client
    url: str
    form: Any = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """`prepare(house)` gives the Act; afterwards the trail has an entry of this action."""

    route: str
    action: str
    prepare: Callable[["House"], Act]

    @property
    def name(self) -> str:
        return f"{self.route}-{self.prepare.__name__}"


class House:
    """What recipes are made with: the fixtures by name, and people who are signed in."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._people: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return self._request.getfixturevalue(name)

    def person(self, role: str, username: str = "") -> Any:
        name = username or role
        if name not in self._people:
            self._people[name] = self.staff(role, username=name)
        return self._people[name]

    def signed_in(self, person: Any) -> Client:
        client = Client()
        client.force_login(person, backend=BACKEND)
        return client

    def act(self, role: str, route: str, *arguments: Any, **form: Any) -> Act:
        client = self.signed_in(self.person(role))
        return Act(client, reverse(route, args=arguments), form)


RECIPES: list[Recipe] = []


def leaves(route: str, action: str) -> Callable[[Callable[[House], Act]], Callable[[House], Act]]:
    """Registers a recipe: `@leaves("queue_claim", "verification.claimed")`."""

    def register(prepare: Callable[[House], Act]) -> Callable[[House], Act]:
        RECIPES.append(Recipe(route, action, prepare))
        return prepare

    return register


def routes() -> dict[str, set[str]]:
    """Every route that takes a method that may change something: its name (its path when it has
    none) -> those methods. A view that names no methods takes all."""
    found = {}
    for route in all_routes():
        if methods := _methods(route.view):
            found[route.name or route.template.removeprefix("/")] = methods
    return found


def _methods(view: Any) -> set[str]:
    """Those that its class has, or its decorators name, in however many wrappers."""
    allowed, seen, todo = UNSAFE, set(), [view]
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if hasattr(one, "view_class"):
            kind = one.view_class
            allowed = allowed & {n.upper() for n in kind.http_method_names if hasattr(kind, n)}
        names = getattr(getattr(one, "__code__", None), "co_freevars", ())
        for name, cell in zip(names, getattr(one, "__closure__", None) or (), strict=True):
            if name == "request_method_list":
                allowed = allowed & set(cell.cell_contents)
            elif callable(cell.cell_contents):
                todo.append(cell.cell_contents)
        todo += [one.__wrapped__] if hasattr(one, "__wrapped__") else []
    return allowed
