"""The counties of West Virginia: population of the census of 2010 and which adjoin (public facts).

A published instance: three connected parts within 0.5 % of an equal share cut at least 23 borders (H. Validi,
A. Buchanan, "Political districting to minimize cut edges", Mathematical Programming Computation 2022, results for
counties, k = 3). Kanawha and Nicholas adjoin by a very short border, which counts there and here.
"""

from __future__ import annotations

import networkx as nx

CUT_OF_THREE = 23

_COUNTIES = """
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
"""


def west_virginia() -> nx.Graph:
    """55 counties with their population as `w`."""
    graph = nx.Graph()
    for line in _COUNTIES.strip().splitlines():
        head, _, others = line.partition(":")
        name, population = head.split()
        graph.add_node(name, w=int(population))
        graph.add_edges_from((name, other) for other in others.split())
    return graph
