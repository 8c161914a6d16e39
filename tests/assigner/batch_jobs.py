"""What the processes of the tests do in place of solving: as the order's delta says."""

from __future__ import annotations

import os
import time

from assigner.batch.values import Order, Outcome, Question
from models.stopping import Limits

PROGRAM = "p"


def program():
    return PROGRAM


def order(key, does="nothing", *, input="i", content=b"", program=PROGRAM, **more):
    return Order(key, input, content, {"does": does, **more}, Question(), Limits(), program)


def carry_out(order, known):
    does = order.delta["does"]
    if does == "exit":
        os._exit(3)
    elif does == "raise":
        raise RuntimeError("a fault")
    elif does == "eat":
        kept = [bytearray(8_000_000) for _ in range(75)]
        for block in kept:
            block[::4096] = b"x" * len(block[::4096])
        time.sleep(60)
    elif does == "sleep":
        time.sleep(order.delta["seconds"])
    elif does == "spin":
        while True:
            pass
    elif does == "read":
        return Outcome(
            order.key, "done", facts={"content": known.take(order).content, "sent": order.content is not None}
        )
    return Outcome(order.key, "done", facts={"pid": os.getpid()})
