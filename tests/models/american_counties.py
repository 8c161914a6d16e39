"""The counties of four American states: population of the census of 2010 and which adjoin (public facts).

Published instances: the least number of borders cut by connected parts within 0.5 % of an equal share (H. Validi,
A. Buchanan, "Political districting to minimize cut edges", Mathematical Programming Computation 2022, results for
counties). Two counties adjoin where their borders meet in more than a point, however short (Kanawha and Nicholas), and
across water (Hancock and Knox).
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx


@dataclass(frozen=True)
class State:
    """A published instance: lines "county population: neighbours named further down", parts, optimum."""

    name: str
    counties: str
    parts: int
    borders: int
    lower: int
    upper: int
    cut: int

    def graph(self) -> nx.Graph:
        """Counties with their population as `w`."""
        graph = nx.Graph()
        for line in self.counties.strip().splitlines():
            head, _, others = line.partition(":")
            name, population = head.split()
            graph.add_node(name, w=int(population))
            graph.add_edges_from((name, other) for other in others.split())
        return graph


MAINE = State(
    "Maine",
    """
Androscoggin 107702: Cumberland Franklin Kennebec Oxford Sagadahoc
Aroostook 71870: Penobscot Piscataquis Somerset Washington
Cumberland 281674: Oxford York Sagadahoc
Franklin 30768: Kennebec Oxford Somerset
Hancock 54418: Penobscot Waldo Washington Knox
Kennebec 122151: Lincoln Sagadahoc Somerset Waldo
Knox 39736: Lincoln Waldo
Lincoln 34457: Sagadahoc Waldo
Oxford 57833: York
Penobscot 153923: Piscataquis Somerset Waldo Washington
Piscataquis 17535: Somerset
Sagadahoc 35293:
Somerset 52228: Waldo
Waldo 38786:
Washington 32856:
York 197131:
""",
    parts=2,
    borders=34,
    lower=660860,
    upper=667501,
    cut=16,
)
NEW_MEXICO = State(
    "New Mexico",
    """
Bernalillo 662564: Sandoval Santa_Fe Torrance Valencia Cibola
Catron 3725: Cibola Socorro Sierra Grant
Chaves 65645: Roosevelt De_Baca Lincoln Otero Eddy Lea
Cibola 27213: McKinley Sandoval Valencia Socorro
Colfax 13750: Taos Mora Harding Union
Curry 48376: Quay Roosevelt
De_Baca 2022: Guadalupe Lincoln Roosevelt Quay
Dona_Ana 209233: Sierra Otero Luna
Eddy 53829: Lea Otero
Grant 29514: Sierra Luna Hidalgo
Guadalupe 4687: San_Miguel Quay Torrance Lincoln
Harding 695: Union Mora San_Miguel Quay
Hidalgo 4894: Luna
Lea 64727: Roosevelt
Lincoln 20497: Torrance Socorro Sierra Otero
Los_Alamos 17950: Sandoval Santa_Fe Rio_Arriba
Luna 25095: Sierra
McKinley 71492: San_Juan Sandoval
Mora 4881: Taos San_Miguel Santa_Fe
Otero 63797: Sierra
Quay 9041: San_Miguel Roosevelt Union
Rio_Arriba 40246: San_Juan Sandoval Taos Santa_Fe Mora
Roosevelt 19846:
Sandoval 131561: San_Juan Santa_Fe
San_Juan 130044:
San_Miguel 29393: Santa_Fe Torrance
Santa_Fe 144170: Torrance
Sierra 11988: Socorro
Socorro 17866: Valencia Torrance
Taos 32937:
Torrance 16383: Valencia
Union 4549:
Valencia 76569:
""",
    parts=3,
    borders=78,
    lower=682962,
    upper=689824,
    cut=17,
)
IDAHO = State(
    "Idaho",
    """
Ada 392365: Boise Canyon Elmore Gem Owyhee
Adams 3976: Idaho Valley Washington Gem
Bannock 82839: Bingham Caribou Franklin Oneida Power
Bear_Lake 5986: Caribou Franklin
Benewah 9285: Kootenai Latah Shoshone
Bingham 45607: Bonneville Butte Blaine Caribou Jefferson Power
Blaine 21376: Butte Camas Custer Lincoln Minidoka Power Cassia Elmore
Boise 7028: Custer Elmore Gem Valley
Bonner 40877: Boundary Kootenai Shoshone
Bonneville 104234: Caribou Jefferson Madison Teton
Boundary 10972:
Butte 2891: Clark Custer Jefferson Lemhi
Camas 1117: Elmore Gooding Lincoln
Canyon 188923: Gem Owyhee Payette
Caribou 6963: Franklin
Cassia 22952: Jerome Minidoka Oneida Power Twin_Falls
Clark 982: Fremont Jefferson Lemhi
Clearwater 8761: Idaho Latah Lewis Nez_Perce Shoshone
Custer 4368: Elmore Lemhi Valley
Elmore 27038: Gooding Owyhee Twin_Falls
Franklin 12786: Oneida
Fremont 13242: Jefferson Madison Teton
Gem 16719: Payette Valley Washington
Gooding 15464: Jerome Lincoln Twin_Falls
Idaho 16267: Lemhi Lewis Nez_Perce Valley
Jefferson 26140: Madison
Jerome 22374: Lincoln Minidoka Twin_Falls
Kootenai 138494: Shoshone
Latah 37244: Nez_Perce Shoshone
Lemhi 7936: Valley
Lewis 3821: Nez_Perce
Lincoln 5208: Minidoka
Madison 37536: Teton
Minidoka 20069:
Nez_Perce 39265:
Oneida 4286: Power
Owyhee 11526: Twin_Falls
Payette 22623: Washington
Power 7817:
Shoshone 12765:
Teton 10170:
Twin_Falls 77230:
Valley 9862:
Washington 10198:
""",
    parts=2,
    borders=102,
    lower=779873,
    upper=787709,
    cut=10,
)
WEST_VIRGINIA = State(
    "West Virginia",
    """
Monongalia 96189: Taylor Preston Marion Wetzel
Boone 24629: Wyoming Raleigh Logan Lincoln Kanawha
Marshall 33107: Wetzel Ohio
Barbour 16589: Randolph Upshur Tucker Harrison Taylor Preston
Tyler 9208: Ritchie Doddridge Pleasants Wetzel
Marion 56418: Harrison Taylor Wetzel
Wirt 5717: Roane Jackson Calhoun Ritchie Wood
Monroe 13502: Summers Greenbrier
Lincoln 21720: Mingo Logan Wayne Kanawha Cabell Putnam
Pocahontas 8719: Greenbrier Webster Pendleton Randolph
Harrison 69099: Upshur Lewis Doddridge Taylor Wetzel
Ohio 44443: Brooke
Nicholas 26233: Greenbrier Fayette Kanawha Clay Webster Braxton
Grant 11937: Pendleton Randolph Hardy Tucker Mineral Preston
Clay 9386: Kanawha Braxton Roane Calhoun
Mingo 26839: McDowell Wyoming Logan Wayne
Brooke 24069: Hancock
Hancock 30676:
Mason 27324: Cabell Putnam Jackson
Mercer 62264: McDowell Wyoming Summers Raleigh
Gilmer 8693: Braxton Calhoun Lewis Ritchie Doddridge
Hardy 14025: Pendleton Hampshire
Jefferson 53498: Berkeley
Morgan 17541: Hampshire Berkeley
Tucker 7141: Randolph Preston
Cabell 96319: Wayne Putnam
Mineral 28212: Hampshire
Hampshire 23964:
Kanawha 193063: Raleigh Fayette Putnam Roane Jackson
Lewis 16372: Webster Braxton Upshur Doddridge
Calhoun 7627: Braxton Roane Ritchie
Wood 86956: Jackson Ritchie Pleasants
Pleasants 7605: Ritchie
Doddridge 8202: Ritchie Wetzel
Raleigh 78859: Wyoming Summers Fayette
Taylor 16895: Preston
Fayette 46039: Summers Greenbrier
Randolph 29405: Webster Pendleton Upshur
Wayne 42481:
Berkeley 104169:
Logan 36743: Wyoming
Jackson 29211: Putnam Roane
Greenbrier 35480: Summers Webster
Wyoming 23796: McDowell
Putnam 55486:
Preston 33520:
Webster 9154: Braxton Upshur
Pendleton 7695:
Ritchie 10449:
Wetzel 16583:
Roane 14926:
Braxton 14523:
Upshur 24254:
McDowell 22113:
Summers 13927:
""",
    parts=3,
    borders=125,
    lower=614577,
    upper=620752,
    cut=23,
)

STATES = (MAINE, NEW_MEXICO, IDAHO, WEST_VIRGINIA)
