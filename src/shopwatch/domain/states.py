"""The states as sites write them, with rough outlines; without it "Minnesota" and "MN" are two places."""

from __future__ import annotations

import re

#: (south, north, west, east) in degrees; Alaska's islands beyond the date line are left out.
Box = tuple[float, float, float, float]

_STATES: dict[str, tuple[str, Box]] = {
    "AL": ("Alabama", (30.14, 35.01, -88.48, -84.88)),
    "AK": ("Alaska", (51.20, 71.50, -180.0, -129.90)),
    "AZ": ("Arizona", (31.33, 37.01, -114.82, -109.04)),
    "AR": ("Arkansas", (33.00, 36.51, -94.62, -89.64)),
    "CA": ("California", (32.53, 42.01, -124.49, -114.13)),
    "CO": ("Colorado", (36.99, 41.01, -109.07, -102.04)),
    "CT": ("Connecticut", (40.95, 42.06, -73.73, -71.78)),
    "DE": ("Delaware", (38.45, 39.84, -75.79, -75.04)),
    "DC": ("District of Columbia", (38.79, 39.00, -77.12, -76.90)),
    "FL": ("Florida", (24.39, 31.01, -87.64, -79.97)),
    "GA": ("Georgia", (30.35, 35.01, -85.61, -80.75)),
    "HI": ("Hawaii", (18.86, 28.52, -178.40, -154.75)),
    "ID": ("Idaho", (41.98, 49.01, -117.25, -111.04)),
    "IL": ("Illinois", (36.97, 42.51, -91.52, -87.01)),
    "IN": ("Indiana", (37.77, 41.77, -88.10, -84.78)),
    "IA": ("Iowa", (40.37, 43.51, -96.64, -90.14)),
    "KS": ("Kansas", (36.99, 40.01, -102.06, -94.58)),
    "KY": ("Kentucky", (36.49, 39.15, -89.58, -81.96)),
    "LA": ("Louisiana", (28.85, 33.02, -94.05, -88.75)),
    "ME": ("Maine", (42.97, 47.46, -71.09, -66.88)),
    "MD": ("Maryland", (37.88, 39.73, -79.49, -74.98)),
    "MA": ("Massachusetts", (41.18, 42.89, -73.51, -69.85)),
    "MI": ("Michigan", (41.69, 48.31, -90.42, -82.12)),
    "MN": ("Minnesota", (43.49, 49.39, -97.24, -89.48)),
    "MS": ("Mississippi", (30.13, 35.01, -91.66, -88.09)),
    "MO": ("Missouri", (35.99, 40.62, -95.78, -89.09)),
    "MT": ("Montana", (44.35, 49.01, -116.06, -104.03)),
    "NE": ("Nebraska", (39.99, 43.01, -104.06, -95.30)),
    "NV": ("Nevada", (35.00, 42.01, -120.01, -114.03)),
    "NH": ("New Hampshire", (42.69, 45.31, -72.56, -70.60)),
    "NJ": ("New Jersey", (38.87, 41.36, -75.57, -73.88)),
    "NM": ("New Mexico", (31.33, 37.01, -109.06, -103.00)),
    "NY": ("New York", (40.47, 45.02, -79.77, -71.77)),
    "NC": ("North Carolina", (33.75, 36.59, -84.33, -75.40)),
    "ND": ("North Dakota", (45.93, 49.01, -104.06, -96.55)),
    "OH": ("Ohio", (38.40, 42.33, -84.83, -80.51)),
    "OK": ("Oklahoma", (33.61, 37.01, -103.01, -94.43)),
    "OR": ("Oregon", (41.99, 46.30, -124.71, -116.46)),
    "PA": ("Pennsylvania", (39.71, 42.52, -80.53, -74.68)),
    "RI": ("Rhode Island", (41.09, 42.02, -71.91, -71.08)),
    "SC": ("South Carolina", (32.03, 35.22, -83.36, -78.49)),
    "SD": ("South Dakota", (42.47, 45.95, -104.06, -96.43)),
    "TN": ("Tennessee", (34.98, 36.68, -90.32, -81.64)),
    "TX": ("Texas", (25.83, 36.51, -106.65, -93.50)),
    "UT": ("Utah", (36.99, 42.01, -114.06, -109.04)),
    "VT": ("Vermont", (42.72, 45.02, -73.44, -71.46)),
    "VA": ("Virginia", (36.54, 39.47, -83.68, -75.16)),
    "WA": ("Washington", (45.54, 49.01, -124.85, -116.91)),
    "WV": ("West Virginia", (37.20, 40.64, -82.65, -77.71)),
    "WI": ("Wisconsin", (42.49, 47.31, -92.90, -86.24)),
    "WY": ("Wyoming", (40.99, 45.01, -111.06, -104.05)),
    "PR": ("Puerto Rico", (17.83, 18.57, -67.99, -65.16)),
    "VI": ("Virgin Islands", (17.62, 18.46, -65.16, -64.51)),
    "GU": ("Guam", (13.18, 13.71, 144.56, 145.01)),
    "AS": ("American Samoa", (-14.60, -11.00, -171.20, -168.10)),
    "MP": ("Northern Mariana Islands", (14.00, 20.60, 144.80, 146.10)),
}

BOXES: dict[str, Box] = {letters: box for letters, (_, box) in _STATES.items()}


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]+", " ", text.lower().replace(".", "")).strip()


_LETTERS: dict[str, str] = {_plain(name): letters for letters, (name, _) in _STATES.items()} | {
    "washington dc": "DC",
    "washington district of columbia": "DC",
    "us virgin islands": "VI",
    "u s virgin islands": "VI",
}


def state_letters(text: str) -> str | None:
    """Give the two letters of a state named by letters, name or slug; ``None`` for anything else."""
    plain = _plain(text)
    upper = plain.upper()
    return upper if upper in _STATES else _LETTERS.get(plain)
