"""What the processes that carry out orders do alike, on this machine and on others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from assigner.batch.values import Order, Outcome
from assigner.batch.work import Inputs, UnknownInputError

__all__ = ["CARRY_OUT", "Remembered", "Served", "answer", "fault", "served"]

CARRY_OUT = "assigner.batch.work:carry_out"
"""What carries out orders, by name."""

Served = Callable[[Order, Inputs], Outcome]


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


def served(function: str) -> tuple[Served, Callable[[], object] | None]:
    """What ``module:name`` says carries out orders, and what the module does to get warm, if anything."""
    module, _, name = function.partition(":")
    home = import_module(module)
    return getattr(home, name), getattr(home, "warm", None)


def answer(carry_out: Served, order: Order, known: Inputs) -> Outcome | None:
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
