"""Figures that are read at a scrape: a source that fails or hangs is absent, never in the way."""

import threading
import time
from concurrent.futures import wait
from datetime import timedelta

import pytest

from monitoring import policy
from monitoring.metrics import families
from monitoring.metrics.collectors import FigureCollector


@pytest.fixture
def source(monkeypatch):
    monkeypatch.setattr(policy, "FIGURES_BOUND", timedelta(seconds=0.2))
    monkeypatch.setattr(policy, "FIGURES_FRESH", timedelta(0))
    monkeypatch.setitem(families.FIGURES, "test", {})

    def add(name, read):
        families.figure("test", name, "A test.", ["a"], read)

    return add


def collected(collector):
    return {m.name: [s.value for s in m.samples] for m in collector.collect()}


def test_it_works(source):
    source("figure_one", lambda: [(("x",), 1.0), (("y",), 2.0)])
    assert collected(FigureCollector("test")) == {"figure_one": [1.0, 2.0]}


def test_one_that_fails_is_absent_alone(source):
    source("figure_bad", lambda: [(("x",), 1 / 0)])
    source("figure_good", lambda: [(("x",), 1.0)])
    assert collected(FigureCollector("test")) == {"figure_good": [1.0]}


def test_a_source_that_hangs_costs_its_bound_once(source):
    free, started = threading.Event(), []

    def hang():
        started.append(1)
        free.wait(10)
        return [(("x",), 1.0)]

    source("figure_slow", hang)
    collector = FigureCollector("test")
    began = time.monotonic()
    assert [collected(collector) for _ in range(5)] == [{}] * 5
    assert time.monotonic() - began < 5, "it waited for the source"
    assert len(started) == 1
    free.set()
    wait([collector._reading], timeout=10)
    assert collected(collector) == {}, "what came back is as old as the outage"
    assert collected(collector) == {"figure_slow": [1.0]}
