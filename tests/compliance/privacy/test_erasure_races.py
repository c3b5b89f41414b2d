"""An erasure among moderators, the sweep and the member: whoever is first, nothing is left."""

import threading

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection

from compliance.desk import sweeping
from compliance.evidence import custody
from compliance.members.models import Member, Subject
from compliance.privacy import erasure
from compliance.refusals import Refusal
from compliance.verification import claims, decisions, requests
from compliance.verification.models import VerificationRequest

ROUNDS = 12


def at_once(*acts):
    """Run acts in threads of their own, as often as it takes; a refusal ends one."""
    barrier, left = threading.Barrier(len(acts)), []

    def run(act):
        barrier.wait()
        try:
            for _ in range(5):
                try:
                    act()
                    return
                except OperationalError:  # a deadlock: PostgreSQL chose this one to try again
                    continue
        except (Refusal, ObjectDoesNotExist):
            pass
        except Exception as error:
            left.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return left


@pytest.mark.django_db(transaction=True)
def test_it_works(pending, staff, evidence_dir):
    ada, carol = staff("moderator", username="ada"), staff("compliance", username="carol")
    erased = 0
    for number in range(ROUNDS):
        request = pending()
        claims.claim(request.pk, ada)
        custody.reveal(request.pk, 1, ada)
        member, picture = request.member, request.evidence.get()

        def approve(request=request):
            decisions.approve(request.pk, moderator=ada, version=request.version)

        def look(request=request):
            custody.reveal(request.pk, 1, ada)

        def erase(member=member):
            erasure.erase(member, by=carol, reason="asked")

        def withdraw(request=request):
            requests.withdraw(request.pk)

        rivals = (approve, look) if number % 2 else (withdraw, sweeping.sweep)
        assert at_once(erase, *rivals) == []
        if not Member.objects.filter(pk=member.pk).exists():
            erased += 1
            assert not VerificationRequest.objects.filter(member_id=member.pk).exists()
            assert not Subject.objects.filter(discord_id=member.pk).exists()
            assert not list(evidence_dir.rglob(f"{picture.pk}*"))
        else:
            # The decision was first: its undo window keeps the member for now.
            assert request.decisions.exists()
    assert erased >= ROUNDS // 2
