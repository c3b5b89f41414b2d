"""Where pictures are opened: a child process for each, without rights, memory or time to spare.

`asking.py` is this side's; `child.py` and what it imports run in the child, know neither Django
nor a secret, and are told every number. docs/verification.md, "The darkroom".
"""
