"""One's own keys: changed, refused when two acts want one, switched off, set back."""

import pytest
from django.db import IntegrityError

from growmies_admin.accounts import keys
from growmies_admin.accounts.models import KeyChoice

pytestmark = pytest.mark.django_db


def form(**changed):
    wanted = {f"key_{act}": key for act, key in keys.DEFAULTS.items()}
    wanted |= {f"key_{act}": key for act, key in changed.items()}
    return wanted | {"single_keys": "on", "grey_first": "on", "act": "keep"}


def test_it_works(ada, sign_in):
    answer = sign_in(ada).post("/account/keys/", form(approve="y", reveal="Enter", open=" "))
    assert answer.status_code == 302
    mine = keys.of(ada)
    assert (mine["approve"], mine["reveal"], mine["open"]) == ("y", "enter", "space")
    assert mine["deny"] == "d"


def test_two_acts_want_one_key(ada, sign_in):
    answer = sign_in(ada).post("/account/keys/", form(approve="D"))
    assert answer.status_code == 422
    assert "“D” already does" in answer.content.decode()
    assert keys.of(ada) == keys.DEFAULTS


@pytest.mark.parametrize("key", ["", "1", "ab", "escape", "\x00", "²"])
def test_what_no_key_can_be(ada, sign_in, key):
    answer = sign_in(ada).post("/account/keys/", form(approve=key))
    assert answer.status_code == 422
    assert not KeyChoice.objects.exists()


def test_two_may_change_places(ada):
    keys.choose(ada, dict(keys.DEFAULTS) | {"approve": "d", "deny": "a"})
    assert (keys.of(ada)["approve"], keys.of(ada)["deny"]) == ("d", "a")


def test_set_back(ada, sign_in):
    keys.choose(ada, dict(keys.DEFAULTS) | {"approve": "y"})
    sign_in(ada).post("/account/keys/", {"act": "reset"})
    assert keys.of(ada) == keys.DEFAULTS


def test_switched_off(ada, sign_in):
    off = form()
    del off["single_keys"], off["grey_first"]
    page = sign_in(ada).post("/account/keys/", off, follow=True)
    ada.refresh_from_db()
    assert (ada.single_keys, ada.grey_first) == (False, False)
    assert 'class="no-keys"' in page.content.decode()


def test_one_persons_keys_are_not_anothers(ada, staff):
    keys.choose(ada, dict(keys.DEFAULTS) | {"approve": "y"})
    assert keys.of(staff("moderator", username="bo")) == keys.DEFAULTS


@pytest.mark.parametrize("second", [("approve", "y"), ("deny", "x"), ("more", "5"), ("more", "A")])
def test_the_database_holds_one_key_an_act_and_one_act_a_key(ada, second):
    KeyChoice.objects.create(staff=ada, act="approve", key="x")
    with pytest.raises(IntegrityError):
        KeyChoice.objects.create(staff=ada, act=second[0], key=second[1])
