"""The edge of the web process: what is settled about a request before Django sees it.

`addresses` says who asks; `bodies` how much may come in: `kinds` says for whom, `room` for how
many at once, `incoming` how slowly. `connections` says how long a connection may take, `files`
lets there be enough of them, `websockets` refuses what the site does not speak.
`growmies_admin/asgi.py` composes them; the numbers are in `growmies_admin/policy.py`.
"""
