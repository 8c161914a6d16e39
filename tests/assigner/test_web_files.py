"""Files that are sent to the page: maps with and without a roster."""

from __future__ import annotations

import io
import zipfile
from types import SimpleNamespace

import pytest

from assigner.boundary.base import example_base
from assigner.boundary.experiment import Experiment
from assigner.boundary.files import base_bytes
from assigner.errors import InputError
from assigner.messages import language_set
from assigner.web.files import maps_file, taken_in

MOST = 10**7


@pytest.fixture(scope="module")
def base():
    return example_base()


@pytest.fixture
def workshop(base):
    bases, notices = [], {}
    made = SimpleNamespace(bases=bases, notices=notices, table=lambda _key: None, begin=lambda *_given: 7)
    made.add = lambda given: bases.append(given) or SimpleNamespace(base=given)
    made.live = SimpleNamespace(owner="mine", table=SimpleNamespace(base=base))
    return made


def taken(workshop, name, content, roster=None):
    """The base that was read, and what is said of it."""
    content = content.encode() if isinstance(content, str) else content
    with language_set("en"):
        taken_in(workshop, workshop.live, (name, content), roster, MOST)
        return workshop.bases[-1], "\n".join(map(str, workshop.notices[7]))


@pytest.mark.parametrize("kind", [".csv", ".xlsx", ".geojson", ".gpkg"])
def test_a_map_alone_takes_the_schools_of_the_page_and_says_so(workshop, base, kind):
    made, said = taken(workshop, f"map{kind}", base_bytes(base, kind))
    assert made.map.member == base.map.member and made.map.home == base.map.home
    assert made.file == f"map{kind}" and "60 of its 60 schools" in said and base.name in said


def test_a_map_of_some_townships_says_what_it_leaves_out(workshop):
    made, said = taken(workshop, "city.csv", "鄉鎮市區,社區\n屏東縣屏東市,city\n")
    assert sum(map(bool, made.map.member.values())) == 10
    assert "10 of its 60 schools" in said and "萬丹" in said and "/" not in said.partition("\n")[0]


def test_a_roster_that_is_sent_too_holds_the_schools(workshop, base):
    other = base_bytes(base, ".yaml").replace("SYN001", "SYN901")
    made, said = taken(workshop, "map.csv", base_bytes(base, ".csv"), ("other.yaml", other.encode()))
    assert "SYN901" in made.map.member and "SYN001" not in made.map.member and said == ""
    head = "代碼,學校類別,學校名稱,縣市,鄉鎮市區,學年度\n"
    table = head + "199001,高級中等學校,甲高中,臺中市,豐原區,111\n199002,高級中等學校,乙高中,臺中市,豐原區,111\n"
    rows = "鄉鎮市區,社區\n臺中市豐原區,x\n"
    made, _said = taken(workshop, "far.csv", rows, ("roster.csv", table.encode()))
    assert dict(made.map.member) == {"199001": "x", "199002": "x"}
    text = "schema_version: 1\nid: x\ncommunities: [{id: a, townships: [臺中市豐原區]}]\n"
    made, _said = taken(workshop, "x.yaml", text, ("roster.csv", table.encode()))
    assert dict(made.map.member) == {"199001": "a", "199002": "a"}


@pytest.mark.parametrize(("name", "content", "roster", "said"), [
    ("far.csv", "鄉鎮市區,社區\n臺中市豐原區,x\n", None, "far.csv"),
    ("mars.csv", "鄉鎮市區,社區\n火星區,x\n", None, "mars.csv:2"),
    ("far.csv", "鄉鎮市區,社區\n臺中市豐原區,x\n", ("r.csv", b"x,y\n1,2\n"), "r.csv"),
    ("far.csv", "鄉鎮市區,社區\n臺中市豐原區,x\n", ("r.yaml", b"communities: ["), "r.yaml"),
    ("x.yaml", "schema_version: 1\nid: x\ncommunities: [{id: a}]\n", ("b.yaml", b"x: 1"), "b.yaml"),
    ("x.png", "\x89PNG", None, "Files of this kind cannot be read here"),
    ("x.yaml", "schema_version: 1\nid: x\nroster: /etc/passwd\ncommunities: [{id: a}]\n", None, "x.yaml:3"),
])  # fmt: skip
def test_what_cannot_be_read_is_told_by_the_name_its_owner_knows(workshop, name, content, roster, said):
    with pytest.raises(InputError) as caught, language_set("en"):
        taken_in(workshop, workshop.live, (name, content.encode()), roster, MOST)
    with language_set("en"):
        text = str(caught.value)
    assert said in text and "/tmp" not in text and "assigner-" not in text
    assert workshop.bases == []


def test_the_map_goes_out_in_every_format_and_comes_back(workshop, base):
    moved = Experiment(base, name="甲").move("屏東縣萬丹鄉", "east").move("SYN010", "north")
    live = SimpleNamespace(experiment=moved)
    with language_set("en"):
        name, content, _kind = maps_file(live)
    assert name == "甲-base.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        files = {file: packed.read(file) for file in packed.namelist()}
    assert set(files) == {f"甲-base{end}" for end in (".yaml", ".csv", ".xlsx", ".geojson", ".gpkg")}
    for file, sent in files.items():
        made, _said = taken(workshop, file, sent)
        assert (made.map.member, made.map.home) == (moved.map.member, moved.map.home), file


def test_a_shapefile_comes_in_as_an_archive_of_its_parts(workshop, base, tmp_path):
    import geopandas as gpd

    (tmp_path / "map.geojson").write_bytes(base_bytes(base, ".geojson").encode())
    frame = gpd.read_file(tmp_path / "map.geojson")
    towns = frame[frame.geom_type != "Point"].dropna(axis="columns", how="all").drop(columns="community_name")
    (tmp_path / "parts").mkdir()
    towns.to_file(tmp_path / "parts" / "map.shp", encoding="utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for part in (tmp_path / "parts").iterdir():
            made.write(part, part.name)
    made, said = taken(workshop, "map.zip", packed.getvalue())
    assert made.map.home == base.map.home and "60 of its 60 schools" in said


def test_what_was_packed_on_the_page_is_to_be_unpacked_first(workshop, base):
    with language_set("en"):
        _name, content, _kind = maps_file(SimpleNamespace(experiment=Experiment(base, name="甲")))
        with pytest.raises(InputError) as caught:
            taken_in(workshop, workshop.live, ("甲.zip", content), None, MOST)
        assert "archive of several files" in str(caught.value) and "甲-base.yaml" in str(caught.value)
