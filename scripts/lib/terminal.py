"""What the commands say to the person in front of the terminal. Standard library only."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn


class Refusal(Exception):
    """The command cannot be carried out as asked; its text is the one plain line on stderr, and the exit status is 2."""


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {one_line(message)} (see {self.prog} --help)\n")


def say(line: str = "") -> None:
    """One line for the reader, at once; whoever does not read to the end (`| head`) stops nothing."""
    try:
        print(f"{line}\n", end="", flush=True)  # in one piece: others write there too
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(command: str, why: object) -> None:
    """One plain line on stderr."""
    print(f"{command}: {one_line(str(why))}", file=sys.stderr, flush=True)


def one_line(text: str) -> str:
    """`text` without its line breaks, so that it stays one line whatever it quotes."""
    return " ".join(text.split())


def colour(text: str, code: int) -> str:
    """`text` in the ANSI colour `code` where the reader has a terminal that shows it."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


BOLD, DIM, RED, GREEN, YELLOW, BLUE = 1, 2, 31, 32, 33, 36
