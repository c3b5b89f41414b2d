"""What ./dev prints when asked for nothing."""

USAGE = """\
./dev up [--detach]        start everything; Ctrl-C (or ./dev down) stops it cleanly
./dev down                 stop everything cleanly
./dev status [--json]      what runs, where, healthy or not; exit 0 only when all is healthy
./dev restart NAME         restart one process
./dev logs NAME            follow the output of one process
./dev test [ARGS]          all checks and tests; with arguments only pytest with these
./dev test --faults        a running stack, broken in every way, at full length (10 minutes)
./dev manage ARGS          Django's manage.py in the right environment
./dev render FOLDER        write what Prometheus and Alertmanager of your own need
./dev bench [NAME]         the benchmarks of tests/bench/

GROWMIES_DATA_DIR (./var) holds all state, GROWMIES_PORT_BASE (8000) moves every port.
docs/operations.md has every process, port and variable."""
