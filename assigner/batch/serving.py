"""What the processes that carry out orders do alike, on this machine and on others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module

from assigner.batch.values import Order, Outcome
from assigner.batch.work import Inputs, UnknownInputError

__all__ = ["CARRY_OUT", "Remembered", "Service", "answer", "fault", "service"]

CARRY_OUT = "assigner.batch.work:carry_out"
"""What carries out orders, by name."""


@dataclass(frozen=True)
class Service:
    """What a process does.

    Attributes
    ----------
    carry_out : callable
        Gives the outcome of an order.
    warm : callable
        Imports what that needs.
    program : callable
        Gives the fingerprint of the program that it is a part of.
    """

    carry_out: Callable[[Order, Inputs], Outcome]
    warm: Callable[[], object]
    program: Callable[[], str]


def service(function: str) -> Service:
    """What carries out orders by its name ``module:name``; ``warm`` and ``program`` of that module, if there are."""
    from assigner.batch.keys import program_fingerprint

    module, _, name = function.partition(":")
    home = import_module(module)
    warm, program = getattr(home, "warm", lambda: None), getattr(home, "program", program_fingerprint)
    return Service(getattr(home, name), warm, program)


class Remembered:
    """Which scenarios a process remembers, as whoever sends to it believes: the rule is that of `Inputs`."""

    def __init__(self) -> None:
        self._most = Inputs().most
        self._inputs: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._inputs

    def lightened(self, order: Order) -> Order:
        """The order as it is sent: without its scenario where that is remembered."""
        return replace(order, content=None) if order.input in self else order

    def sent(self, order: Order) -> None:
        """An order was sent."""
        self._inputs[order.input] = None
        self._inputs.move_to_end(order.input)
        while len(self._inputs) > self._most:
            self._inputs.popitem(last=False)

    def forget(self, key: str) -> None:
        """The process says that it does not remember a scenario."""
        self._inputs.pop(key, None)


def answer(carry_out: Callable[[Order, Inputs], Outcome], order: Order, known: Inputs) -> Outcome | None:
    """The outcome of an order; None where the scenario must be sent again. A fault of the program ends one job."""
    try:
        return carry_out(order, known)
    except UnknownInputError:
        return None
    except Exception as error:  # noqa: BLE001  (the process goes on with the next job)
        return fault(order, error)


def fault(order: Order, error: BaseException) -> Outcome:
    """The outcome of an order at which the program is at fault."""
    text = f"{type(error).__name__}: {error}"
    return Outcome(order.key, "failed", error={"kind": "program", "text": text, "problems": []})
