"""Walmart's products in the shape of its page data; without it the data and the buy box would disagree.

Keys and types follow a recorded product; ``showAtc`` and ``fulfillmentOptions`` are told by the facts only.
Words of the shelf: ``ship`` is ``IN_STOCK``, ``PRE_ORDER_SELLABLE``, ``OUT_OF_STOCK``, ``UNAVAILABLE``,
``RETIRED`` or a word never used before; ``pickup`` is ``IN_STOCK`` or anything else.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from shopwatch.simulator.names import slug
from shopwatch.simulator.shelf import BUYABLE, Product
from shopwatch.simulator.world import World

JSON = dict[str, Any]

#: Walmart's own number as a seller.
OWN_SELLER = "F55CDC31AB754BB68FE0B39041159D63"

_WORDS = BUYABLE["walmart"]
_NAMESPACE = UUID("0c5f2a1e-93b0-4c0e-9a0e-5f6b7f3f7c55")
_NULL = (
    "walmartItemNumber semStoreData itemType configuration typeId averageSoldByWeight viscosity tireSize "
    "tireSpeedRating tireLoadIndex aaiaBrandId pricePerUnitQuantity hasSellerBadge additionalOfferCount "
    "sellerReviewCount sellerAverageRating sponsoredProduct groupMetaData"
)
_FALSE = (
    "snapEligible fsaEligibleInd giftingEligibility isAlcohol buyNowEligible checkStoreAvailabilityATC "
    "wfsEnabled shippingRestriction showFulfillmentLink showAddOnServices showBuyWithWplus "
    "isEarlyAccessItem earlyAccessEvent blitzItem"
)
_SAME_FOR_ALL: JSON = {
    **dict.fromkeys(_NULL.split()),
    **dict.fromkeys(_FALSE.split(), False),
    "segment": "Entertainment",
    "averageRating": 4.5,
    "numberOfReviews": 245,
    "classType": "REGULAR",
    "rhPath": "20000:26000:26005:26171:26780",
    "maximumSoldByWeight": 1,
    "salesUnitType": "EACH",
    "merchandiseCommerceNumber": 9427290,
    "productTypeId": "4188",
    "primaryShelfId": "4234943",
    "classId": "22",
    "departmentName": "TOYS",
    "orderMinLimit": 1,
    "weightIncrement": 1,
    "promoData": [],
    "variantCriteria": [],
    "variants": [],
    "addOnServices": [],
    "fulfillmentType": "STORE",
    "fulfillmentTitle": "title_store_delivery_curbside_pickup",
    "fulfillmentBadge": "Today",
    "offerType": "ONLINE_AND_STORE",
    "returnPolicy": {
        "__typename": "ProductReturnPolicy",
        "returnable": True,
        "freeReturns": True,
        "returnWindow": {"__typename": "ReturnPolicyValue", "value": 30, "unitType": "Day"},
    },
    "secondaryOfferPrice": {"__typename": "ProductPriceInfo", "currentPrice": None},
    "ozarkAttributes": {
        "__typename": "OzarkAttributes",
        "shippingPromise": "NATIONAL_CARRIER",
        "exactAddress": False,
    },
    "badges": {"__typename": "UnifiedBadge", "flags": [], "tags": [], "labels": None},
    "location": {
        "__typename": "FulfillmentLocation",
        "postalCode": "72712",
        "stateOrProvinceCode": "AR",
        "city": "Bentonville",
        "storeIds": ["100"],
    },
}


def product_json(product: Product, world: World, *, blip: bool = False) -> JSON:
    """The ``product`` of the page's data: it says what the shelf claims, or once the untruth."""
    shown = _identity(product, world) | _category(product) | _seller(product)
    return {**_SAME_FOR_ALL, **shown, "priceInfo": _prices(product), **_availability(product, blip=blip)}


def page_path(product: Product) -> str:
    """The path of the product page with the product's name in it."""
    return f"/ip/{slug(product.title)}/{product.sku}"


def ships(product: Product) -> bool:
    """Whether it can be ordered by shipping."""
    return product.ship in _WORDS


def picks(product: Product) -> bool:
    """Whether it can be ordered for pickup."""
    return product.pickup in _WORDS


def _availability(product: Product, *, blip: bool) -> JSON:
    shipping, pickup = blip or ships(product), picks(product)
    status = product.ship if ships(product) or not (blip or pickup) else "IN_STOCK"
    pieces = max(product.quantity, 1 if blip else 0) if shipping or pickup else 0
    preorder = product.ship == "PRE_ORDER_SELLABLE"
    return {
        "availabilityStatus": status,
        "showAtc": shipping or pickup,
        "orderLimit": product.limit or 12,
        "shippingOption": {
            "__typename": "ShippingOption",
            "slaTier": "SAME_DAY",
            "accessTypes": ["DELIVERY_ADDRESS", "SHIPPING"],
            "availabilityStatus": "AVAILABLE" if shipping else "NOT_AVAILABLE",
            "deliveryDate": None,
            "maxDeliveryDate": None,
            "shipPrice": None,
        },
        "pickupOption": {
            "__typename": "PickupOption",
            "slaTier": "SAME_DAY",
            "accessTypes": ["PICKUP_INSTORE", "PICKUP_CURBSIDE"],
            "availabilityStatus": "AVAILABLE" if pickup else "NOT_AVAILABLE",
        },
        "fulfillmentOptions": [
            {"type": kind, "availableQuantity": pieces if there else 0}
            for kind, there in (("SHIPPING", shipping), ("PICKUP", pickup))
        ],
        "fulfillmentLabel": [_label("DELIVERY" if shipping else "PICKUP")] if shipping or pickup else [],
        "preOrder": {
            "__typename": "PreOrder",
            "streetDate": product.street_date,
            "streetDateDisplayable": product.street_date,
            "streetDateType": None,
            "isPreOrder": preorder,
            "preOrderMessage": "This product is not yet released" if preorder else None,
            "preOrderStreetDateMessage": None,
        },
    }


def _label(method: str) -> JSON:
    word = method.title()
    return {
        "__typename": "FulfillmentLabel",
        "wPlusFulfillmentText": None,
        "message": f"{word}, today at Bentonville Supercenter",
        "shippingText": word,
        "fulfillmentText": "today",
        "locationText": "Bentonville Supercenter",
        "fulfillmentType": "STORE",
        "fulfillmentMethod": method,
        "addressEligibility": False,
        "postalCode": None,
        "checkStoreAvailability": None,
    }


def _identity(product: Product, world: World) -> JSON:
    inner = _code(product, "product")[:12]
    picture = f"{world.origins['walmart']}/asr/{_code(product, 'picture').lower()}.jpeg"
    return {
        "__typename": "Product",
        "usItemId": product.sku,
        "id": inner,
        "primaryUsItemId": product.sku,
        "primaryProductId": inner,
        "name": product.title,
        "brand": product.brand,
        "manufacturerName": product.brand,
        "manufacturerProductId": f"WM{product.sku}",
        "upc": f"8872{product.sku}",
        "canonicalUrl": page_path(product),
        "shortDescription": f"A genuine product of {product.brand or 'its maker'}.",
        "detailedDescription": f"<p><strong>{product.title}</strong></p><ul><li>Bring it home</li></ul>",
        "offerId": _code(product, "offer"),
        "imageInfo": {
            "__typename": "ProductImageInfo",
            "allImages": [
                {
                    "__typename": "ProductImage",
                    "id": _code(product, "image"),
                    "url": picture,
                    "zoomable": True,
                }
            ],
            "thumbnailUrl": picture,
        },
        "productLocation": [
            {
                "__typename": "ProductLocation",
                "displayValue": "K6",
                "aisle": {"__typename": "Aisle", "zone": "K", "aisle": 6},
            }
        ],
    }


def _category(product: Product) -> JSON:
    name = product.category or "Toys"
    path = [{"__typename": "ProductCategoryPath", "name": name, "url": "/cp/2636"}]
    return {
        "type": name,
        "primaryShelf": name,
        "ironbankCategory": name,
        "category": {
            "__typename": "ProductCategory",
            "categoryPathId": "0:2636:4646529",
            "categoryPath": f"Home Page/{name}",
            "path": path,
        },
    }


def _seller(product: Product) -> JSON:
    name = (product.seller or "A seller") if product.marketplace else "Walmart.com"
    return {
        "sellerId": uuid5(_NAMESPACE, name).hex.upper() if product.marketplace else OWN_SELLER,
        "sellerName": name,
        "sellerDisplayName": name,
        "sellerType": "EXTERNAL" if product.marketplace else "INTERNAL",
        "catalogSellerId": sum(map(ord, name)) if product.marketplace else 0,
    }


def _prices(product: Product) -> JSON:
    reduced = (product.regular_cents or 0) > product.price_cents
    current = _price(product.price_cents, "ROLLBACK" if reduced else "BASE", variant=True)
    return {
        "__typename": "ProductPriceInfo",
        "priceRange": {
            "__typename": "ProductPriceRange",
            **dict.fromkeys(
                ("minPrice", "maxPrice", "priceString", "unitOfMeasure", "currencyUnit", "denominations")
            ),
        },
        "priceDisplayCodes": {
            "__typename": "PriceDisplayCodes",
            "submapType": "CART" if product.price_hidden else None,
            "clearance": None,
            "reducedPrice": None,
            "rollback": True if reduced else None,
            "hidePriceForSOI": None,
            "strikethrough": None,
            "priceDisplayCondition": None,
            "unitPriceDisplayCondition": None,
            "eligibleForAssociateDiscount": True,
            "finalCostByWeight": None,
            "pricePerUnitUom": "EA",
        },
        "currentPrice": None if product.price_hidden else current,
        "wasPrice": _price(product.regular_cents or 0, "BASE") if reduced else None,
        "unitPrice": None,
        "subscriptionPrice": None,
        "savings": None,
    }


def _price(cents: int, kind: str, *, variant: bool = False) -> JSON:
    text = f"${cents / 100:,.2f}"
    return {
        "__typename": "ProductPrice",
        "price": cents / 100,
        "priceString": text,
        "priceType": kind,
        "currencyUnit": "USD",
        "variantPriceString": text if variant else None,
    }


def _code(product: Product, what: str) -> str:
    return uuid5(_NAMESPACE, f"{product.sku}/{what}").hex.upper()
