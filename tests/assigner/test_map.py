"""The map: signs and names do not cover one another, text stays text, names are data, same answer same picture."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigner.messages import language_set
from assigner.planner import solve, solve_problem
from assigner.report import map as maps
from assigner.report import map_fonts, map_panel, map_paper, map_style, tables
from assigner.report.map_labels import spread, text_width
from assigner.report.scene import description, scene_of
from assigner.scenario import scenario_of
from assigner.scenario.example import collision, example
from geodata import ATTRIBUTION
from tests.communities import plain_problem
from tests.shared_data import shared_rows

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    "甲&乙 \"高中\" 'x'",
    "$x^2$ 高中",
    "]]> -- <!-- 高中",
    "{{ 7 * 7 }} 高中",
)


SQUARES = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"k": f"K{k}", "c": "甲縣", "t": f"{town}鄉"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[x, 24], [x + 0.1, 24], [x + 0.1, 24.1], [x, 24.1], [x, 24]]],
                },
            }
            for k, (town, x) in enumerate((("乙", 120.5), ("丙", 120.6)))
        ],
    }
)
"""Two made-up townships side by side."""


def community(schools, junior_highs=(), **more):
    return scenario_of(
        {
            "schema_version": 1,
            "id": "map",
            "name": more.pop("name", "試用社區"),
            "rulebook": "111",
            "convener": "choose",
            "schools": schools,
            "junior_highs": list(junior_highs),
            **more,
        }
    )


def school(code, name="", **more):
    return {"code": code, "name": name or f"{code}高中", "township": "臺中市東勢區", **more}


@pytest.fixture(scope="module")
def nine():
    return solve(example(9, 1), price=False)


@pytest.fixture(scope="module")
def hostile():
    names = [*HOSTILE, "一般高中"]
    schools = [school(f"00000{k}", name, lon=120.83 + k / 100, lat=24.25) for k, name in enumerate(names)]
    points = [
        {"code": "100001", "name": "<img src=x onerror=alert(1)>國中", "township": "臺中市東勢區", "pupils": {8: 30}}
    ]
    return solve(community(schools, points, name="<b>社區</b> & $y$"), price=False)


@pytest.fixture(scope="module")
def islands():
    places = [("連江縣南竿鄉", "南竿國中"), ("連江縣東引鄉", "東引國中"), ("連江縣莒光鄉", "莒光國中")]
    points = [
        {"code": f"90000{k}", "name": name, "township": town, "pupils": {8: 20}}
        for k, (town, name) in enumerate(places)
    ]
    schools = [{"code": "900301", "name": "範例高中", "township": "連江縣南竿鄉"}]
    return solve(community(schools, points, townships=["連江縣南竿鄉", "連江縣東引鄉", "連江縣莒光鄉"]), price=False)


def texts(root):
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def boxes(drawing):
    """Boxes of the markers, and of the names as high as their letters, in pixels."""
    drawing.figure.canvas.draw()
    renderer = drawing.figure.canvas.get_renderer()
    markers = {code: mark.get_window_extent(renderer) for code, mark in drawing.markers.items()}
    names = {}
    for code, text in drawing.names.items():
        box = text.get_window_extent(renderer)
        half = text.get_fontsize() / 2 * drawing.figure.dpi / 72
        middle = (box.y0 + box.y1) / 2
        names[code] = type(box).from_extents(box.x0, middle - half, box.x1, middle + half)
    return markers, names


def assert_apart(drawing):
    markers, names = boxes(drawing)
    frame = drawing.axes.get_window_extent()
    for (a, one), (b, two) in combinations([*markers.items(), *names.items()], 2):
        covered = one.intersection(one, two)
        assert covered is None or covered.width < 1 or covered.height < 1, (a, b)
    for code, box in markers.items():
        assert (
            frame.x0 - 1 <= box.x0 and box.x1 <= frame.x1 + 1 and frame.y0 - 1 <= box.y0 and box.y1 <= frame.y1 + 1
        ), code


def assert_no_text_over_text(drawing):
    """All that is written around the map stays apart and on the paper."""
    paper = next(axes for axes in drawing.figure.axes if axes.get_gid() == "captions")
    renderer = drawing.figure.canvas.get_renderer()
    whole = drawing.figure.bbox
    written = [(text.get_text(), text.get_window_extent(renderer)) for text in paper.texts if text.get_text()]
    for text, box in written:
        assert box.x0 >= whole.x0 and box.x1 <= whole.x1 and box.y0 >= whole.y0 and box.y1 <= whole.y1, text
    for (a, one), (b, two) in combinations(written, 2):
        covered = one.intersection(one, two)
        assert covered is None or covered.width < 1.5 or covered.height < 0.45 * min(one.height, two.height), (a, b)


# ------------------------------------------------------------------------------------------------------------- layout


@pytest.mark.parametrize(
    ("count", "language"),
    [
        *((1, "en"), (9, "zh-TW"), (25, "en")),
        pytest.param(9, "en", marks=pytest.mark.campaign),
        pytest.param(51, "zh-TW", marks=pytest.mark.campaign),
    ],
)
def test_markers_and_names_do_not_cover_one_another(count, language):
    result = solve(example(count, 3), price=False)
    with language_set(language):
        drawing = maps.draw(result)
        assert_apart(drawing)
        assert_no_text_over_text(drawing)


def test_schools_that_are_all_in_one_spot_are_drawn_side_by_side():
    result = solve(community([school(f"{k:06}") for k in range(30)]), price=False)
    drawing = maps.draw(result)
    assert len(drawing.markers) == 30
    assert_apart(drawing)


@pytest.mark.campaign
def test_the_largest_city_as_one_community_is_readable():
    towns = {
        row["code"]: row
        for row in shared_rows("high_geo.csv")
        if row["county"] == "臺中市" and row["in_high109"] == "1"
    }
    points = [row for row in shared_rows("junior_110.csv") if row["county"] == "臺中市"]

    def place(row):
        where = {"code": row["code"], "name": row["name"], "township": row["county"] + row["town"]}
        return where | ({"lon": float(row["lon"]), "lat": float(row["lat"])} if row["lon"] else {})

    junior_highs = [place(row) | {"pupils": {8: int(row["g8"] or 0), 9: int(row["g9"] or 0)}} for row in points]
    result = solve(community([place(row) for row in towns.values()], junior_highs), price=False, time_limit=20)
    drawing = maps.draw(result)
    assert len(drawing.markers) == len(towns) > 45
    assert_apart(drawing)
    assert_no_text_over_text(drawing)


LONG = "財團法人範例文教基金會附設私立綜合實驗高級中等學校華德福教育分部"
LONG_LATIN = "Extraordinarily Long-Named Comprehensive Experimental Senior High School of the Northern District"


def listed(result, chinese=True):
    """School code -> its name as the list beside the map has it, lines put together."""
    drawing = maps.draw(result, chinese=chinese)
    assert_no_text_over_text(drawing)
    paper = next(axes for axes in drawing.figure.axes if axes.get_gid() == "captions")
    found = {}
    for spot in drawing.scene.schools:
        identity = map_style.gid("entry", spot.code)
        lines = [text for text in paper.texts if f"{text.get_gid()}-".startswith(f"{identity}-")]
        found[spot.name] = "".join(text.get_text() for text in lines)
    assert not [text.get_text() for text in paper.texts if "…" in text.get_text()]
    return found


def assert_whole(found):
    for name, written in found.items():
        assert written.replace(" ", "").startswith(name.replace(" ", "")), (name, written)


@pytest.mark.parametrize("count", [20, *(pytest.param(n, marks=pytest.mark.campaign) for n in (5, 12, 30, 66))])
@pytest.mark.parametrize("name", [LONG, LONG_LATIN])
def test_a_very_long_name_stands_whole_in_the_list(count, name):
    names = [f"{name}{k}" if k % 3 == 0 else f"第{k}高中" for k in range(count)]
    schools = [
        school(f"{k:06d}", text, lon=120.7 + k % 8 / 50, lat=24.15 + k // 8 / 60) for k, text in enumerate(names)
    ]
    found = listed(solve(community(schools, name=f"{LONG}所在社區"), price=False))
    assert len(found) == count
    assert_whole(found)


@pytest.mark.parametrize("count", [25, *(pytest.param(n, marks=pytest.mark.campaign) for n in (9, 51))])
def test_the_longest_names_of_the_country_stand_whole_in_the_list(count):
    names = sorted(
        {row["學校名稱"] for row in shared_rows("high-109.csv")}, key=lambda name: (-text_width(name, 8), name)
    )
    assert len(names) > 500
    schools = [
        school(f"{k:06d}", name, lon=120.7 + k % 8 / 50, lat=24.15 + k // 8 / 60)
        for k, name in enumerate(names[:count])
    ]
    assert_whole(listed(solve(community(schools), price=False)))


def test_the_lines_of_a_long_name_do_not_cut_words():
    (lines, size) = map_paper._fitted(LONG_LATIN, 8.5, 120.0)
    assert " ".join(lines) == LONG_LATIN
    assert len(lines) > 1
    assert all(text_width(line, size) <= 120.0 for line in lines)
    assert map_paper._fitted("x" * 50, 8.5, 100.0)[0][0] == "x" * len(map_paper._fitted("x" * 50, 8.5, 100.0)[0][0])
    assert "".join(map_paper._fitted("x" * 50, 8.5, 100.0)[0]) == "x" * 50
    assert len(map_paper._fitted("長" * 40_000, 8.5, 100.0)[0]) == 8


@given(
    st.lists(st.tuples(st.floats(-20, 420), st.floats(-20, 320)), min_size=1, max_size=40),
    st.sampled_from([8.5, 12.0, 13.0]),
)
def test_boxes_that_are_spread_do_not_meet_and_stay_inside(points, first):
    radii = [first, *[8.5] * (len(points) - 1)]
    obstacle = (48.0, 17.0, 48.0, 17.0)
    placed = spread(np.array(points, dtype=float), radii, (0.0, 0.0, 400.0, 300.0), [obstacle])
    for (a, one), (b, two) in combinations(zip(radii, placed, strict=True), 2):
        assert np.abs(one - two).max() >= a + b
    for radius, (x, y) in zip(radii, placed, strict=True):
        assert radius <= x <= 400 - radius
        assert radius <= y <= 300 - radius
        assert abs(x - 48) > 48 + radius or abs(y - 17) > 17 + radius


def test_a_marker_with_room_stays_on_its_spot():
    spots = np.array([[50.0, 50.0], [200.0, 120.0]])
    assert (spread(spots, [8.5, 13.0], (0, 0, 400, 300)) == spots).all()


def test_a_km_is_as_long_in_both_directions(nine):
    drawing = maps.draw(nine)
    drawing.figure.canvas.draw()
    (west, east), (south, north) = drawing.axes.get_xlim(), drawing.axes.get_ylim()
    box = drawing.axes.get_window_extent()
    shrunk = np.cos(np.radians((south + north) / 2))
    assert box.width / ((east - west) * shrunk) == pytest.approx(box.height / (north - south), rel=1e-3)


# ---------------------------------------------------------------------------------------------------------- the SVG


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_the_svg_has_text_a_name_a_description_and_groups(nine, language):
    with language_set(language):
        root = ET.fromstring(maps.svg_text(nine))
        words = description(nine, scene_of(nine))
        credit = ATTRIBUTION["zh" if language == "zh-TW" else "en"]
    assert root.get("role") == "img"
    assert root.get("lang") == language
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert nine.problem.community.name in title.text
    assert desc.text == words
    shown = texts(root)
    assert credit in shown
    for spot in nine.problem.community.schools:
        assert any(spot.name in text for text in shown)
        group = root.find(f".//{SVG}g[@id='{map_style.gid('school', spot.code)}']")
        tip = group.find(f"{SVG}title").text
        assert spot.code in tip and spot.name in tip
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for kind, names in (
        ("demand", [p.id for p in nine.problem.community.demand_points]),
        ("township", nine.scenario.territory),
    ):
        assert {map_style.gid(kind, name) for name in names} <= set(ids)
    for element in root.iter(f"{SVG}text"):
        (families,) = re.findall(r"font(?:-family)?: ([^;]*'[^;]*)", element.get("style"))
        assert families.endswith("sans-serif")
        assert "Microsoft JhengHei" in families
    assert "<metadata" not in maps.svg_text(nine)


def test_equal_answers_give_equal_bytes_also_in_another_process(nine):
    with language_set("zh-TW"):
        first = maps.svg_text(nine)
        again = maps.svg_text(solve(example(9, 1), price=False))
    assert first == again
    program = (
        "import sys; from assigner.messages import set_language; set_language('zh-TW')\n"
        "from assigner.planner import solve; from assigner.scenario.example import example\n"
        "from assigner.report.map import svg_text\n"
        "sys.stdout.buffer.write(svg_text(solve(example(9, 1), price=False)).encode())\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=".")
    assert other.stdout.decode() == first


def test_names_are_data_in_the_svg(hostile):
    for language in ("zh-TW", "en"):
        with language_set(language):
            text = maps.svg_text(hostile)
        root = ET.fromstring(text)
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg", "g", "path", "use", "text", "tspan", "defs", "clipPath", "rect", "title", "desc",
        }  # fmt: skip
        assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)
        shown = texts(root)
        for name in HOSTILE:
            assert any(name in line for line in shown), name


def test_characters_that_no_file_may_hold_are_left_out():
    name = "甲\x01\u202e乙\n高中"
    problem = community([school("000001"), school("000002")]).problem()
    from dataclasses import replace

    odd = replace(problem.community.schools[0], name=name)
    task = replace(problem, community=replace(problem.community, schools=(odd, problem.community.schools[1])))
    result = solve_problem(task, price=False)
    assert scene_of(result).schools[0].name == "甲 乙 高中"
    ET.fromstring(maps.svg_text(result))


def test_only_the_items_asked_for_are_drawn(nine):
    groups = {"2.1": "lines-2-1", "4.4.career": "lines-4-4-career", "4.4.academic": "lines-4-4-academic"}

    def drawn(text):
        ids = {element.get("id") for element in ET.fromstring(text).iter()}
        return {unit for unit, name in groups.items() if name in ids}

    assert drawn(maps.svg_text(nine)) == {"4.4.career", "4.4.academic"}
    assert drawn(maps.svg_text(nine, ["2.1"])) == {"2.1"}
    assert drawn(maps.svg_text(nine, [])) == set()


def test_a_line_leads_to_the_nearest_host(nine):
    drawing = maps.draw(nine, items=["4.4.career"])
    (lines,) = [artist for artist in drawing.lines["4.4.career"] if artist.get_gid() == "lines-4-4-career"]
    places, distances = nine.scenario.places, nine.problem.distances
    hosts = nine.assignment.hosts_of("4.4.career")
    expected = []
    for point in nine.problem.community.demand_points:
        row = distances.from_demand[distances.row[point.id]]
        near = min(hosts, key=lambda code: (row[distances.column[code]], code))
        ends = [(places[key].lon, places[key].lat) for key in (point.id, near)]
        if ends[0] != ends[1]:
            expected.append(ends)
    segments = lines.get_path().vertices.reshape(-1, 2, 2)
    assert lines.get_path().codes.tolist() == [1, 2] * len(segments)
    assert sorted(np.round(s, 6).tolist() for s in segments) == sorted(np.round(e, 6).tolist() for e in expected)


def test_an_item_without_ways_is_refused_with_those_there_are(nine):
    with pytest.raises(ValueError, match=r"4\.1; known are: 2\.1"):
        nine.plot(items=["4.1"])


def test_islands_are_joined_by_dashed_links(islands):
    root = ET.fromstring(maps.svg_text(islands))
    links = [g for g in root.iter(f"{SVG}g") if (g.get("id") or "").startswith("link-")]
    assert len(links) == 2
    assert all("stroke-dasharray" in path.get("style") for g in links for path in g.iter(f"{SVG}path"))
    assert_apart(maps.draw(islands))


def test_a_map_of_the_planners_own_shows_its_names_and_its_source(tmp_path):
    """Other codes and names; and a scenario read back from a plan has no polygons, yet its schools have places."""
    from assigner.report.layers import layers_of
    from assigner.scenario import Scenario
    from geodata.townships import load_polygons

    own = load_polygons().reset_index()
    own = own[own["COUNTYNAME"] == "臺中市"]
    own["TOWNCODE"] = "K" + own["TOWNCODE"]
    own["COUNTYNAME"] = "臺中縣"
    own.to_file(tmp_path / "own.gpkg")
    data = {
        "schema_version": 1,
        "id": "own",
        "geography": {
            "file": "own.gpkg",
            "key": "TOWNCODE",
            "county": "COUNTYNAME",
            "town": "TOWNNAME",
            "attribution": "某局之圖資",
        },
        "convener": "choose",
        "schools": [{"code": f"00000{k}", "name": f"第{k}高中", "township": "臺中縣東勢區"} for k in range(4)],
    }
    result = solve(scenario_of(data, "own.yaml", tmp_path), price=False)
    root = ET.fromstring(maps.svg_text(result))
    assert "某局之圖資" in texts(root)
    assert not set(ATTRIBUTION.values()) & set(texts(root))
    assert [t.text for t in root.iterfind(f".//{SVG}g[@id='township-K66000100']/{SVG}title")] == ["臺中縣東勢區"]
    assert layers_of(result)["territory"]["towncode"].tolist() == ["K66000100"]
    back = solve(Scenario.from_canonical(result.scenario.canonical()), price=False)
    shown = texts(ET.fromstring(maps.svg_text(back)))
    assert "某局之圖資" in shown
    assert any("第3高中" in text for text in shown)
    assert len(layers_of(back)["territory"]) == 0


def test_without_a_plan_the_map_shows_the_schools_and_says_so():
    result = solve(collision(), price=False)
    assert result.assignment is None
    with language_set("en"):
        root = ET.fromstring(maps.svg_text(result))
    assert "There is no plan: the map shows the schools only." in texts(root)
    assert not [g for g in root.iter(f"{SVG}g") if (g.get("id") or "").startswith("lines-")]


def test_without_places_there_is_a_list_and_the_reason():
    result = solve_problem(plain_problem(5), price=False)
    with language_set("en"):
        shown = texts(ET.fromstring(maps.svg_text(result)))
    assert "It is not said where the schools are." in shown
    assert maps.png_bytes(result)[:8] == b"\x89PNG\r\n\x1a\n"


# ------------------------------------------------------------------------------------------------- signs and colours


def luminance(colour):
    from matplotlib.colors import to_rgb

    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_are_told_apart_from_what_is_around_them():
    for fill in map_style.FILL.values():
        assert contrast(map_style.INK, fill) >= 4.5
    for around in (map_style.LAND, map_style.AROUND, map_style.SEA):
        assert contrast(map_style.INK, around) >= 4.5
        assert contrast("#333333", around) >= 4.5
        assert contrast(map_style.BORDER, around) >= 3
    for colour, _dashes in map_style.LINE_STYLES:
        assert contrast(colour, map_style.LAND) >= 3
    assert len({dashes for _colour, dashes in map_style.LINE_STYLES}) == len(map_style.LINE_STYLES)


def test_every_role_has_a_sign_of_its_own():
    schools = [
        school("000001", benchmark=True),
        school("000002", benchmark=True),
        school("000003"),
        school("000004"),
        school("000005", takes_part=False),
        school("000006", public=True, barred=True),
    ]
    partner = {
        "code": "000009",
        "name": "外區特教",
        "township": "臺中市新社區",
        "items": ["1.1"],
        "because": "special_education",
    }
    result = solve(community(schools, outside_partners=[partner]), price=False)
    roles = {spot.code: spot.role for spot in scene_of(result).schools}
    assert roles["000009"] == "outside"
    assert {roles[f"00000{k}"] for k in (1, 2)} == {"convener", "benchmark"}
    assert roles["000005"] == "abstains"
    assert roles["000006"] == "barred"
    drawing = maps.draw(result)
    looks = {}
    for code, mark in drawing.markers.items():
        shape = mark.get_marker()
        hollow = mark.get_markerfacecolor() == "white"
        kind = shape if isinstance(shape, str) else {11: "star"}.get(len(shape.vertices), "crossed")
        looks[roles[code]] = (kind, hollow)
    assert looks["convener"][0] == "star"
    assert looks["benchmark"] == ("D", False)
    assert looks["participant"] == ("o", False)
    assert looks["outside"] == ("s", False)
    assert looks["abstains"] == ("o", True)
    assert looks["barred"] == ("crossed", True)
    assert_apart(drawing)


def test_a_school_that_is_barred_and_abstains_is_barred_everywhere():
    schools = [
        *(school(f"00000{k}") for k in range(1, 5)),
        school("000005", public=True, barred=True, takes_part=False),
    ]
    result = solve(community(schools), price=False)
    spot = scene_of(result).school_by_code["000005"]
    with language_set("en"):
        assert tables.roles(result, "000005") == ("barred from the funding",)
        assert spot.role == "barred"
        assert "barred from the funding" in texts(ET.fromstring(maps.svg_text(result)))


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_the_title_leaves_room_for_the_rulebook_beside_it(language):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    result = solve(
        community([school(f"00000{k}") for k in range(1, 5)], name="WWW MMM COMMUNITY QQQ " * 8), price=False
    )
    with language_set(language):
        figure = maps.draw(result, chinese=maps.chinese_font() is not None).figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    title, year = (
        next(t for axes in figure.axes for t in axes.texts if wanted(t)).get_window_extent(renderer)
        for wanted in (lambda t: t.get_gid() == "title", lambda t: "111" in t.get_text())
    )
    assert title.x1 < year.x0


@pytest.mark.campaign
def test_a_cache_that_cannot_be_written_is_not_spoken_of(tmp_path):
    (tmp_path / "file").write_text("")
    code = (
        "from assigner.planner import solve\nfrom assigner.scenario.example import example\n"
        "from assigner.report.map import png_bytes\npng_bytes(solve(example(3, 1), price=False))"
    )
    environment = dict(os.environ, MPLCONFIGDIR=str(tmp_path / "file" / "x"))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert done.stderr == b""


# ------------------------------------------------------------------------------------------------------- the picture


def test_the_picture_is_whole_and_the_same_each_time(nine):
    import io

    from PIL import Image

    with language_set("zh-TW"):
        first = maps.png_bytes(nine)
        maps.svg_text(nine)
        assert maps.png_bytes(nine) == first
    image = Image.open(io.BytesIO(first))
    assert image.size[0] == 1600
    assert len(image.convert("RGB").resize((200, 120)).getcolors(24000)) > 50


def test_without_a_chinese_font_numbers_and_a_note_stand_there_and_no_boxes(nine, monkeypatch):
    monkeypatch.setattr(maps, "chinese_font", lambda: None)
    with language_set("zh-TW"):
        drawing = maps.draw(nine, chinese=False)
        written = [text.get_text() for axes in drawing.figure.axes for text in axes.texts]
        assert maps.png_bytes(nine)[:8] == b"\x89PNG\r\n\x1a\n"
    assert not [text for text in written if map_fonts.has_chinese(text)]
    assert any("no Chinese font" in text for text in written)
    assert {str(k + 1) for k in range(9)} <= set(written)
    assert ATTRIBUTION["en"] in written


def test_drawing_leaves_the_settings_of_matplotlib_alone(nine):
    import matplotlib

    before = dict(matplotlib.rcParams)
    maps.svg_text(solve(example(5, 2), price=False))
    maps.png_bytes(nine)
    nine.plot()
    assert dict(matplotlib.rcParams) == before


def test_plot_gives_axes_in_degrees_or_takes_those_it_is_given(nine):
    from matplotlib.figure import Figure

    axes = nine.plot(lang="en")
    place = next(iter(nine.scenario.places.values()))
    assert axes.get_xlim()[0] < place.lon < axes.get_xlim()[1]
    figure = Figure(figsize=(6, 5))
    mine = figure.add_subplot()
    assert nine.plot(mine, items=["2.3"], lang="en") is mine
    assert any(ATTRIBUTION["en"] in text.get_text() for text in mine.texts)
    drawing = map_panel.Drawing(figure, mine, scene_of(nine))
    assert drawing.figure is figure


def test_a_wide_letter_counts_as_wide():
    assert text_width("學校", 10) == 20
    assert text_width("ab", 10) < 12
