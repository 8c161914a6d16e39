"""The rulebook of school year 111: quoted, checked hard, and data only - another year is a file and no code."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models.audit import audit
from models.community import Assignment, Plan
from models.documents import DocumentError, Fault, read_yaml
from models.duties import Duties
from models.rulebook import Rulebook, load_rulebook, parse_rulebook, rulebook_names, rulebook_schema
from models.tiers import solve_tiers
from tests.models.handmade import BUNDLE, CAREER, SHARED, A, accepts, changed, every_second, problem
from tests.oracles import mip
from tests.shared_data import shared_data

FOLDER = resources.files("models") / "rulebooks"
TEXT = (FOLDER / "111.yaml").read_text(encoding="utf-8")
BOOK = load_rulebook("111")


# ------------------------------------------------------------------------------------------------- as it is shipped


def test_it_loads_by_name_and_by_path(tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_text("\ufeff" + TEXT, encoding="utf-8")
    assert "111" in rulebook_names()
    assert load_rulebook(copy).hash == BOOK.hash
    assert load_rulebook(str(copy)).year == 111


def test_an_unknown_name_is_no_file() -> None:
    with pytest.raises(FileNotFoundError):
        load_rulebook("no such year")


def sourced() -> list[Any]:
    return [*BOOK.clauses, *BOOK.obligations, *BOOK.switches, BOOK.split, BOOK.categories]


def squeezed(text: str) -> str:
    """A text without blanks, asterisks and the marks of form fields."""
    return re.sub(r"\s|\*|<input[^>]*>", "", text)


def test_every_quotation_stands_in_the_briefing() -> None:
    briefing = squeezed(shared_data("../seed/briefing-111.txt").read_text(encoding="utf-8"))
    missing = [(entry.id, entry.quote) for entry in sourced() if entry.quote and squeezed(entry.quote) not in briefing]
    assert missing == []


def test_every_entry_is_quoted_or_marked_as_ours() -> None:
    for entry in sourced():
        if entry.assumption:
            assert entry.reason is not None, entry.id
        else:
            assert entry.quote, entry.id
            assert entry.place, entry.id
    ours = {entry.id for entry in sourced() if entry.assumption}
    assert ours == {
        "school.cannot",
        "school.load_limit",
        "planner.pins",
        "planner.bans",
        "planner.host_number",
        "planner.exploration_number",
        "load_scale",
        "load_limits",
    }


def test_ids_are_unique_and_every_switch_is_used() -> None:
    ids = [entry.id for entry in sourced()]
    assert len(ids) == len(set(ids))
    by_name = {name for entry in sourced() for name in getattr(entry, "by_switch", {})}
    counted = {switch.id for switch in BOOK.switches if switch.counts_in_load}
    known = {
        "partner_includes_convener",
        "participants_counted",
        "exploration_basis",
        "exploration_number",
        "barred_schools",
        "load_scale",
    }
    after_a_split = {"scope_2_1", "scope_2_3", "scope_3_2", "scope_4_5"}
    assert {switch.id for switch in BOOK.switches} == by_name | counted | known | after_a_split


def test_texts_are_in_both_languages() -> None:
    for entry in sourced():
        assert entry.title.in_("zh-TW") != entry.title.in_("en")
        assert re.search(r"[\u4e00-\u9fff]", entry.title.in_("zh-TW")), entry.id
        assert not re.search(r"[\u4e00-\u9fff]", entry.title.in_("en")), entry.id


def test_items_of_the_programme() -> None:
    ids = [item.id for item in BOOK.items]
    assert ids == [
        *("1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", *BUNDLE, "4.1", "4.2", "4.3"),
        *(CAREER, "4.4.academic", "4.5", *SHARED, "6"),
    ]
    assert [item.id for item in BOOK.items if not item.mandatory] == ["2.2", "2.4"]
    rules = BOOK.resolve()
    # 4 + 2 + the bundle + 4 + 2 tracks: thirteen units in the load.
    assert len(rules.load_units) == 13
    assert rules.unit_of["3.2"] == "3"
    assert rules.tracks == (CAREER, "4.4.academic")


def test_choice_of_switches() -> None:
    rules = BOOK.resolve({"both_tracks": "yes", "community_learning_load": "in_load"})
    assert rules.option("both_tracks") == "yes"
    assert rules.option("load_scale") == "band"
    assert "4.4.one_track" not in rules.clause_by_id
    assert set(SHARED) <= rules.load_units
    assert "6" not in rules.load_units
    assert rules.with_options({"both_tracks": "no"}).option("community_learning_load") == "in_load"
    with pytest.raises(KeyError):
        BOOK.resolve({"both_trackz": "yes"})
    with pytest.raises(ValueError, match="both_tracks"):
        BOOK.resolve({"both_tracks": "perhaps"})


def test_bands() -> None:
    (cap,) = BOOK.resolve().of_kind("track_cap")
    most = {n: (cap.band_for(n).most_hosts, cap.band_for(n).most_per_track) for n in (1, 5, 6, 10, 11, 15, 16, 99)}
    assert most == {
        1: (2, 1),
        5: (2, 1),
        6: (4, 2),
        10: (4, 2),
        11: (6, 3),
        15: (6, 3),
        16: (8, 4),
        99: (8, 4),
    }


# ------------------------------------------------------------------------------------------------- schema and hash


def test_published_schema_is_that_of_the_code() -> None:
    published = (FOLDER / "rulebook.schema.json").read_text(encoding="utf-8")
    assert published == json.dumps(rulebook_schema(), indent=1, ensure_ascii=False) + "\n"


def test_rulebook_is_valid_by_its_schema_and_nonsense_is_not() -> None:
    schema = json.loads((FOLDER / "rulebook.schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.validators.validator_for(schema)
    checker.check_schema(schema)
    data = read_yaml(TEXT, "111.yaml").data
    assert list(checker(schema).iter_errors(data)) == []
    data["clauses"][0]["kind"] = "no such kind"
    assert list(checker(schema).iter_errors(data))
    del data["clauses"]
    assert list(checker(schema).iter_errors(data))


def test_hash_does_not_depend_on_how_the_file_looks() -> None:
    data = read_yaml(TEXT, "111.yaml").data
    backwards = {key: data[key] for key in reversed(data)}
    for text in (json.dumps(data), json.dumps(backwards, ensure_ascii=False, indent=3), "# a note\n" + TEXT):
        assert parse_rulebook(text, "again").hash == BOOK.hash
    assert parse_rulebook(replaced('{value: "1/10"', "{value: 0.1"), "again").hash == BOOK.hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rotation_cost: {value: 1,", "rotation_cost: {value: 2,"),
        ("at_least: 5\n    per: semester", "at_least: 4\n    per: semester"),
        ("default: band\n", "default: exact\n"),
        ("quote: 每區必辦", "quote: 每區"),
    ],
)
def test_hash_depends_on_the_content(old: str, new: str) -> None:
    assert parse_rulebook(replaced(old, new), "other").hash != BOOK.hash


# ------------------------------------------------------------------------------------------------------ hard checks


def replaced(old: str, new: str, text: str = TEXT) -> str:
    """The rulebook's text with one place changed."""
    assert text.count(old) == 1, f"{text.count(old)} x {old}"
    return text.replace(old, new)


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(DocumentError) as error:
        parse_rulebook(text, "broken.yaml")
    assert error.value.name == "broken.yaml"
    return error.value.faults


def line_of(text: str, part: str) -> int:
    assert text.count(part) == 1, f"{text.count(part)} x {part}"
    return text[: text.index(part)].count("\n") + 1


SECOND, THIRD = "participants_from: 6, participants_to: 10, most_hosts: 4", "participants_from: 11, participants_to: 15"
ONE_SCHOOL = 'items: ["4.1", "4.2", "4.3", "4.5"]\n    among: participants\n    at_least: 1\n    at_most: 1'
#: What is replaced, by what, the fault, a part of the line on which it is reported.
BROKEN = {
    "bands overlap": (SECOND, SECOND.replace("6", "5", 1), "rulebook.band_overlap", "participants_from: 5,"),
    "bands leave a hole": (SECOND, SECOND.replace("6", "7", 1), "rulebook.band_hole", "participants_from: 7,"),
    "bands end": ("participants_to: null", "participants_to: 30", "rulebook.band_open", "- {participants_from: 1,"),
    "a band ends before it begins": (
        SECOND,
        SECOND.replace("10", "5"),
        "rulebook.band_order",
        "participants_to: 5, most_hosts: 4",
    ),
    "a band after the last": (SECOND, SECOND.replace("10", "null"), "rulebook.band_after_end", "participants_from: 11"),
    "cap below the tracks": ("most_hosts: 2", "most_hosts: 1", "rulebook.cap_below_tracks", "most_hosts: 1"),
    "cap that the tracks cannot fill": (
        "most_hosts: 4, most_per_track: 2",
        "most_hosts: 4, most_per_track: 1",
        "rulebook.cap_unreachable",
        "most_hosts: 4, most_per_track: 1",
    ),
    "unknown item in a clause": (
        'items: ["2.1", "2.3"]\n    among',
        'items: ["2.1", "2.9"]\n    among',
        "rulebook.unknown_item",
        '["2.1", "2.9"]',
    ),
    "unknown item in a unit": (
        'items: ["3.1", "3.2", "3.3"]\n    title: {zh-TW: 資源共享（三項合辦）',
        'items: ["3.1", "3.2", "3.9"]\n    title: {zh-TW: 資源共享（三項合辦）',
        "rulebook.unknown_item",
        '"3.9"',
    ),
    "unknown item of a way": (
        '{id: "6.media", item: "6"',
        '{id: "6.media", item: "7"',
        "rulebook.unknown_item",
        '"6.media", item: "7"',
    ),
    "unknown item of hosts who owe": (
        'who: {hosts_of: ["4.1"]}',
        'who: {hosts_of: ["4.9"]}',
        "rulebook.unknown_item",
        '["4.9"]',
    ),
    "unknown item of a quota": (
        'items: ["1.4"]\n    at_least: 2',
        'items: ["1.9"]\n    at_least: 2',
        "rulebook.unknown_item",
        '["1.9"]',
    ),
    "unknown item that categories suit": (
        '{item: "4.4.academic", categories',
        '{item: "4.4.art", categories',
        "rulebook.unknown_item",
        '"4.4.art"',
    ),
    "unknown item that a switch counts": (
        'counts_in_load: ["6"]',
        'counts_in_load: ["8"]',
        "rulebook.unknown_item",
        '["8"]',
    ),
    "unknown category": ("categories: [general]", "categories: [generals]", "rulebook.unknown_category", "[generals]"),
    "unknown way": (
        'one_of: ["6.fair", "6.visits"]',
        'one_of: ["6.fair", "6.walks"]',
        "rulebook.unknown_way",
        '"6.walks"',
    ),
    "unknown group": (
        '- id: "2.4"\n    group: "2"',
        '- id: "2.4"\n    group: "9"',
        "rulebook.unknown_group",
        'group: "9"',
    ),
    "unknown switch": (
        'both_tracks: {"yes": {enabled',
        'both_trackz: {"yes": {enabled',
        "rulebook.unknown_switch",
        "both_trackz",
    ),
    "unknown option": (
        'both_tracks: {"yes": {enabled',
        'both_tracks: {"maybe": {enabled',
        "rulebook.unknown_option",
        "maybe",
    ),
    "unknown switch of a relaxation": (
        "set: {both_tracks:",
        "set: {both_trackz:",
        "rulebook.unknown_switch",
        "both_trackz",
    ),
    "unknown option of a relaxation": (
        "set: {load_limits: soft}",
        "set: {load_limits: none}",
        "rulebook.unknown_option",
        "load_limits: none",
    ),
    "a change that a switch cannot make": (
        "{at_most: null}",
        "{at_most: -1}",
        "rulebook.switch_change",
        "{at_most: -1}",
    ),
    "a change of something else": ("{at_most: null}", "{at_mots: null}", "rulebook.switch_change", "at_mots"),
    "a switch without alternatives": (
        "      - {id: soft, title: {zh-TW: 一律軟性, en: all soft}}\n",
        "",
        "rulebook.switch_without_alternatives",
        "- id: load_limits",
    ),
    "the same option twice": (
        "{id: soft, title",
        "{id: as_stated, title",
        "rulebook.switch_without_alternatives",
        "- id: load_limits",
    ),
    "a default that is no option": (
        "default: band\n",
        "default: bands\n",
        "rulebook.switch_default",
        "- id: load_scale",
    ),
    "a switch that the code needs": (
        "- id: participants_counted",
        "- id: participants_count",
        "rulebook.switch_missing",
        "- id: partner_includes_convener",
    ),
    "options that the code does not know": (
        "- {id: fewest,",
        "- {id: least,",
        "rulebook.switch_options",
        "- {id: most,",
    ),
    "effort of an item and of its unit": (
        '- id: "3.1"\n    group: "3"',
        '- id: "3.1"\n    effort_points: 1\n    group: "3"',
        "rulebook.effort_twice",
        '- id: "3.1"',
    ),
    "effort missing": (
        "effort_points: 1\n    trips: {who: participants, times_a_year: 10}",
        "trips: {who: participants, times_a_year: 10}",
        "rulebook.effort_missing",
        '- id: "1.1"',
    ),
    "an item in two units": (
        "units:\n",
        'units:\n  - {id: "9", items: ["3.2"], title: {zh-TW: 又, en: again}, effort_points: 1}\n',
        "rulebook.item_in_two_units",
        'items: ["3.1", "3.2", "3.3"]\n    title: {zh-TW: 資源共享（三項合辦）',
    ),
    "more ways than there are": (
        "role: benchmark\n    at_least: 3",
        "role: benchmark\n    at_least: 6",
        "rulebook.too_few_ways",
        "at_least: 6",
    ),
    "an assumption without reason": (
        "    reason: {zh-TW: 方案僅規定下限, en: the text gives only the lower limit}\n",
        "",
        "rulebook.assumption_without_reason",
        "- id: planner.host_number",
    ),
    "no source": ("    quote: 公推一所召集學校\n", "", "rulebook.no_source", "- id: plan.convener"),
    "an aim left out": (
        "preference, separate, tie_break]",
        "preference, tie_break]",
        "rulebook.tier_order",
        "  order: [unwilling",
    ),
    "an aim twice": (
        "preference, separate, tie_break]",
        "preference, separate, load, tie_break]",
        "rulebook.tier_order",
        "  order: [unwilling",
    ),
    "limits the wrong way round": (
        ONE_SCHOOL,
        ONE_SCHOOL.replace("at_most: 1", "at_most: 0"),
        "rulebook.count_order",
        "- id: 4.hosts",
    ),
    "a number in words": (
        "capacity_points: {value: 5,",
        "capacity_points: {value: five,",
        "rulebook.number",
        "{value: five,",
    ),
    "yes for a number": (
        "rotation_cost: {value: 1,",
        "rotation_cost: {value: true,",
        "rulebook.number",
        "{value: true,",
    ),
    "no capacity": (
        "  capacity_points: {value: 5,",
        "  capacity_points: {value: 0,",
        "rulebook.positive",
        "  capacity_points: {value: 0,",
    ),
    "two ways to say who": (
        'who: {hosts_of: ["4.1"]}',
        'who: {hosts_of: ["4.1"], role: convener}',
        "rulebook.who",
        "role: convener}\n    at_least: 1\n    per: school_year\n    title: {zh-TW: 逐年",
    ),
    "a misspelt key": (
        "role: benchmark\n    at_least: 3",
        "role: benchmark\n    at_lest: 3",
        "schema.extra_forbidden",
        "at_lest: 3",
    ),
    "something missing": ("year: 111\n", "", "schema.missing", "schema_version: 1"),
    "an unknown kind": ("kind: track_cap", "kind: track_caps", "schema.union_tag_invalid", "- id: 4.4.cap"),
    "an unknown role": (
        "role: benchmark\n    at_least: 3",
        "role: benchmarks\n    at_least: 3",
        "schema.literal_error",
        "role: benchmarks",
    ),
    "a negative number": ("above_schools: 20", "above_schools: -1", "schema.greater_than_equal", "above_schools: -1"),
    "an item id with blanks": ('- id: "2.4"', '- id: "2 4"', "schema.string_pattern_mismatch", '- id: "2 4"'),
    "another version of the format": (
        "schema_version: 1",
        "schema_version: 2",
        "schema.literal_error",
        "schema_version: 2",
    ),
}


@pytest.mark.parametrize("name", every_second(BROKEN))
def test_a_broken_rulebook_is_refused_with_the_line(name: str) -> None:
    old, new, code, part = BROKEN[name]
    text = replaced(old, new)
    found = [(fault.code, fault.line) for fault in faults(text)]
    assert (code, line_of(text, part)) in found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('- {id: "2", title: {zh-TW: 六年一貫', '- {id: "1", title: {zh-TW: 六年一貫'),
        ('- id: "2.4"', '- id: "2.2"'),
        ('{id: "6.media"', '{id: "6.fair"'),
        ("- id: 2.same_host", "- id: 2.hosts"),
        ("- id: quota.1.1.plans", "- id: quota.1.1.meetings"),
        ("- id: club_round", "- id: course_visits"),
        ("- id: R5", "- id: R4"),
    ],
)
def test_a_duplicate_id_is_refused_at_its_second_place(old: str, new: str) -> None:
    text = replaced(old, new)
    found = [(fault.code, fault.line) for fault in faults(text)]
    # The line is that of what was replaced.
    assert ("rulebook.duplicate_id", TEXT[: TEXT.index(old)].count("\n") + 1) in found


def test_all_faults_are_told_at_once() -> None:
    text = replaced("categories: [general]", "categories: [generals]")
    text = replaced('one_of: ["6.fair", "6.visits"]', 'one_of: ["6.fair", "6.walks"]', text)
    assert {fault.code for fault in faults(text)} == {"rulebook.unknown_category", "rulebook.unknown_way"}


def test_choices_are_offered() -> None:
    (fault,) = faults(replaced("categories: [general]", "categories: [generals]"))
    assert fault.value == "generals"
    assert "general" in str(fault.details["choices"]).split(", ")


# ------------------------------------------------------------------------------------- another year is a copied file


def year_199() -> str:
    """A year that never was: other bands, three tracks, an item 4.6, and 2.1 with 2.3 as a second bundle."""
    text = replaced("year: 111\n", "year: 199\n")
    text = replaced(
        '  - id: "5.1"\n',
        '  - {id: "4.4.craft", group: "4", title: {zh-TW: 工藝試探, en: Crafts}, place: 無, mandatory: true,\n'
        "     load: main, effort_points: 1, trips: {who: junior_high_pupils, times_a_year: 1, grades: [7]}}\n"
        '  - {id: "4.6", group: "4", title: {zh-TW: 新項目, en: New item}, place: 無, mandatory: true, load: main,\n'
        "     effort_points: 1}\n"
        '  - id: "5.1"\n',
        text,
    )
    text = text.replace('["4.4.career", "4.4.academic"]', '["4.4.career", "4.4.academic", "4.4.craft"]')
    text = text.replace('["4.1", "4.2", "4.3", "4.5"]', '["4.1", "4.2", "4.3", "4.5", "4.6"]')
    first, last = text.index("    bands:\n"), text.index("    by_switch:\n      exploration_presence: {exactly_cap")
    text = (
        text[:first]
        + "    bands:\n"
        + "      - {participants_from: 1, participants_to: 4, most_hosts: 3, most_per_track: 1}\n"
        + "      - {participants_from: 5, participants_to: 9, most_hosts: 5, most_per_track: 2}\n"
        + "      - {participants_from: 10, participants_to: null, most_hosts: 9, most_per_track: 3}\n"
        + text[last:]
    )
    # The second bundle: 2.1 and 2.3 lose their own effort and trips, and the clause on their host is in force.
    own = "    effort_points: 1\n    trips: {who: junior_high_teachers, times_a_year: 4}\n"
    for item in ("2.1", "2.3"):
        start = text.index(f'  - id: "{item}"\n')
        text = text[:start] + text[start:].replace(own, "", 1)
    text = replaced(
        "units:\n",
        'units:\n  - {id: "2", items: ["2.1", "2.3"], title: {zh-TW: 六年一貫, en: Continuity}, effort_points: 1,\n'
        "     trips: {who: junior_high_teachers, times_a_year: 4}}\n",
        text,
    )
    text = replaced('    items: ["2.1", "2.3"]\n    enabled: false\n', '    items: ["2.1", "2.3"]\n', text)
    return replaced("    by_switch:\n      six_year_same_host: {must: {enabled: true}}\n", "", text)


@pytest.fixture(scope="module")
def other_year(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    path = tmp_path_factory.mktemp("years") / "199.yaml"
    path.write_text(year_199(), encoding="utf-8")
    return load_rulebook(path)


TRACKS = (CAREER, "4.4.academic", "4.4.craft")


@pytest.mark.parametrize(
    ("n", "hosts", "loads"),
    [
        # 4 of partnership, two bundles, 5 of development: 11 units, the tracks, and the base of the convener.
        (4, 3, (4, 4, 4, 3)),
        (7, 5, (3, 3, 3, 2, 2, 2, 2)),
        (9, 5, (2, 2, 2, 2, 2, 2, 2, 2, 1)),
        (10, 9, (3, *(2,) * 9)),
    ],
)
def test_another_year_is_solved_and_audited_without_code(
    other_year: Rulebook, n: int, hosts: int, loads: tuple[int, ...]
) -> None:
    codes = [f"1000{k:02d}" for k in range(1, n + 1)]
    given = problem(codes, book=other_year, switches={"load_scale": "points"}, convener=codes[0])
    result = solve_tiers(Plan(given, codes[0]))
    assert result.proven
    assert result.tier("exploration").value == hosts
    assert result.tier("load").value == loads
    plan = result.assignment
    assert audit(given, plan).ok
    assert len(plan.hosts_of("4.6")) == 1
    assert plan.hosts_of("4.6") != (codes[0],)
    assert plan.hosts_of("2.1") == plan.hosts_of("2.3")
    assert plan.hosts_of("3.1") == plan.hosts_of("3.2") == plan.hosts_of("3.3")
    assert sum(len(plan.hosts_of(track)) for track in TRACKS) == hosts
    assert len({code for track in TRACKS for code in plan.hosts_of(track)}) == hosts
    theirs = mip.solve_tiers(given)
    assert theirs.assignment == plan


def test_the_audit_of_another_year_knows_its_rules(other_year: Rulebook) -> None:
    codes = [f"1000{k:02d}" for k in range(1, 8)]
    given = problem(codes, book=other_year, convener=codes[0])
    plan = solve_tiers(Plan(given, codes[0])).assignment
    duties = Duties(Plan(given, codes[0]))

    def broken(assignment: Assignment) -> list[tuple[str, str]]:
        found = [f for f in audit(given, assignment).findings if not f.ok]
        assert not accepts(duties, assignment)
        return [(f.clause.id, violation.code) for f in found for violation in f.violations]

    assert broken(changed(plan, {"4.6": ()})) == [("4.hosts", "host_count.too_few")]
    assert broken(changed(plan, {"4.6": codes[:1]})) == [("4.partner", "who_hosts.outside_role")]
    other = [code for code in codes if code not in plan.hosts_of("2.1")]
    assert broken(changed(plan, {"2.3": other[:1]})) == [("2.same_host", "same_hosts.differ")]
    # Two hosts of every track are six, one above the five in all.
    two_each = {track: codes[1 + 2 * k : 3 + 2 * k] for k, track in enumerate(TRACKS)}
    assert broken(changed(plan, two_each)) == [("4.4.cap", "track_cap.total")]


def test_the_unit_of_a_bundle_counts_once_in_another_year(other_year: Rulebook) -> None:
    rules = other_year.resolve()
    # 4 + 2 bundles + 5 + 3 tracks
    assert len(rules.load_units) == 14
    assert rules.unit_of["2.1"] == rules.unit_of["2.3"] == "2"
    plan = Assignment(A, {"2.1": (A,), "2.3": (A,), "3.1": (A,), "3.2": (A,), "3.3": (A,)})
    assert plan.units_of(rules) == {A: ("2", "3")}
    assert plan.units_of(BOOK.resolve()) == {A: ("2.1", "2.3", "3")}
    assert other_year.hash != BOOK.hash
