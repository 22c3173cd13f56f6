"""Which failures of a text are followed by a call, row by row (sms-facts 1.7)."""

from __future__ import annotations

import pytest

from sms.voice_codes import BY_VOICE, says_voice


@pytest.mark.parametrize("code", sorted(BY_VOICE))
def test_their_phone_is_what_failed(code: str) -> None:
    assert says_voice(code)


@pytest.mark.parametrize(
    "code", ["21211", "21408", "21610", "21611", "20003", "30002", "30034", "30036", "opted_out", "", "99999"]
)
def test_our_account_the_number_itself_or_what_nobody_knows(code: str) -> None:
    assert not says_voice(code)
