"""How many connections the system lets the web process have open."""

import resource

from growmies_admin import policy


def allow_open_files() -> None:
    """Raise the soft limit to OPEN_FILES, as far as the hard one lets us.

    Beyond it nothing is accepted, so no newcomer could end those who only wait.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = policy.OPEN_FILES if hard == resource.RLIM_INFINITY else min(policy.OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
