"""The faults that can be dialled in. All dice are seeded: the same seed and the same requests fail in the same places."""

from __future__ import annotations

from random import Random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


def seeded(*parts: object) -> Random:
    """Dice that fall the same way for the same `parts`."""
    return Random(":".join(map(str, parts)))  # noqa: S311  # dice of a simulation keep no secret


class Dial(BaseModel):
    """How often something goes wrong: surely for the `next` N occasions, after them by chance for a `share` of 0 to 1."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    share: float = Field(default=0.0, ge=0, le=1)
    next: int = Field(default=0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _share_alone(cls, value: object) -> object:
        return {"share": value} if isinstance(value, int | float) and not isinstance(value, bool) else value

    def hits(self, dice: Random) -> bool:
        """Whether it goes wrong this time."""
        if self.next:
            self.next -= 1
            return True
        return self.share > 0 and dice.random() < self.share


class Faults(BaseModel):
    """Everything that can be made to go wrong. Set the attributes from any thread; the carrier reads them as it works."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    latency_s: float = Field(default=0.0, ge=0, le=600, description="each request waits this long before anything is done")
    every_request: bool = Field(default=False, description="the next four hit fetches and lists too, not only new messages")
    too_many: Dial = Field(default=Dial(), description="429 / 20429, nothing accepted")
    server_error: Dial = Field(default=Dial(), description="500 / 20500, nothing accepted")
    server_error_after: Dial = Field(default=Dial(), description="503 although the message was accepted")
    hang: Dial = Field(default=Dial(), description="accepted, then no answer for `hang_s`")
    hang_s: float = Field(default=60.0, gt=0, le=600)
    concurrent_limit: int | None = Field(default=None, ge=1, description="more requests at the same time: 429 / 20429")
    refuse: dict[str, int] = Field(default_factory=dict, description="number -> error code of a message to it")
    fail: dict[str, int] = Field(default_factory=dict, description="number -> error code its texts end with")
    switched_off: set[str] = Field(default_factory=set, description="phones that are off: undelivered / 30003")
    calls: dict[str, Literal["busy", "no-answer", "failed", "voicemail"]] = Field(
        default_factory=dict, description="number -> what becomes of every call to it; voicemail picks up and presses nothing"
    )
    segments_per_s: float | None = Field(default=None, gt=0, description="each sender number sends this many segments a second")
    callbacks_lost: Dial = Dial()
    callbacks_doubled: Dial = Dial()
    callbacks_reordered: Dial = Field(default=Dial(), description="a status is told after the one that follows it")
    callbacks_late: Dial = Field(default=Dial(), description="told after `late_s`")
    late_s: float = Field(default=5.0, ge=0, le=600)
    inbound_doubled: Dial = Field(default=Dial(), description="a text from a phone reaches the webhook twice")

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named faults, all or none of them; pydantic's ValidationError says what is wrong with which."""
        checked = Faults.model_validate({**self.model_dump(), **wanted})
        for name in wanted:
            setattr(self, name, getattr(checked, name))

    def without_counts(self) -> Faults:
        """These dials without the sure occasions: how many of them a carrier had left when it died, nobody knows."""
        shares = {name: dial.model_copy(update={"next": 0}) for name, dial in self if isinstance(dial, Dial)}
        return self.model_copy(update=shares)

    def reset(self) -> None:
        """Nothing goes wrong any more."""
        self.change(Faults().model_dump())
