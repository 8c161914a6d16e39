"""Workers of a Dask cluster: equal outcomes, no other version, and one that dies costs its own job at most."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress

import pytest

from assigner.batch import cluster as cluster_module
from assigner.batch.cluster import DaskWorkers
from assigner.batch.work import Inputs, carry_out, packed_input
from assigner.errors import InputError
from tests.assigner import batch_jobs
from tests.assigner.batch_jobs import order
from tests.assigner.test_batch_work import order as real_order

distributed = pytest.importorskip("distributed", reason="the extra batch is not installed")

FUNCTION = "tests.assigner.batch_jobs:carry_out"
PATIENCE = 60.0


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        yield made


@pytest.fixture(scope="module")
def client(cluster):
    """Somebody else of the same cluster."""
    with distributed.Client(cluster, set_as_default=False) as made:
        yield made


@pytest.fixture
def workers(cluster):
    with DaskWorkers(cluster.scheduler_address, function=FUNCTION) as made:
        until_capacity(made, 4)
        yield made


def until_capacity(workers, capacity):
    found, until = [], time.monotonic() + PATIENCE
    while workers.capacity != capacity:
        assert time.monotonic() < until
        found += workers.wait(0.1)
    return found


def events(workers, n):
    """The next events of orders, by order."""
    found, until = {}, time.monotonic() + PATIENCE
    while len(found) < n:
        assert time.monotonic() < until, found
        for event in workers.wait(1.0):
            assert event.kind != "refused" and event.key not in found
            found[event.key] = event
    return found


def sent_all(workers, orders):
    """The events of many orders."""
    found, under_way = {}, 0
    for one in orders:
        while under_way == workers.capacity:
            new = events(workers, 1)
            found |= new
            under_way -= len(new)
        workers.send(one)
        under_way += 1
    return found | events(workers, under_way)


def test_every_order_is_answered_once_and_a_scenario_is_sent_once_to_each(workers):
    content = packed_input({})
    found = sent_all(workers, [order(f"o{n}", "read", input=f"i{n % 3}", content=content) for n in range(60)])
    assert found.keys() == {f"o{n}" for n in range(60)} and {event.kind for event in found.values()} == {"done"}
    assert all(event.outcome.facts["content"] == {} for event in found.values())
    assert 3 <= sum(event.outcome.facts["sent"] for event in found.values()) <= 6


def test_a_scenario_that_a_worker_has_forgotten_is_sent_again(workers):
    for member in workers._members.values():
        member.known.sent(order("x", input="never sent"))
    workers.send(order("o", "read", input="never sent", content=packed_input({})))
    assert events(workers, 1)["o"].outcome.facts["sent"]


def test_a_cluster_answers_what_this_process_answers(cluster):
    asked = [real_order(name) for name in ("synthetic-3", "collision")]
    with DaskWorkers(cluster.scheduler_address) as workers:
        found = sent_all(workers, asked)
    for one in asked:
        there, here = found[one.key].outcome, carry_out(one, Inputs())
        assert (there.state, there.status) == (here.state, here.status)
        assert timeless(there.facts) == timeless(here.facts)


def timeless(facts):
    if isinstance(facts, dict):
        return {key: timeless(value) for key, value in facts.items() if not key.endswith("seconds")}
    return [timeless(value) for value in facts] if isinstance(facts, list | tuple) else facts


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_worker_that_is_killed_loses_its_job_and_not_the_next(workers):
    for n in range(4):
        workers.send(order(f"o{n}", "sleep", seconds=0.5))
    pids = set(workers._client.run(os.getpid).values())
    os.kill(min(pids), signal.SIGKILL)
    found = events(workers, 4)
    assert sorted(event.kind for event in found.values()) == ["done", "done", "done", "lost"]
    assert {event.reason for event in found.values() if event.kind == "lost"} == {"crash"}
    until_capacity(workers, 4)  # the one that Dask begins in its place is used


def test_a_job_that_never_ends_is_ended_alone_and_a_fault_is_an_outcome(cluster):
    with DaskWorkers(cluster.scheduler_address, function=FUNCTION, kill_after_seconds=1.0) as workers:
        until_capacity(workers, 4)
        for key, does in {
            "bad": "spin",
            "other": "raise",
            "behind one": "nothing",
            "behind the other": "nothing",
        }.items():
            workers.send(order(key, does))
        found = events(workers, 4)
        assert (found["bad"].kind, found["bad"].reason) == ("lost", "time")
        assert found["other"].outcome.error["text"] == "RuntimeError: a fault"
        assert {found[key].kind for key in ("behind one", "behind the other")} == {"done"}
        until_capacity(workers, 4)


def test_workers_of_another_version_get_no_orders(cluster, client, workers):
    other = next(iter(workers._members))
    client.run(pretend, "0123456789", workers=[other])
    try:
        # One that was asked before refuses the order, which goes to the other worker.
        found = sent_others(workers, 6)
        assert [event.reason for event in found if event.kind == "refused"] == [f"{other} (01234567)"]
        assert workers.capacity == 2
        # Whoever comes later asks first.
        with DaskWorkers(cluster.scheduler_address, function=FUNCTION) as later:
            assert [event.reason for event in until_refused(later)] == [f"{other} (01234567)"]
            assert later.capacity == 2
        with pytest.raises(InputError, match="has this version of the program") as raised:
            DaskWorkers(cluster.scheduler_address, function=FUNCTION, program="fedcba9876")
        assert "(fedcba98)" in str(raised.value)
    finally:
        client.run(pretend, batch_jobs.PROGRAM, workers=[other])


def sent_others(workers, n):
    found, done = [], 0
    for number in range(n):
        workers.send(order(f"o{number}"))
        while done <= number:
            new = workers.wait(1.0)
            done += sum(event.kind == "done" for event in new)
            found += new
    return found


def until_refused(workers):
    found, until = [], time.monotonic() + PATIENCE
    while not found:
        assert time.monotonic() < until
        found += workers.wait(0.2)
    return found


def pretend(version):
    batch_jobs.PROGRAM = version


def test_a_connection_that_is_lost_for_a_moment_costs_nothing(workers):
    async def cut():
        workers._client.scheduler_comm.comm.abort()

    for n in range(4):
        workers.send(order(f"o{n}", "sleep", seconds=0.2))
    workers._client.sync(cut)
    assert {event.kind for event in events(workers, 4).values()} == {"done"}


def test_a_scheduler_that_is_gone_is_said_in_words(cluster, monkeypatch):
    monkeypatch.setattr(cluster_module, "_RECONNECT_SECONDS", 0.3)
    proxy = Proxy(cluster.scheduler_address)
    with DaskWorkers(proxy.address, function=FUNCTION) as workers:
        until_capacity(workers, 4)
        for n in range(3):
            workers.send(order(f"o{n}", "sleep", seconds=1.0))
        workers.wait(0.2)
        proxy.close()
        with pytest.raises(InputError, match="does not answer any more"):
            for _ in range(3):
                workers.wait(1.0)


class Proxy:
    """Stands between a client and its scheduler, until it is closed."""

    def __init__(self, address):
        host, _, port = address.rpartition("//")[2].rpartition(":")
        self.target, self.open = (host, int(port)), []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with suppress(OSError):
            while True:
                ours, _ = self.listening.accept()
                theirs = socket.create_connection(self.target)
                self.open += [ours, theirs]
                for pair in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self.pump, args=pair, daemon=True).start()

    def pump(self, source, target):
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)

    def close(self):
        for one in (self.listening, *self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def test_a_scheduler_that_is_not_there_is_said_in_words(monkeypatch):
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", "no address at all", "strange://127.0.0.1:1"):
        with pytest.raises(InputError, match="No scheduler of Dask answers") as raised:
            DaskWorkers(address)
        assert address in str(raised.value)


def test_without_dask_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install \"distributed"):
        DaskWorkers("tcp://127.0.0.1:1")
