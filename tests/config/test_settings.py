"""What the settings mean once they are valid: watches, sites, rates, differences, masks."""

import jsonschema
import pytest
from pydantic import SecretStr

from shopwatch.config.files import FILES, FileName
from shopwatch.config.masking import MASK, masked, unmasked
from shopwatch.config.preview import differences, implied_rates
from shopwatch.config.problems import InvalidSettings, parse
from shopwatch.config.reload import restart_needed
from shopwatch.config.retailer_settings import RetailerSettings, RetailersFile
from shopwatch.config.schema import schema_of
from shopwatch.config.settings import MonitorSettings, Settings, ShopwatchFile
from shopwatch.config.shops import Shops
from shopwatch.config.sites import site_of
from shopwatch.config.watches import name_of, watches_of
from shopwatch.domain.errors import Invalid
from shopwatch.domain.site import Location, Site

SHOPS = Shops(
    all=frozenset({"att", "bestbuy", "target"}),
    stock=frozenset({"bestbuy", "target"}),
    checkout=frozenset({"target"}),
)
SITE = Site(
    base_url="https://www.example.com", keys={"web": "abc"}, location=Location(store_id="1", zip="20147")
)


def products(**sections: object) -> ShopwatchFile:
    return parse(
        ShopwatchFile, {"products": {name.replace("__", ":"): one for name, one in sections.items()}}
    )


def test_a_key_may_name_another_retailer() -> None:
    (watch,) = watches_of(products(bestbuy__6411488={}))
    assert watch.key == ("bestbuy", "6411488")
    assert name_of(watch.key) == "bestbuy:6411488"


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"att__1": {}}, "names no retailer whose stock can be watched"),
        ({"bestbuy__1": {"retailer": "walmart"}}, "is of bestbuy, but says retailer: walmart"),
        ({"bestbuy__1": {}, "1": {"retailer": "bestbuy"}}, "names a product twice"),
        ({"1/../2": {}}, "is no SKU"),
        ({"bestbuy__1": {"auto_purchase": True}}, "the way to an order is not known at bestbuy"),
    ],
)
def test_contradicting_watches_are_refused(sections: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        watches_of(products(**sections), SHOPS)


def test_the_configuration_overrides_an_address_and_part_of_a_location() -> None:
    section = parse(
        RetailerSettings, {"base_url": "http://127.0.0.1:8803/", "location": {"store_id": "2272"}}
    )
    site = site_of(SITE, section)
    assert site.base_url == "http://127.0.0.1:8803"
    assert site.location == Location(store_id="2272", zip="20147")
    assert site.keys == {"web": "abc"}


def test_a_key_comes_from_the_environment_and_is_in_no_repr() -> None:
    section = RetailerSettings(keys={"api": SecretStr("${BESTBUY_KEY}")})
    site = site_of(SITE, section, {"BESTBUY_KEY": "hush"})
    assert site.keys["api"] == "hush"
    assert "hush" not in repr(site)
    with pytest.raises(Invalid, match="the environment variable BESTBUY_KEY is not set"):
        site_of(SITE, section, {})


def test_the_implied_rate_counts_full_batches_and_the_stretch() -> None:
    file = products(**{str(number): {"check_frequency": 10} for number in range(60)})
    (rate,) = implied_rates(file, Settings(), batch_sizes={"target": 30}, ceilings={"target": 0.1})
    assert (rate.watches, rate.requests_per_second, rate.stretch) == (60, 0.2, 2.0)


def test_the_implied_rate_tells_the_peak_beside_the_budget() -> None:
    pace = {"stock_requests_per_second": 0.1, "stock_peak_requests_per_second": 0.4}
    settings = Settings(retailers=parse(RetailersFile, {"retailers": {"target": pace}}))
    (rate,) = implied_rates(products(**{"1": {}}), settings, batch_sizes={}, ceilings={"target": 9.0})
    assert (rate.allowed_per_second, rate.peak_per_second) == (0.1, 0.4)


@pytest.mark.parametrize(
    ("pace", "said"),
    [
        ({"stock_peak_requests_per_second": 1}, "needs the usual rate beside it"),
        (
            {"stock_requests_per_second": 2, "stock_peak_requests_per_second": 1},
            "is below stock_requests_per_second",
        ),
    ],
)
def test_a_peak_without_or_below_the_usual_rate_is_refused(pace: dict[str, int], said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        parse(RetailersFile, {"retailers": {"target": pace}})


@pytest.mark.parametrize("delays", [{"min_delay": 5, "max_delay": 1}, {"max_delay": 1}])
def test_delays_out_of_order_are_refused_in_the_defaults_too(delays: dict[str, int]) -> None:
    with pytest.raises(InvalidSettings, match=r"defaults.*max_delay \(1\) is below min_delay"):
        parse(RetailersFile, {"defaults": delays})


def test_a_least_delay_alone_may_be_above_the_usual_most() -> None:
    assert parse(RetailersFile, {"defaults": {"min_delay": 60}}).defaults.min_delay == 60


def test_a_difference_names_path_and_both_values_and_hides_secrets() -> None:
    before = products(**{"1": {"max_price": 5}})
    after = parse(
        ShopwatchFile, {"notify": {"channels": ["discord://hush"]}, "products": {"1": {"max_price": 6}}}
    )
    said = [str(one) for one in differences(before, after)]
    assert said == ["notify.channels: [] → (secret)", "products.1.max_price: 5.0 → 6.0"]


def test_secrets_are_masked_for_an_editor_and_put_back_on_save() -> None:
    document = {"notify": {"channels": ["discord://hush", "${CHANNEL}"]}, "products": {"1": {"name": "x"}}}
    shown = masked(document)
    assert "hush" not in str(shown)
    assert shown["notify"]["channels"][1] == "${CHANNEL}"
    assert unmasked(shown, document) == document


def test_a_channel_taken_out_or_moved_takes_no_other_ones_place() -> None:
    document = {"notify": {"channels": ["discord://one", "discord://two", "discord://three"]}}
    first, _, third = masked(document)["notify"]["channels"]
    kept = unmasked({"notify": {"channels": [third, "discord://four", first]}}, document)
    assert kept["notify"]["channels"] == ["discord://three", "discord://four", "discord://one"]


def test_the_mask_of_a_key_stands_for_that_key() -> None:
    document = {"retailers": {"bestbuy": {"keys": {"api": "hush"}}}}
    assert masked(document) == {"retailers": {"bestbuy": {"keys": {"api": MASK}}}}
    assert unmasked(masked(document), document) == document


@pytest.mark.parametrize("name", FILES)
def test_the_schema_accepts_what_the_settings_accept(name: FileName) -> None:
    schema = schema_of(name, SHOPS)
    jsonschema.validate({}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"colour": 1}, schema)


def test_the_schema_names_the_retailers_there_are() -> None:
    watched = schema_of("shopwatch.yaml", SHOPS)["$defs"]["ProductSettings"]["properties"]["retailer"]
    assert watched["enum"] == ["bestbuy", "target"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"retailers": {"tesco": {}}}, schema_of("retailers.yaml", SHOPS))


def test_to_wait_for_a_browser_that_will_never_look_is_a_contradiction() -> None:
    wanted = {"notify": {"restocks": "confirmed"}}
    assert parse(ShopwatchFile, wanted).notify.restocks == "confirmed"
    for off in ({"confirm": False}, {"background_sessions": 0}):
        with pytest.raises(InvalidSettings, match="no browser would confirm"):
            parse(ShopwatchFile, {**wanted, "monitor": off})


def test_settings_a_running_monitor_cannot_take_over_are_named() -> None:
    began = MonitorSettings()
    assert restart_needed(began, MonitorSettings(max_concurrent_checks=7, audit_negatives=False)) == []
    wanted = MonitorSettings(pacing="fixed", confirm=False, background_sessions=1, time_zone="UTC")
    assert restart_needed(began, wanted) == ["background_sessions", "confirm", "pacing", "time_zone"]
    assert restart_needed(wanted, wanted) == []
