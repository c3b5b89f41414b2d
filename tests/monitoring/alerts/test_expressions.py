"""What of a rule's PromQL is drawn."""

import pytest

from monitoring.alerts.expressions import branches, drawable


@pytest.mark.parametrize(
    ("expression", "promql", "limit"),
    [
        ('up{job="discord-bot"} == 0', 'up{job="discord-bot"}', 0.0),
        ("a:rate5m > 0.1", "a:rate5m", 0.1),
        ('up{job="a"} == 0 or absent(up{job="a"})', 'up{job="a"}', 0.0),
        ("a / b > 0.8 and on() c > 1", "a / b", 0.8),
        ("x > 800 * 1000 * 1000", "x", 8e8),
        ("x > 2.5 / 900", "x", 2.5 / 900),
        ("(sum(rate(a[5m])) > 3)", "sum(rate(a[5m]))", 3.0),
        ('a{b=">1"} >= 5 # why', 'a{b=">1"}', 5.0),
        ("x > bool 1", "x", 1.0),
        ("time() - last > 3600", "time() - last", 3600.0),
        ("a < b", "a < b", None),
        ("absent(up)", "absent(up)", None),
        ("vector(1)", "vector(1)", None),
        ("orders_total > 4", "orders_total", 4.0),
        ("a > (2 - 1) * -0.5", "a", -0.5),
        ("a > 1 / 0", "a > 1 / 0", None),
        ("a > Inf", "a > Inf", None),
        ('a{b=~"x\\\\.y|\\"or\\""} > 5', 'a{b=~"x\\\\.y|\\"or\\""}', 5.0),
        ("a > on (b) (1)", "a > on (b) (1)", None),
        ("newer_than_the_parser(up) > 1", "newer_than_the_parser(up) > 1", None),
    ],
)
def test_it_works(expression, promql, limit):
    found = drawable(expression)
    assert (found.promql, found.limit) == (promql, limit)


@pytest.mark.parametrize(
    ("expression", "conditions"),
    [
        ("a > 1", ["a > 1"]),
        ("a > 1 or b > 2", ["a > 1", "b > 2"]),
        ("(a > 1\nor b > 2)", ["a > 1", "b > 2"]),
        ("a > 1 and b > 2 or c unless d > 3", ["a > 1 and b > 2", "c unless d > 3"]),
        ("(a or b) > 1", ["(a or b) > 1"]),
        ('color > 1 or x{s="1 or 2"} > 3', ["color > 1", 'x{s="1 or 2"} > 3']),
        ("a > 1 or (b > 2 or c > 3)", ["a > 1", "b > 2", "c > 3"]),
        ("a > 1 or on (x) b > 2", ["a > 1", "b > 2"]),
        ("newer_than_the_parser(up) > 1 or up", ["newer_than_the_parser(up) > 1 or up"]),
    ],
)
def test_each_side_of_or_is_a_condition(expression, conditions):
    assert branches(expression) == conditions


def test_a_condition_in_parentheses_is_drawn_without_what_narrows_it():
    assert drawable("(a > 1 and b > 2)").promql == "a"
