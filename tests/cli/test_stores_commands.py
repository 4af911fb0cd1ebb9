"""`shopwatch stores import` as a person uses it: a directory from elsewhere, then the first crawl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Call
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import STORES, features
from tests.simulator_fixture import simulator_process

from shopwatch.cli.simulate import write_configuration

RECORDED = STORES / "target" / "alltheplaces_2021-12.geojson.gz"
#: Every so many recorded stores are on the simulated site.
STEP = 30


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thirtieth of the recorded stores."""
    path = tmp_path_factory.mktemp("sets") / "target.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features("target")[::STEP]}))
    return path


@pytest.fixture(scope="module")
def origins(part: Path) -> Iterator[dict[str, str]]:
    with simulator_process(products=1, arguments=("--stores", str(part.parent))) as origins:
        yield origins


@needs_recordings
@pytest.mark.timeout(120)
def test_a_first_crawl_is_held_against_the_imported_set(
    call: Call, origins: dict[str, str], part: Path
) -> None:
    write_configuration(Path("config"), origins, delays_s=(0.0, 0.0), workers=4)

    status, out, _ = call("stores", "import", str(RECORDED))
    assert (status, out.split(".")[0]) == (0, "target: 1,926 stores imported")
    status, out, _ = call("crawl", "target", "--json")
    (run,) = json.loads(out)
    assert (status, run["status"]) == (1, "held")
    assert run["gate_reasons"][0].startswith("1,861 of 1,926 stores are missing")

    call("stores", "import", str(part))
    status, out, _ = call("crawl", "target", "--json")
    (run,) = json.loads(out)
    assert (status, run["status"], run["stats"]["stores_scraped"]) == (0, "complete", 65)
    assert json.loads(call("stores", "changes", "target", "--json")[1])["changes"] == []


@needs_recordings
def test_the_files_hold_an_imported_set_and_say_so(call: Call) -> None:
    call("stores", "import", str(RECORDED), "--json")

    document = json.loads(Path("data/target/output/target_stores.json").read_bytes())
    assert (document["run_id"], len(document["stores"])) == ("baseline", 1926)


def test_bad_lines_are_said_one_by_one_on_standard_error(call: Call) -> None:
    Path("list.csv").write_text("ref,name,hours\n1,Crystal,\n,Fargo,\n3,Arvada,often\n")

    status, out, err = call("stores", "import", "list.csv", "--retailer", "att")

    assert (status, out.splitlines()[0].split(".")[0]) == (0, "att: 2 stores imported; 2 remarks above")
    assert err.splitlines() == [
        "list.csv: line 3: no ref: left out",
        "list.csv: line 4: store 3: hours not understood ('often'), kept without",
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("list.xlsx", "", "must end in .geojson, .json or .csv"),
        ("absent.csv", None, "cannot be read: No such file"),
        ("list.csv", "ref,name\n1,Crystal\n", "no retailer's name"),
        ("list.geojson", "{}", 'no list "features"'),
    ],
)
def test_a_file_that_cannot_be_used_imports_nothing(
    call: Call, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        Path(name).write_text(content)

    status, _, err = call("stores", "import", name)

    assert status == 2
    assert said in err
    assert not Path("data/shopwatch.db").exists()
