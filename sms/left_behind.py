"""The texts that a sender had in hand when it was killed.

A sender has a place, which its successors take over: whoever starts in a place knows that all which was claimed there belongs
to nobody any more, and need not wait until the leases run out.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, update

from core import clock, events, log
from sms import measures
from sms.attempts import LOOK_AFTER_S
from sms.models import CALL, CLAIMED, TO_SEND, UNKNOWN, Message
from sms.wire import Wire

_log = log.get("sender")


def give_up(wire: Wire, place: str) -> int:
    """Give back what is claimed in `place`, and return how many that were. Each may or may not have been sent: it is looked for
    after the same pause as every text of unknown fate.

    Only for whoever knows that nobody is at work there.
    """
    now = clock.now()
    mine = (TO_SEND, Message.state == CLAIMED, Message.claimed_by == place)
    with wire.services.write() as session:
        given_back = session.scalars(
            update(Message)
            .where(*mine)
            .values(
                state=UNKNOWN,
                unknown_since=func.coalesce(Message.unknown_since, now),
                send_at=now + timedelta(seconds=LOOK_AFTER_S),
                claim=None,
                claimed_until=None,
            )
            .returning(Message)
            .execution_options(synchronize_session=False)
        ).all()
        for message in given_back:
            measures.claim_ran_out(message)
            if message.unknown_since == now:
                what = "call_unknown" if message.channel == CALL else "text_unknown"
                events.record(session, what, message_id=message.id, purpose=message.purpose, why="sender_was_killed")
    if given_back:
        _log.warning("the sender before was killed: its texts are of unknown fate", texts=len(given_back))
    return len(given_back)
