def test_a_limit_is_said_as_short_as_it_is():
    from monitoring.alerts.chart import Chart

    assert [Chart(limit=n).limit_words for n in (0.05, 80, 12000, None)] == [
        "0.05",
        "80",
        "12,000",
        "",
    ]


def test_a_runbook_opens_with_its_first_words():
    from monitoring.alerts import runbooks

    assert runbooks.opening("<h3>Runbook: X</h3>\n<p>It <b>fails</b>.</p>") == "It fails."
