"""The practice guild: a strict local stand-in of Discord for demos, training and tests.

REST v10 and gateway for any conforming client library; a control surface under /practice/.
It knows nothing of Django: it is Discord's side of the wire, not ours.
"""
