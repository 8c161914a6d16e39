"""Made-up communities for tests of splits: real townships of 臺中, so many schools in each."""

from __future__ import annotations

from assigner.scenario import scenario_of

LINE = ("臺中市東勢區", "臺中市石岡區", "臺中市豐原區", "臺中市潭子區", "臺中市北屯區", "臺中市北區")
"""Each adjoins the next."""


def data(counts, *, benchmarks=(), **more):
    """Plain data of a scenario: township -> number of schools; benchmark schools by their number, from 1."""
    schools = []
    for town, count in counts.items():
        for _ in range(count):
            number = len(schools) + 1
            school = {"code": f"SYN{number:03d}", "name": f"範例{number:02d}高中", "township": town}
            if number in benchmarks:
                school["benchmark"] = True
            schools.append(school)
    junior_highs = [
        {"code": f"SYJ{k:03d}", "name": f"範例{k}國中", "township": town, "pupils": {7: 90, 8: 80 + k, 9: 70}}
        for k, town in enumerate(counts, 1)
    ]
    return {
        "schema_version": 1,
        "id": "split-test",
        "name": "範例社區",
        "synthetic": True,
        "townships": list(counts),
        "schools": schools,
        "junior_highs": junior_highs,
        **more,
    }


def community(counts, **more):
    """A scenario (arguments as `data`)."""
    return scenario_of(data(counts, **more), "split-test.yaml")


def along(*counts):
    """Schools along the line of townships."""
    return dict(zip(LINE, counts, strict=False))
