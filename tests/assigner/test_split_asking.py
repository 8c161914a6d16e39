"""What is asked of a split, in people's words; where everybody lies."""

from __future__ import annotations

import json

import networkx as nx
import pytest

from assigner.errors import InputError
from assigner.messages import language_set
from assigner.scenario import scenario_of
from assigner.splitting.asking import ask
from assigner.splitting.earlier import kept_plan, old_division
from assigner.splitting.territory import node_label, territory_of
from tests.assigner.split_scenarios import LINE, along, community, data

PLAIN = community(along(4, 4, 4, 4, 3, 2))


def asked(scenario=PLAIN, **more):
    return ask(scenario, scenario.problem(), **more)


def wrong(scenario=PLAIN, **more):
    """The options that are refused, and the text."""
    with language_set("en"), pytest.raises(InputError) as caught:
        asked(scenario, **more)
    return [problem.place.key or str(problem.file) for problem in caught.value.problems], str(caught.value)


# ------------------------------------------------------------------------------------------------------------ words


def test_schools_go_by_code_or_name_and_townships_stand_for_their_schools():
    wishes = asked(together=["SYN001、範例21高中"], apart=["syn002，SYN009"], divisible="豐原").wishes
    assert wishes.together == (("SYN001", "SYN021"),)
    assert wishes.apart == (("SYN002", "SYN009"),)
    whole = asked(together=["東勢區, SYN009"], apart=["石岡區,北區"], divisible=["豐原區", "臺中市豐原區"])
    assert whole.wishes.together == (("SYN001", "SYN002", "SYN003", "SYN004", "SYN009"),)
    assert len(whole.wishes.apart) == 4 * 2 and ("SYN005", "SYN020") in whole.wishes.apart
    assert [PLAIN.geography.townships[code].name for code in whole.divisible] == ["臺中市豐原區"]


def test_a_code_that_lost_its_zero_is_the_school():
    content = data(along(4, 4, 4, 4, 3, 2))
    content["schools"][0]["code"] = "063404"
    scenario = scenario_of(content)
    assert asked(scenario, conveners="63404").wishes.conveners == ("063404",)


def test_two_conveners_take_the_place_of_the_one_in_the_scenario_and_one_joins_it():
    stated = community(along(4, 4, 4, 4, 3, 2), convener="SYN005")
    assert asked(stated).wishes.conveners == ("SYN005",)
    assert asked(stated, conveners=["SYN010"]).wishes.conveners == ("SYN005", "SYN010")
    assert asked(stated, conveners=["SYN010", "SYN020"]).wishes.conveners == ("SYN010", "SYN020")
    assert asked(stated, conveners=["SYN005", "SYN005"]).wishes.conveners == ("SYN005",)
    assert asked(free_conveners=True).wishes.convening == "free"


def test_everything_that_is_wrong_is_said_at_once():
    places, text = wrong(
        unit="街",
        divisible="萬華區,豊原",
        together=["SYN001,SYN002,SYN999", "SYN003"],
        apart=["SYN001,SYN002,SYN003"],
        conveners=["SYN001", "SYN005", "SYN009"],
        keep_plan="no-such-plan.json",
        old="no-such.csv",
    )
    assert set(places) == {
        "--unit",
        "--divisible",
        "--together",
        "--apart",
        "--convener",
        "no-such-plan.json",
        "no-such.csv",
    }
    assert "Did you mean “SYN0" in text
    assert "捌、一（二）" in text and "3 cannot convene" in text


def test_a_school_that_takes_no_part_is_named():
    content = data(along(4, 4, 4, 4, 3, 3))
    content["schools"][5]["takes_part"] = False
    places, text = wrong(scenario_of(content), together=["SYN006,SYN001"], conveners=["SYN006"])
    assert places == ["--together", "--convener"]
    assert "SYN006 範例06高中" in text and "takes no part" in text


@pytest.mark.parametrize(
    ("more", "option", "words"),
    [
        ({"together": ["SYN001,SYN002", "SYN002,SYN003"], "apart": ["SYN001,SYN003"]}, "--apart", "together and apart"),
        ({"together": ["SYN001,SYN002"], "conveners": ["SYN001", "SYN002"]}, "--convener", "together and apart"),
        ({"apart": ["SYN001,SYN005", "SYN005,SYN009", "SYN001,SYN009"]}, "--apart", "third plan"),
    ],
)
def test_wishes_that_contradict_each_other_are_slips(more, option, words):
    places, text = wrong(**more)
    assert places == [option] and words in text


# --------------------------------------------------------------------------------------------- plans kept, divisions


def test_a_plan_is_kept_from_its_own_file_or_from_a_split(tmp_path):
    schools = [f"SYN{k:03d}" for k in range(1, 9)]
    single = tmp_path / "plan.json"
    single.write_text(json.dumps({"loads": {code: {} for code in schools}, "convener": "SYN003"}), encoding="utf-8")
    both = tmp_path / "split.json"
    plans = [{"schools": schools, "convener": "SYN003"}, {"schools": ["SYN009"], "convener": "SYN009"}]
    both.write_text(json.dumps({"plans": plans}), encoding="utf-8")
    for name in (single, f"{both}#1"):
        wishes = asked(keep_plan=name).wishes
        assert wishes.kept == frozenset(schools) and wishes.conveners == ("SYN003",)
    assert kept_plan(f"{both}#2").convener == "SYN009"
    assert "not said which of them" in wrong(keep_plan=both)[1]
    assert "no plan of this number" in wrong(keep_plan=f"{single}#1")[1]


@pytest.mark.parametrize("content", ["[1, 2]", "{", "{}", '{"loads": []}', '{"plans": 3}', "\x00"])
def test_what_is_no_plan_is_refused_in_words(content, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(content, encoding="utf-8")
    assert wrong(keep_plan=path)[0] == [str(path)]
    assert wrong(old=path)[0] in ([str(path)], ["--old"])


def test_schools_of_a_kept_plan_that_are_not_here_are_named(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"loads": {"SYN001": {}, "SYN777": {}}}), encoding="utf-8")
    assert "SYN777" in wrong(keep_plan=path)[1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp950"])
def test_an_old_division_is_read_from_a_table(encoding, tmp_path):
    path = tmp_path / "old.csv"
    rows = ["代碼,學校,計畫", *(f"SYN{k:03d},,{'甲' if k < 10 else '乙'}" for k in range(1, 21)), "範例21高中,,乙"]
    path.write_text("\r\n".join(rows), encoding=encoding, newline="")
    sides = old_division(path, PLAIN.problem())
    assert sides["SYN001"] == 0 and sides["SYN010"] == sides["SYN021"] == 1 and len(sides) == 21
    assert asked(old=path).wishes.old == dict(sorted(sides.items()))


def test_faults_of_a_table_are_named_with_their_cells(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "舊劃分"
    for row in (["code", "plan"], ["SYN001", 1], ["SYN002", 2], ["SYN001", 2], ["what", 1], ["SYN003", None]):
        sheet.append(row)
    path = tmp_path / "old.xlsx"
    book.save(path)
    _places, text = wrong(old=path)
    assert "舊劃分!A4" in text and "both plans" in text
    assert "舊劃分!A5" in text and "no school code" in text
    assert "舊劃分!B6" in text
    path.write_bytes(b"PK\x03\x04nothing")
    assert "cannot be read as a table" in wrong(old=path)[1]


def test_schools_that_came_or_went_are_noted(tmp_path):
    sides = {f"SYN{k:03d}": int(k > 10) for k in range(3, 23)}
    found = asked(old=sides)
    with language_set("en"):
        notes = " ".join(map(str, found.notes))
    assert "SYN022" not in found.wishes.old and len(found.wishes.old) == 19
    assert "1 schools of the earlier division" in notes and "2 schools were in neither" in notes
    assert wrong(old={"SYN001": 0, "SYN002": 0})[0] == ["--old"]


# --------------------------------------------------------------------------------------------------------- territory


def test_townships_are_the_nodes_and_borders_the_edges():
    scenario = community(along(4, 0, 4, 4, 3, 2))
    territory = territory_of(scenario, scenario.problem())
    names = {node_label(scenario, node) for node in territory.graph}
    assert names == set(LINE)  # the one without schools too
    codes = {scenario.geography.townships[code].name: code for code in scenario.territory}
    assert territory.graph.has_edge(codes[LINE[0]], codes[LINE[1]])
    assert not territory.graph.has_edge(codes[LINE[0]], codes[LINE[5]])
    assert territory.school_node["SYN001"] == codes[LINE[0]]
    assert territory.demand_nodes["JSYJ003"] == (codes[LINE[2]],)


def test_a_divided_township_is_a_clique_that_adjoins_all_its_neighbours():
    content = data(along(4, 4, 4, 4, 3, 3))
    content["schools"][8]["takes_part"] = False  # one of 豐原
    scenario = scenario_of(content)
    town = scenario.geography.find("豐原區").towncode
    territory = territory_of(scenario, scenario.problem(), [town])
    own = [node for node in territory.graph if str(node).startswith(town)]
    assert len(own) == 3
    assert nx.is_isomorphic(territory.graph.subgraph(own), nx.complete_graph(3))
    neighbours = {frozenset(set(territory.graph[node]) - set(own)) for node in own}
    assert len(neighbours) == 1 and len(neighbours.pop()) >= 2
    assert territory.school_node["SYN009"] in own  # it goes with another of its township
    assert territory.demand_nodes["JSYJ003"] == tuple(own)
    assert "範例10高中" in node_label(scenario, own[0])
    every = territory_of(scenario, scenario.problem(), every=True)
    assert len(every.graph) == 21


def test_a_junior_high_outside_goes_with_the_nearest_school():
    content = data(along(4, 4, 4, 4, 3, 2))
    content["junior_highs"] += [
        {"code": "SYJ100", "township": "臺中市后里區", "lon": 120.72, "lat": 24.30, "pupils": {8: 3}},
        {"code": "SYJ101", "township": "臺中市和平區", "lon": 120.88, "lat": 24.18, "pupils": {8: 3}},
    ]
    scenario = scenario_of(content)
    territory = territory_of(scenario, scenario.problem())
    names = [node_label(scenario, territory.demand_nodes[code][0]) for code in ("JSYJ100", "JSYJ101")]
    assert names == ["臺中市豐原區", "臺中市東勢區"]


def test_a_school_without_a_place_cannot_be_put_on_a_side(tmp_path):
    content = data(along(4, 4, 4, 4, 3, 2))
    codes = [school["code"] for school in content["schools"]]
    rows = [*codes, *(junior_high["code"] for junior_high in content["junior_highs"])]
    lines = [",".join(["", *codes]), *(",".join([row, *["1"] * len(codes)]) for row in rows)]
    (tmp_path / "m.csv").write_text("\n".join(lines), encoding="utf-8")
    del content["schools"][3]["township"]
    scenario = scenario_of({**content, "travel": {"mode": "matrix", "matrix": "m.csv"}}, folder=tmp_path)
    with language_set("en"), pytest.raises(InputError, match="SYN004") as caught:
        territory_of(scenario, scenario.problem())
    assert "in which township" in str(caught.value)
