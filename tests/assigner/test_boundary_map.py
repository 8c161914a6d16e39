"""Maps of communities: colours that last, shapes that fit together, marks where something changes."""

from __future__ import annotations

import io
import itertools
import random
import re
import sys
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from assigner.boundary.values import Base
from assigner.messages import language_set
from assigner.report import boundary_map as maps
from assigner.report.community_map import (
    COLOURS,
    Ground,
    adjoining,
    border_paths,
    community_colours,
    community_labels,
    ground_of,
    label_points,
    school_id,
    school_points,
    township_id,
    township_paths,
    view_box,
)
from assigner.report.community_svg import SVG, Marks, base_map_svg, map_element
from assigner.report.map_labels import text_width
from assigner.report.map_style import INK
from geodata.adjacency import LINK_KINDS
from geodata.base_map import NOWHERE, BaseMap, MoveSchool, MoveTownship, NewCommunity
from geodata.geography import embedded
from tests.assigner.boundary_answers import CUT_OFF, HOSTILE, effects_of, hostile_base
from tests.assigner.boundary_bases import on_map, row_base

NAMES = ("changed", "preview", "same", "merged")


def cells(towns: list[str], count: int, seed: int = 1) -> BaseMap:
    """So many communities that grow from seeds over townships."""
    import networkx as nx

    seeds = random.Random(seed).sample(sorted(towns), count)
    found = nx.voronoi_cells(embedded().graph().subgraph(towns), seeds, weight="km")
    home = {town: f"c{k}" for k, seed in enumerate(seeds) for town in found[seed]}
    home |= dict.fromkeys(set(towns) - home.keys(), NOWHERE)
    return BaseMap({f"c{k}": f"第{k}社區" for k in range(count)}, home, {}, {})


def base_of(own: BaseMap) -> Base:
    return Base("drawn", "畫", own, {}, {}, {}, embedded())


@pytest.fixture(scope="module")
def county() -> Base:
    """The synthetic county."""
    from assigner.boundary.base import example_base

    return example_base()


@pytest.fixture(scope="module")
def islands() -> Base:
    """臺南 and 澎湖 in one community, 金門 in another."""
    known = embedded().townships
    own = {
        "south": tuple((t.name, 1) for t in known.values() if t.county in ("臺南市", "澎湖縣")),
        "far": tuple((t.name, 1) for t in known.values() if t.county == "金門縣"),
    }
    return row_base(own, junior_highs=False)


@pytest.fixture(scope="module")
def nation() -> Base:
    return base_of(cells(list(embedded().townships), 45))


def points_of(outline: str) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", line)] for line in outline.split("M")[1:]
    ]


# -------------------------------------------------------------------------------------------------------------- colours

_SEEN_BY = {  # Machado, Oliveira and Fernandes 2009, full severity, on linear RGB
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(light, 0, 1) / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    lights = sorted(float(linear(colour) @ (0.2126, 0.7152, 0.0722)) + 0.05 for colour in (one, other))
    return lights[1] / lights[0]


@pytest.mark.parametrize("eyes", _SEEN_BY)
def test_any_two_colours_differ_to_all_eyes(eyes):
    seen = [lab(np.array(_SEEN_BY[eyes]) @ linear(fill)) for fill, _ink in COLOURS]
    assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)) > 12


def test_names_are_read_on_every_colour_and_lines_seen():
    for fill, ink in COLOURS:
        assert contrast(fill, INK) > 4.5
        assert contrast(fill, ink) > 3
        assert contrast("#FFFFFF", ink) > 4.5


@pytest.mark.parametrize("count", [1, 5, 7])
def test_few_communities_have_a_colour_each_and_no_pattern(count):
    styles = community_colours(base_of(cells([t for t in embedded().townships if t.startswith("66")], count)))
    own = [style for community, style in styles.items() if community != NOWHERE]
    assert len({style.colour for style in own}) == count
    assert {style.pattern for style in own} == {""}


@pytest.mark.parametrize(("count", "seed"), [(8, 1), (20, 2), (30, 3), (45, 4)])
def test_many_communities_share_colours_but_never_side_by_side_and_never_with_the_pattern(count, seed):
    base = base_of(cells([t for t in embedded().townships if embedded().graph().degree(t) > 1], count, seed))
    styles = community_colours(base)
    for a, b in adjoining(base, base.map).edges:
        assert styles[a].colour != styles[b].colour
    used = [styles[community] for community in base.map.names]
    assert len(set(used)) == count or (count > 42 and max(used.count(style) for style in used) == 2)


def test_no_flip_changes_the_look_of_a_community_that_was_there(county):
    rng = random.Random(4)
    before, own = community_colours(county), county.map
    for step in range(60):
        town, school = rng.choice(sorted(own.home)), rng.choice(sorted(own.member))
        to = rng.choice([community for community in own.names if own.home[town] != community])
        flips = [MoveTownship(town, to), NewCommunity(f"n{step}", "新", townships=(town,))]
        if own.member[school] != to:
            flips.append(MoveSchool(school, to))
        own = rng.choice(flips).apply(own)
        after = community_colours(county, own)
        assert after.keys() == {NOWHERE, *own.names}
        assert all(after[community] == before[community] for community in own.names if community in before)
        assert len(set(after.values())) == len(after) or len(after) > 30


# ----------------------------------------------------------------------------------------------------------- the ground


def test_everything_lies_in_the_view(county, islands, nation):
    for base in (county, islands, nation):
        ground = ground_of(base)
        x, y, width, height = ground.view_box
        assert view_box(base) == " ".join(f"{value:.1f}".removesuffix(".0") for value in (x, y, width, height))
        view = shapely.box(x, y, x + width, y + height)
        assert ground.townships.keys() == base.map.home.keys()
        for town, outline in township_paths(base).items():
            assert view.contains(shapely.MultiPoint([p for line in points_of(outline) for p in line])), town
        for px, py in school_points(base).values():
            assert ground.radius < px < width - ground.radius and ground.radius < py < height - ground.radius
        for label in (*label_points(base).values(), *community_labels(base, base.map).values()):
            half = text_width(label.text, label.size) / 2
            assert half <= label.x <= width - half and label.size / 2 <= label.y <= height - label.size / 2


def test_paths_are_the_townships_as_they_lie(county):
    """Areas in the picture have one scale (within what straightening takes away), and neighbours do not overlap."""
    ground = ground_of(county)
    shapes = county.geography.polygons().loc[list(ground.townships)].to_crs(3826).geometry
    for town, shape in shapes.items():
        drawn = sum(shapely.Polygon(points).area for points in points_of(ground.townships[town]))
        assert drawn == pytest.approx(shape.area / 1e6 * ground.units_per_km**2, rel=0.03), town
    whole = shapely.union_all(list(ground.shapes.values()))
    assert whole.area == pytest.approx(sum(shape.area for shape in ground.shapes.values()), rel=1e-6)


def test_every_border_has_a_path_of_its_own(county):
    paths, graph = border_paths(county), county.graph
    towns = set(county.map.home)
    km = ground_of(county).units_per_km
    shared = {
        (min(a, b), max(a, b)): data["shared_km"]
        for a, b, data in graph.subgraph(towns).edges(data=True)
        if data["kind"] not in LINK_KINDS
    }
    inner = {pair for pair in paths if pair[1]}
    assert shared.keys() <= inner
    for pair, expected in shared.items():
        drawn = sum(shapely.LineString(points).length for points in points_of(paths[pair])) / km
        assert drawn == pytest.approx(expected, rel=0.12, abs=0.4), pair
    # All borders of a township, those with none included, are its outline.
    ground = ground_of(county)
    for town, shape in ground.shapes.items():
        lines = [line for pair, outline in paths.items() if town in pair for line in points_of(outline)]
        assert sum(shapely.LineString(line).length for line in lines) == pytest.approx(shape.length, rel=0.02)


def test_markers_of_schools_do_not_cover_one_another(county):
    ground = ground_of(county)
    places = np.array(list(ground.schools.values()))
    assert ground.schools.keys() == county.map.member.keys()
    away = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + np.eye(len(places)) * 99
    assert away.min() > 2 * ground.radius


def test_a_school_with_a_place_of_its_own_stands_there():
    base = row_base(
        {"a": (("臺中市東勢區", 1), ("臺中市和平區", 1))}, schools={"S00001": {"lon": 120.83, "lat": 24.26}}
    )
    ground, known = ground_of(base), base.geography.townships
    a, b = (known[base.map.place[code]] for code in ("S00001", "S00002"))
    (x, y), (ax, ay) = ground.schools["S00001"], ground.anchors[a.towncode]
    km = ground.units_per_km
    north = (ay - y) / km
    middle = shapely.centroid(base.geography.shapes()[a.towncode])
    assert north == pytest.approx((24.26 - middle.y) * 111.32, abs=0.3)
    assert (x - ax) / km == pytest.approx((120.83 - middle.x) * 111.32 * np.cos(np.radians(24.2)), abs=0.3)
    assert ground.schools["S00002"] == pytest.approx(ground.anchors[b.towncode], abs=0.2)


def test_islands_far_off_are_brought_into_boxes(islands):
    ground = ground_of(islands)
    counties = [{islands.geography.townships[town].county for town in inset.townships} for inset in ground.insets]
    assert {"金門縣"} in counties
    main = shapely.box(ground.main[0], ground.main[1], ground.main[2], ground.main[3])
    boxed = {town for inset in ground.insets for town in inset.townships}
    for inset in ground.insets:
        box = shapely.box(inset.x, inset.y, inset.x + inset.width, inset.y + inset.height)
        assert box.intersection(main).area == 0
        assert all(box.contains(ground.shapes[town]) for town in inset.townships)
        for other in ground.insets:
            assert other is inset or box.disjoint(
                shapely.box(other.x, other.y, other.x + other.width, other.y + other.height)
            )
    assert all(main.contains(ground.shapes[town]) for town in ground.shapes.keys() - boxed)
    assert all(link.drawn == ((link.a in boxed) == (link.b in boxed)) for link in ground.links)
    with language_set("zh-TW"):
        notes = maps.notes(effects_on(islands))
    assert len(notes) == 1


def test_links_that_leave_a_box_are_named_in_it():
    known = embedded().townships
    towns = [t.name for t in known.values() if t.county in ("嘉義縣", "金門縣", "連江縣")]
    base = row_base({"a": tuple((name, 0) for name in towns)}, junior_highs=False)
    ground = ground_of(base)
    names = {name for inset in ground.insets for name in inset.beyond}
    expected = set()
    for link in ground.links:
        assert {link.a, link.b} <= ground.shapes.keys()
        boxes = [next((i for i in ground.insets if end in i.townships), None) for end in (link.a, link.b)]
        assert link.drawn == (boxes[0] is boxes[1])
        if boxes[0] is not boxes[1]:
            expected |= {ground.names[end] for end, other in ((link.a, boxes[1]), (link.b, boxes[0])) if other}
    assert names == expected
    for inset in ground.insets:
        x, y, half_width, half_height = inset.caption
        foot = shapely.box(x - half_width, y - half_height, x + half_width, y + half_height)
        for label in (*ground.labels.values(), *community_labels(base, base.map).values()):
            half = text_width(label.text, label.size) / 2
            own = shapely.box(label.x - half, label.y - label.size / 2, label.x + half, label.y + label.size / 2)
            assert not own.intersects(foot), label.text
    with language_set("zh-TW"):
        said = "".join(ET.fromstring(base_map_svg(base, base.map)).itertext())
        drawn = {artist.get_text() for artist in maps.plot(effects_on(base)).texts}
    for inset in ground.insets:
        assert not inset.beyond or f"↔ {'、'.join(inset.beyond)}" in said
    from assigner.report.map_fonts import chinese_font

    if chinese_font() is not None:
        assert sum(text.startswith("↔") for text in drawn) == sum(bool(inset.beyond) for inset in ground.insets)


def effects_on(base: Base):
    from assigner.boundary.values import Effects

    return Effects(base, (), base.map, ())


def test_far_islets_are_left_out_and_told():
    import geopandas as gpd

    from geodata.geography import geography_from_polygons

    islet = shapely.box(119.0, 22.0, 119.01, 22.01)
    shapes = [
        shapely.MultiPolygon([shapely.box(120.0, 23.0, 120.1, 23.1), islet]),
        shapely.box(120.1, 23.0, 120.2, 23.1),
    ]
    columns = {"TOWNCODE": ["1", "2"], "COUNTYNAME": ["甲縣", "甲縣"], "TOWNNAME": ["乙鄉", "丙鄉"]}
    own = geography_from_polygons(gpd.GeoDataFrame(columns, geometry=shapes, crs=4326), name="某圖")
    base = Base("own", "自有", BaseMap({"a": "社區"}, {"1": "a", "2": "a"}, {}, {}), {}, {}, {}, own)
    ground = ground_of(base)
    assert ground.left_out == ("1",)
    assert len(shapely.get_parts(ground.shapes["1"])) == 1
    assert ground.shapes["1"].area == pytest.approx(ground.shapes["2"].area, rel=0.01)
    with language_set("zh-TW"):
        (note,) = maps.notes(effects_on(base))
        assert "乙鄉" in note and "丙鄉" not in note
        assert "某圖" in maps.credit(effects_on(base))


def test_the_ground_is_worked_out_once_for_a_base(county):
    assert ground_of(county) is ground_of(county)
    other = on_map(county, county.map)
    assert ground_of(other) is not ground_of(county)
    assert isinstance(ground_of(other), Ground)


def test_wide_maps_and_maps_with_many_schools_need_the_whole_width(county):
    assert not maps.is_wide(effects_on(county))
    assert maps.is_wide(effects_of("same"))  # 和平區 makes it wide
    many = row_base({"a": (("屏東縣高樹鄉", 60), ("屏東縣恆春鎮", 60))}, junior_highs=False)
    assert maps.is_wide(effects_on(many))


# -------------------------------------------------------------------------------------------------------------- the SVG


def test_every_township_and_school_is_an_element_with_its_id(county):
    root = ET.fromstring(base_map_svg(county, county.map))
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    styles = community_colours(county)
    for town, community in county.map.home.items():
        path = by_id[township_id(town)]
        assert path.tag == f"{{{SVG}}}path"
        assert path.get("data-township") == town and path.get("data-community") == community
        assert styles[community].key in path.get("class").split()
        assert path.get("fill") == styles[community].fill
    for code, community in county.map.member.items():
        assert by_id[school_id(code)].get("data-community") == community
    assert len(by_id) == len([e for e in root.iter() if e.get("id")])
    bare = ET.fromstring(base_map_svg(county, county.map, ids=False))
    assert not [e for e in bare.iter() if (e.get("id") or "").startswith(("t-", "s-"))]


def test_a_flip_changes_colours_and_borders_and_nothing_else(county):
    town = next(t for t in county.map.home if county.map.home[t] == "north")
    after = MoveTownship(town, "city").apply(county.map)

    def drawn(own):
        root = map_element(county, own)
        return [
            {key: value for key, value in element.attrib.items() if key not in ("class", "fill", "stroke-width")}
            for name in ("land", "borders", "schools", "links", "insets", "names")
            for element in next(g for g in root if g.get("class") == name).iter()
        ]

    changed = [
        (one, other)
        for one, other in zip(drawn(county.map), drawn(after), strict=True)
        if {k: v for k, v in one.items() if k != "data-community"}
        != {k: v for k, v in other.items() if k != "data-community"}
    ]
    assert changed == []
    lands = [next(g for g in map_element(county, own) if g.get("class") == "land") for own in (county.map, after)]
    moved = [a.get("data-township") for a, b in zip(*lands, strict=True) if a.get("fill") != b.get("fill")]
    assert moved == [town]


@pytest.mark.parametrize("prefix", ["", "after-"])
def test_ids_are_unique_and_every_reference_leads_somewhere(nation, prefix):
    marks = Marks(cut_off=frozenset(list(nation.map.home)[:3]))
    text = ET.tostring(map_element(nation, nation.map, marks, prefix=prefix, title="圖"), encoding="unicode")
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids)) and all(name.startswith(prefix) for name in ids)
    wanted = set(re.findall(r"url\(#([^)]*)\)", text))
    assert f"{prefix}pattern-cut-off" in wanted and len(wanted) > 20
    assert wanted <= set(ids)


def test_dark_borders_lie_between_communities_and_where_the_land_ends(county):
    root = map_element(county, county.map)
    for path in next(g for g in root if g.get("class") == "borders"):
        a, b = path.get("data-a"), path.get("data-b")
        dark = b == "" or county.map.home[a] != county.map.home[b]
        assert ("dark" in path.get("class").split()) == dark
        assert float(path.get("stroke-width")) > 1 if dark else float(path.get("stroke-width")) < 1


# ------------------------------------------------------------------------------------------------------- an experiment


def test_what_changes_is_marked_on_both_maps():
    effects = effects_of("changed")
    base = hostile_base()
    town = {name: base.geography.find(name, "臺中市").towncode for name in ("豐原區", "沙鹿區", "大雅區")}
    before, after = (maps.marks_of(effects, after=side) for side in (False, True))
    assert before.changed == after.changed == {town["豐原區"], town["沙鹿區"]}
    in_towns = {code for code, place in base.map.place.items() if place in before.changed}
    assert before.moved == after.moved == in_towns | {"S00006"}
    assert before.cut_off == frozenset()
    assert town[CUT_OFF[0]] in after.cut_off
    for side, marks in ((False, before), (True, after)):
        states = [entry.after if side else entry.before for entry in effects.communities]
        expected = {s.result.assignment.convener for s in states if s is not None and s.result and s.result.assignment}
        assert marks.conveners == expected
        root = maps.map_tree(effects, after=side)
        assert len([e for e in root.iter() if e.get("class") == "moved"]) == len(marks.moved)
        hatched = [e for e in root.iter() if e.get("class") == "cut-off"]
        assert len(hatched) == len(marks.cut_off)
        assert [e for e in root.iter() if e.get("class") == "changed"]
    plain = maps.map_tree(effects_of("same"), after=True)
    assert not [e for e in plain.iter() if e.get("class") in ("changed", "moved", "cut-off")]


def test_the_key_names_every_sign_on_the_maps_and_no_other():
    assert set(maps.signs_of(effects_of("changed"))) == {"school", "convener", "moved", "changed", "cut_off"}
    assert set(maps.signs_of(effects_of("same"))) == {"school"}
    assert "convener" not in maps.signs_of(effects_of("preview"))
    with language_set("en"):
        words = {community: text for community, _style, text in maps.community_keys(effects_of("changed"))}
        merged = {community: text for community, _style, text in maps.community_keys(effects_of("merged"))}
    assert words == {
        "west": "west社區: 5 → 6 schools",
        "middle": "middle社區: 4 → 3 schools",
        "east": "east社區: 4 → 2 schools",
        "new": "=<i>新</i>: 2 schools (new)",
    }
    assert merged["east"] == "east社區: 4 schools (dissolved)"


@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_whole_and_the_same_each_time(name, language):
    with language_set(language):
        text = maps.svg_text(effects_of(name))
        assert text == maps.svg_text(effects_of(name))
        credit = maps.credit(effects_of(name))
    root = ET.fromstring(text)
    tags = {element.tag.partition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "rect", "circle", "text", "title", "desc", "defs", "pattern"}
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on") or "href" in key]
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)
    said = "".join(root.itertext())
    assert all(hostile in said for hostile in HOSTILE.values())
    assert credit.replace(" ", "") in said.replace(" ", "")
    # Every text stays within the picture.
    width, height = float(root.get("width")), float(root.get("height"))
    for element in root.findall(f"{{{SVG}}}text"):
        x, y, size = (float(element.get(key)) for key in ("x", "y", "font-size"))
        assert x >= 0 and x + text_width(element.text, size) <= width + 1, element.text
        assert size <= y <= height


def test_the_map_is_told_in_words():
    with language_set("en"):
        before, after = (maps.description(effects_of("changed"), after=side) for side in (False, True))
    assert "west社區: 清水區, 沙鹿區" in before and "豐原區" not in before.partition("middle")[0]
    assert "西" not in after and "=<i>新</i>: 沙鹿區." in after


@pytest.mark.parametrize("name", ["changed", "same", "preview"])
def test_the_picture_by_matplotlib_shows_the_same_and_changes_no_settings(name):
    import matplotlib as mpl

    settings = dict(mpl.rcParams)
    axes = maps.plot(effects_of(name), lang="en")
    figure = axes.figure
    assert len(figure.axes) == 3  # both maps, and the paper with the key
    assert "matplotlib.pyplot" not in sys.modules or dict(mpl.rcParams) == settings
    assert dict(mpl.rcParams) == settings
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=40)
    seen = {text.get_text() for text in axes.texts} | {
        artist.get_text() for artist in axes.get_children() if hasattr(artist, "get_text")
    }
    from assigner.report.map_fonts import chinese_font

    if chinese_font() is not None:
        assert {label.text for label in label_points(hostile_base()).values()} <= seen


def test_a_map_is_drawn_into_axes_that_are_given():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 4))
    left, right = figure.subplots(1, 2)
    assert maps.plot(effects_of("changed"), ax=right) is right
    assert len(right.patches) + len(right.artists) > 5 and not left.patches


def test_the_png_is_a_picture_with_colours_of_the_communities():
    from matplotlib.image import imread

    data = maps.png_bytes(effects_of("changed"), dpi=50)
    assert data == maps.png_bytes(effects_of("changed"), dpi=50)
    image = (imread(io.BytesIO(data))[:, :, :3] * 255).round().astype(int)
    for community, style in community_colours(hostile_base(), effects_of("changed").map).items():
        if community != NOWHERE:
            wanted = [int(style.fill[k : k + 2], 16) for k in (1, 3, 5)]
            assert (np.abs(image - wanted).max(axis=2) <= 2).sum() > 50, community
