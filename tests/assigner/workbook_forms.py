"""Forms for the tests of workbooks: a small synthetic community, edited cell by cell."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache

from assigner.messages import language_set
from assigner.scenario import scenario_of
from assigner.workbook.layout import SHEET_BY_ID
from assigner.workbook.template import workbook_bytes, write_workbook

TOWNS = ("臺中市東勢區", "臺中市新社區", "臺中市石岡區", "臺中市豐原區")


def small(**more):
    """Make four synthetic schools with two junior highs."""
    schools = [
        {
            "code": f"SYN00{k}",
            "name": f"範例{k}高中",
            "township": town,
            "categories": ["general"],
            "willingness": {"4.1": "willing", "4.5": {"answer": "unwilling", "reason": "教師員額不足"}},
        }
        for k, town in enumerate(TOWNS, 1)
    ]
    data = {
        "schema_version": 1,
        "id": "small",
        "name": "範例社區",
        "synthetic": True,
        "convener": "SYN001",
        "schools": schools,
        "junior_highs": [
            {"code": "SYJ001", "name": "範例國中1", "township": TOWNS[0], "pupils": {7: 10, 8: 20, 9: 30}},
            {"code": "SYJ002", "name": "範例國中2", "township": TOWNS[3], "graduates": 1200},
        ],
    }
    return scenario_of({**data, **more}, "small.yaml")


def everything():
    """Make a scenario that uses every key of the file."""
    schools = [
        {"code": "063404", "name": "=1+1", "township": TOWNS[0], "lon": 120.83408123456789, "lat": 24.24175},
        {"code": "SYN002", "name": "+範例@", "township": TOWNS[1], "public": False, "categories": []},
        {"code": "SYN003", "name": "-範例", "township": TOWNS[2], "takes_part": True, "benchmark": True},
        {"code": "SYN004", "township": TOWNS[3], "takes_part": False, "categories": ["機械群", "general"]},
        {"code": "SYN005", "name": "五", "lon": 120.75, "lat": 24.25, "public": True, "barred": True},
        {"code": "SYN006", "name": "六", "township": TOWNS[3]},
        {"code": "SYN007", "name": "七", "township": TOWNS[3]},
    ]
    flags = ("rare_programme", "special_education", "talent_class", "resource_weak", "transfer_places")
    schools[1] |= dict.fromkeys((*flags, "below_registration", "industry_academia"), True)
    schools[1] |= {"capacity_points": "7/3", "load_limit": "hard", "history_points": "1/8", "last_year": ["3", "4.1"]}
    schools[5] |= {"last_year": ["3.2"], "history_points": 2, "capacity_points": 4.5}
    schools[5] |= {"suitability": {"4.1": "suited", "3.1": "unsuited", "3.2": "neutral"}}
    schools[6] |= {
        "willingness": {
            "convener": {"answer": "cannot", "reason": "無法"},
            "3": "unwilling",
            "4.4.career": "if_needed",
            "4.5": {"answer": "willing", "reason": "=cmd|' /C calc'!A0\n第二行"},
        }
    }
    return {
        "schema_version": 1,
        "id": "everything",
        "name": "範例、社區",
        "synthetic": True,
        "kind": "community",
        "note": "第一行\n第二行, 含逗號、頓號",
        "sources": ["甲, 乙；丙", "https://example.edu.tw/a?b=c,d", "=HYPERLINK(1)"],
        "townships": list(TOWNS),
        "rulebook": "111",
        "switches": {"both_tracks": "yes", "load_scale": "exact", "outside_partner_hosts": "yes", "scope_4_5": "once"},
        "relaxations": ["R1", "R2"],
        "convener": "SYN003",
        "schools": schools,
        "outside_partners": [
            {
                "code": "SYN099",
                "name": "外校",
                "township": "臺中市北區",
                "items": ["2.1", "4.4.career"],
                "because": "talent_class",
            }
        ],
        "junior_highs": [
            {"code": "063404", "name": "附設國中", "township": TOWNS[0], "pupils": {7: 1200, 9: 0}, "graduates": 7},
            {"code": "SYJ002", "township": TOWNS[1], "lon": 120.9, "lat": 24.2},
        ],
        "universities": [{"name": "無代碼大學", "township": "臺中市北區"}, {"code": "0012", "name": "有代碼大學"}],
        "pins": {"4.1": ["SYN002"], "2.1": "SYN099"},
        "bans": {"4.1": ["SYN006", "SYN007"], "3": ["063404"]},
        "host_numbers": {"2.2": 2, "1.1": 3},
        "exploration": {"numbers": {"4.4.career": 1, "4.4.academic": 2}},
        "ways": {"SYN003": ["6.fair", "6.other"]},
        "tiers": {
            "order": ["unwilling", "load", "overload", "travel", "separate", "preference"],
            "tolerances": {"travel": "5%", "unwilling": "1/3"},
        },
        "links": [{"between": [TOWNS[0], "苗栗縣卓蘭鎮"], "kind": "bridge", "km": "7.25", "note": "橋"}],
        "travel": {"mode": "great_circle", "shipped_links": False},
        "part_of": {"community": "全區", "schools": 12, "elsewhere": ["4.5"], "half": ["SYJ002"]},
    }


def form(path, lang="zh-TW", scenario=None):
    """Write the form of the small community and open it for editing."""
    from openpyxl import load_workbook

    if scenario is None:
        path.write_bytes(_small_form(lang))
    else:
        with language_set(lang):
            write_workbook(scenario, path)
    return load_workbook(path)


@cache
def _small_form(lang):
    with language_set(lang):
        return workbook_bytes(small())


@contextmanager
def edited(path, lang="zh-TW", scenario=None):
    """Edit a form with openpyxl; it is saved at the end."""
    book = form(path, lang, scenario)
    yield Editor(book, lang)
    book.save(path)


class Editor:
    """A form whose sheets and columns are named by their ids."""

    def __init__(self, book, lang):
        self.book, self.lang = book, lang

    def sheet(self, identity):
        return self.book[SHEET_BY_ID[identity].title[self.lang]]

    def column(self, identity, title):
        """Find the letter of the column with this id (of a column or of an item)."""
        layout = SHEET_BY_ID[identity]
        titles = {column.id: column.title[self.lang] for column in layout.columns}
        for cell in self.sheet(identity)[3]:
            text = str(cell.value or "").rstrip("＊").replace("\n（", "（")
            if text == titles.get(title) or text.split("\n")[0] == title:
                return cell.column_letter
        raise AssertionError(f"{identity} has no column {title}")

    def name(self, identity, title, row):
        """Give the name of a cell, such as 學校!B4."""
        return f"{SHEET_BY_ID[identity].title[self.lang]}!{self.column(identity, title)}{row}"

    def cell(self, identity, title, row):
        return self.sheet(identity)[f"{self.column(identity, title)}{row}"]

    def put(self, identity, title, row, value):
        cell = self.cell(identity, title, row)
        cell.value = value
        return f"{self.sheet(identity).title}!{cell.coordinate}"

    def setting(self, identity, value):
        """Set a line of the sheet of the community; give its cell."""
        from assigner.workbook.layout import SETTINGS

        title = next(column.title[self.lang] for column in SETTINGS if column.id == identity)
        sheet = self.sheet("community")
        for row in sheet.iter_rows(min_row=4):
            if str(row[0].value or "").rstrip("＊") == title:
                row[1].value = value
                return f"{sheet.title}!{row[1].coordinate}"
        raise AssertionError(identity)
