"""What is spoken in a call, and the TwiML that has the carrier speak it."""

from __future__ import annotations

from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

VOICES = {"en": "en-GB", "sv": "sv-SE", "fi": "fi-FI"}
"""The language of the carrier's voice for each of ours."""
WAIT_FOR_KEY_S = 8
"""After everything was said; the carrier's own 5 s are short for somebody who takes the phone from the ear first."""


@dataclass(frozen=True)
class Speech:
    """Words in a language, said `times` times. With `keys` one of these may be pressed, also while the words are being said;
    without, the call ends after them."""

    words: str
    language: str
    keys: str = ""
    times: int = 2


def twiml(speech: Speech | None, action: str) -> str:
    """The TwiML of `speech`, whose key goes to the address `action`; None: the call ends in silence."""
    response = VoiceResponse()
    if speech is not None:
        says = response
        if speech.keys:
            # An empty result comes too, so that a call in which nothing is pressed ends by our word as every other.
            says = response.gather(
                num_digits=1, timeout=WAIT_FOR_KEY_S, action=action, method="POST", action_on_empty_result=True
            )
        says.say(speech.words, language=VOICES[speech.language], loop=speech.times)
    response.hangup()
    return str(response)
