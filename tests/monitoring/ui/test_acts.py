"""Forms of acts: read once, and what no page of ours sent is refused before anything happens."""

import pytest
from django import forms

from monitoring.refusals import Refusal
from monitoring.ui import acts, params


class Move(acts.Act):
    to = forms.ChoiceField(choices=[("left", "Left"), ("right", "Right")])
    note = acts.Words()
    after = acts.Whole(required=False)


def read(rf, **fields):
    return acts.read(Move, rf.post("/", fields))


def test_it_works(rf):
    said = read(rf, version="3", to="left", note=" As it was written. ", after="17")
    assert said == {"version": 3, "to": "left", "note": " As it was written. ", "after": 17}


def test_what_may_be_left_out(rf):
    assert read(rf, version="0", to="right") == {
        "version": 0,
        "to": "right",
        "note": "",
        "after": None,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "left"},
        {"version": "", "to": "left"},
        {"version": "-1", "to": "left"},
        {"version": "+1", "to": "left"},
        {"version": "1.0", "to": "left"},
        {"version": "1 ", "to": "left"},
        {"version": "١", "to": "left"},
        {"version": str(params.VERSION + 1), "to": "left"},
        {"version": "9" * 5000, "to": "left"},
        {"version": "1"},
        {"version": "1", "to": "up"},
        {"version": "1", "to": "left", "note": "a\x00b"},
        {"version": "1", "to": "left", "after": "x"},
    ],
)
def test_a_damaged_form(rf, fields):
    with pytest.raises(Refusal) as refused:
        read(rf, **fields)
    assert (refused.value.code, refused.value.status) == ("damaged", 422)


class Choose(forms.Form):
    rows = acts.Ticked()
    after = acts.Whole(required=False)
    note = acts.Words()


def test_what_was_ticked_is_numbers(rf):
    asked = rf.post("/", {"rows": ["3", "x", "", "1", "9" * 5000]})
    assert acts.read(Choose, asked)["rows"] == [3, 1]
    assert acts.read(Choose, rf.post("/", {}))["rows"] == []


def test_what_does_not_fit_is_none_where_the_act_says_what_it_lacks(rf):
    asked = rf.post("/", {"rows": "2", "after": "x", "note": "a\x00b"})
    assert acts.what_fits(Choose, asked) == {"rows": [2], "after": None, "note": None}
    assert acts.what_fits(Choose, rf.get("/")) == {"rows": [], "after": None, "note": ""}
