"""Texts from phones: opt-out words, the signed webhook, and what its answer makes the carrier do."""

from __future__ import annotations

from xml.etree import ElementTree

from sms.simulated import keeping
from sms.simulated.delivery import Delivery
from sms.simulated.model import API_VERSION, INBOUND, RECEIVED, Text
from sms.simulated.optout import opt_out_type
from sms.simulated.state import State
from sms.simulated.webhooks import NOT_XML, WRONG_CONTENT_TYPE, Answer, Hook, HookFailed, call

_XML = ("text/xml", "application/xml")


class Inbound:
    """Takes texts from phones."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery

    def receive(self, sender: str, body: str, to: str | None = None) -> Text:
        """A phone sends `body`, to our number `to` or to the one that texted it last. Raises ValueError when `to` is not
        a number of the account."""
        account, state = self._state.account, self._state
        number = to or self._last_sender(sender)
        if number not in account.senders:
            raise ValueError(f"to: one of {', '.join(account.senders)}")
        text = Text(INBOUND, sender, number, body, RECEIVED, messaging_service_sid=account.messaging_service_sid)
        text.sent_at = text.created_at
        state.book.add(text)
        keeping.note_text(state, text)
        kind = opt_out_type(body)
        if kind and (reply := state.opt_outs.apply(kind, sender, number)) is not None:
            keeping.note_opted(state, sender, number)
            self._delivery.reply(number, sender, reply)
        for _ in range(2 if state.faults.inbound_doubled.hits(state.dice) else 1):
            state.idle.spawn(self._deliver(text, kind))
        return text

    def go_on(self, text: Text) -> None:
        """Hand over a text that a carrier before this one had not seen answered."""
        if RECEIVED not in text.told:
            self._state.idle.spawn(self._deliver(text, opt_out_type(text.body)))

    def _last_sender(self, phone: str) -> str:
        known = self._state.book.known(phone)
        ours = [text.sender for text in known.texts if text.outgoing] if known else []
        return ours[-1] if ours else self._state.account.senders[0]

    async def _deliver(self, text: Text, kind: str | None) -> None:
        account, state = self._state.account, self._state
        await state.journal.safe()
        try:
            hook = Hook.parse(account.inbound_url)
            self._obey(text, await call(state.session, hook, self._form(text, kind), account.token))
        except HookFailed as failure:
            # The text stays on the log: GET Messages is how a customer finds what the webhook missed.
            state.book.failed(failure.code, f"inbound: {failure}", text)
        keeping.note_told(state, text, RECEIVED)

    def _obey(self, text: Text, answer: Answer) -> None:
        """Do what the webhook's answer says: TwiML is carried out, plain text goes to the phone as an SMS, anything else
        is an error."""
        kind = answer.content_type.partition(";")[0].strip().lower()
        if kind in _XML:
            self._carry_out(text, answer.body)
        elif kind == "text/plain" and answer.body:
            self._answer(text, answer.body)
        elif answer.body or not kind:
            self._state.book.failed(WRONG_CONTENT_TYPE, f"inbound: answered with content type {kind or 'missing'}", text)

    def _carry_out(self, text: Text, twiml: str) -> None:
        try:
            root = ElementTree.fromstring(twiml)  # noqa: S314  # our own application's answer, at most 64 KB
        except ElementTree.ParseError:
            self._state.book.failed(NOT_XML, "inbound: the answer is not XML", text)
            return
        for message in root.iter("Message"):
            if body := "".join(message.itertext()).strip():
                self._answer(text, body)

    def _answer(self, text: Text, body: str) -> None:
        if self._state.opt_outs.blocks(text.sender, text.to):
            self._state.book.failed(21610, "inbound: the answer goes to a phone that opted out", text)
        else:
            self._delivery.reply(text.to, text.sender, body)

    def _form(self, text: Text, kind: str | None) -> dict[str, str]:
        """The parameters Twilio sends. The empty ones belong to it: dropping them breaks the signature."""
        places = {f"{end}{part}": "" for end in ("From", "To") for part in ("City", "State", "Zip", "Country")}
        form = {
            **places,
            "AccountSid": self._state.account.sid,
            "ApiVersion": API_VERSION,
            "Body": text.body,
            "From": text.sender,
            "MessageSid": text.sid,
            "NumMedia": "0",
            "NumSegments": str(text.segments),
            "SmsMessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsStatus": RECEIVED,
            "To": text.to,
        }
        if self._state.account.messaging_service_sid:
            form["MessagingServiceSid"] = self._state.account.messaging_service_sid
        if kind:
            form["OptOutType"] = kind
        return form
