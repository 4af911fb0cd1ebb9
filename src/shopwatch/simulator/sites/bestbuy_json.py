"""Best Buy's products in the shape of its developer API; without it API and product page would disagree.

Keys and types follow answers recorded in 2017; the words of ``orderable`` are those of the documentation.
Words of the shelf: ``ship`` is ``Available``, ``PreOrder``, ``BackOrder``, ``ComingSoon``, ``SoldOut`` or
``Inactive`` (no longer sold); ``pickup`` and ``in_store`` are ``Available`` or anything else.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from shopwatch.simulator.names import slug
from shopwatch.simulator.shelf import Product
from shopwatch.simulator.world import World

JSON = dict[str, Any]

#: What a site's own words and those of the other shelves call "one can fetch it".
HERE = frozenset({"Available", "IN_STOCK", "LIMITED_STOCK"})
ONLINE = frozenset({"Available", "PreOrder", "BackOrder"})

_NULL = (
    "score planPrice technologyCode carrierModelNumber planCategory planType familyIndividualCode "
    "validFrom validUntil carrierPlan outletCenter secondaryMarket spin360Url affiliateUrl "
    "affiliateAddToCartUrl format protectionPlanType aspectRatio screenFormat lengthInMinutes mpaaRating "
    "plot studio theatricalReleaseDate description accessoriesImage remoteControlImage rightViewImage "
    "topViewImage artistName artistId originalReleaseDate parentalAdvisory mediaCount monoStereo "
    "studioLive albumLabel genre depth height weight softwareAge softwareGrade platform numberOfPlayers "
    "softwareNumberOfPlayers esrbRating listingId shippingRestrictions priceRestriction angleImage "
    "backViewImage energyGuideImage leftViewImage width "
)
_NO_TEXT = (
    "monthlyRecurringCharge monthlyRecurringChargeGrandTotal activationCharge minutePrice "
    "linkShareAffiliateUrl linkShareAffiliateAddToCartUrl protectionPlanLowPrice protectionPlanHighPrice "
    "tradeInValue"
)
_NO_ENTRIES = (
    "priceWithPlan carriers planFeatures devices carrierPlans earlyTerminationFees frequentlyPurchasedWith "
    "accessories relatedProducts techSupportPlans crossSell alternateCategories lists shipping "
    "shippingLevelsOfService buybackPlans protectionPlans protectionPlanDetails productFamilies members "
    "bundledIn"
)
#: What nobody looks at and everybody has to carry.
_SAME_FOR_ALL: JSON = {
    **dict.fromkeys(_NULL.split()),
    **dict.fromkeys(_NO_TEXT.split(), ""),
    **{name: [] for name in _NO_ENTRIES.split()},
    **dict.fromkeys(
        ("new", "lowPriceGuarantee", "digital", "preowned", "specialOrder", "homeDelivery"), False
    ),
    **dict.fromkeys(("inStorePickup", "friendsAndFamilyPickup", "customerTopRated"), True),
    "source": "bestbuy",
    "type": "HardGood",
    "startDate": "2016-05-27",
    "salesRankShortTerm": 1870,
    "salesRankMediumTerm": 2349,
    "salesRankLongTerm": 1036,
    "bestSellingRank": 1182,
    "customerReviewCount": 3322,
    "customerReviewAverage": 4.7,
    "class": "BATTERIES",
    "classId": 62,
    "subclass": "ALKALINE",
    "subclassId": 90,
    "department": "PHOTO/COMMODITIES",
    "departmentId": 5,
    "protectionPlanTerm": "AA ",
    "condition": "New",
    "color": "White / Blue",
    "shippingWeight": 3.13,
    "warrantyLabor": "1 Year",
    "warrantyParts": "1 Year",
}
#: When everything last changed that has not changed since the simulator started, before its first day.
_BEFORE = timedelta(days=30)


def orderable(product: Product) -> str:
    """The word of ``orderable``: what only stores have is ``Available`` too, as recorded in 2017."""
    if product.ship == "Inactive":
        return "SoldOut"
    return "Available" if product.ship == "SoldOut" and product.pickup in HERE else product.ship


def record(product: Product, world: World, *, blip: bool = False) -> JSON:
    """One product with every field."""
    changed = _changed(product, world)
    shown = _identity(product, world) | _prices(product, changed) | _texts(product, world)
    return {**_SAME_FOR_ALL, **shown, **_availability(product, changed, blip=blip)}


def page_path(product: Product) -> str:
    """The path of the product page, with the product's name and its SKU."""
    return f"/site/{slug(product.title)}/{product.sku}.p?skuId={product.sku}"


def pickup_at(product: Product, store_ref: str) -> bool:
    """Whether it can be picked up at a store."""
    return str(product.stores.get(store_ref, {}).get("pickup", product.pickup)) in HERE


def pieces_at(product: Product, store_ref: str) -> int:
    """How many a store has."""
    return int(product.stores.get(store_ref, {}).get("quantity", product.quantity))


def _availability(product: Product, changed: str, *, blip: bool) -> JSON:
    online = blip or product.ship in ONLINE
    stores = (str(differs.get("pickup")) for differs in product.stores.values())
    somewhere = product.pickup in HERE or product.in_store in HERE or any(word in HERE for word in stores)
    return {
        "active": product.ship != "Inactive",
        "activeUpdateDate": changed,
        "inStoreAvailability": somewhere,
        "inStoreAvailabilityText": "Store Pickup:" if somewhere else "Store Pickup: Not Available",
        "inStoreAvailabilityUpdateDate": changed,
        "itemUpdateDate": changed,
        "onlineAvailability": online,
        "onlineAvailabilityText": "Shipping: Most Areas" if online else "Shipping: Not Available",
        "onlineAvailabilityUpdateDate": changed,
        "orderable": "Available" if blip else orderable(product),
        "quantityLimit": product.limit or 99,
        "releaseDate": product.street_date,
    }


def _identity(product: Product, world: World) -> JSON:
    api = world.origins["bestbuy-api"]
    number = int(product.sku) if product.sku.isdigit() else product.sku
    return {
        "sku": number,
        "productId": number,
        "name": f"{product.brand} - {product.title}" if product.brand else product.title,
        "upc": f"6006{product.sku}",
        "url": f"{api}/click/-/{product.sku}/pdp",
        "mobileUrl": f"{api}/click/-/{product.sku}/pdp",
        "addToCartUrl": f"{api}/click/-/{product.sku}/cart",
        "marketplace": product.marketplace,
        "sellerId": str(sum(map(ord, product.seller or ""))) if product.marketplace else None,
        "fulfilledBy": product.seller if product.marketplace else "BestBuy.com",
    }


def _prices(product: Product, changed: str) -> JSON:
    regular = max(product.regular_cents or 0, product.price_cents)
    saved = regular - product.price_cents
    return {
        "regularPrice": regular / 100,
        "salePrice": product.price_cents / 100,
        "onSale": saved > 0,
        "clearance": False,
        "dollarSavings": saved / 100,
        "percentSavings": f"{100 * saved / regular if regular else 0:.2f}",
        "priceUpdateDate": changed,
        "freeShipping": product.price_cents >= 3500,
        "freeShippingEligible": product.price_cents >= 3500,
        "shippingCost": "" if product.price_cents >= 3500 else 6.99,
    }


def _texts(product: Product, world: World) -> JSON:
    image = f"{world.origins['bestbuy']}/image/{product.sku}"
    return {
        "productTemplate": product.category,
        "categoryPath": [
            {"id": "cat00000", "name": "Best Buy"},
            {"id": "abcat0208002", "name": product.category},
        ],
        "shortDescription": f"A genuine product of {product.brand or 'its maker'}",
        "longDescription": f"Bring home {product.title}.",
        "includedItemList": [{"includedItem": product.title}],
        "manufacturer": product.brand,
        "modelNumber": f"NS-{product.sku}",
        "albumTitle": product.title,
        "image": f"{image}_sa.jpg",
        "largeFrontImage": f"{image}_sd.jpg",
        "mediumImage": f"{image}fp.gif",
        "thumbnailImage": f"{image}_s.gif",
        "largeImage": f"{image}_sb.jpg",
        "alternateViewsImage": f"{image}cv1d.jpg",
    }


def _changed(product: Product, world: World) -> str:
    """When the product last changed: local time without a zone, as the API writes it."""
    if product.changed_at:
        ago = (time.time() - product.changed_at) * world.clock.speed
        moment = datetime.fromtimestamp(world.clock.epoch() - ago, UTC)
    else:
        moment = world.now() - _BEFORE
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
