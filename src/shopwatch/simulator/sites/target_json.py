"""Target's products in the shapes of its API; without it pages and aggregations would disagree about them.

Key sets and types follow recorded answers of 2025 and 2026 (summary, fulfilment, price); tests hold them to
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shopwatch.simulator.names import escaped, slug
from shopwatch.simulator.shelf import Product
from shopwatch.simulator.world import World

JSON = dict[str, Any]

#: Where prices come from online: a location, but no store.
DIGITAL = "3991"

#: What the store parameter means when no store set is there to ask.
_WITHOUT_STORES: dict[str, tuple[str, str, str, str]] = {
    "2272": ("Dulles", "Sterling", "Virginia", "20166-0000"),
    "865": ("Gurnee", "Gurnee", "Illinois", "60031-0000"),
    "1859": ("Lakeland North", "Lakeland", "Florida", "33809-0000"),
}
_EXCLUDED = ("American Samoa (see also separate entry under AS)", "APO/FPO", "Alaska", "Hawaii")
_NAMESPACE = UUID("6f6d1a52-6c8e-4f4e-9a35-1f0c6b8f2d11")


@dataclass(frozen=True, slots=True)
class View:
    """A product as one store's customer is told about it."""

    ship: str
    pickup: str
    in_store: str
    quantity: int

    @property
    def ships(self) -> bool:
        return self.ship in {"IN_STOCK", "LIMITED_STOCK", "PRE_ORDER_SELLABLE"}

    @property
    def at_store(self) -> float:
        """Pieces at the store: the last one on the shelf shows even where it cannot be ordered."""
        if self.pickup in {"IN_STOCK", "LIMITED_STOCK"}:
            return float(self.quantity)
        return 1.0 if self.in_store == "LIMITED_STOCK" else 0.0


def view_of(product: Product, store_id: str, *, blip: bool = False) -> View:
    """Say what the API tells about a product at a store; a ``blip`` makes it say the untruth."""
    own = product.stores.get(store_id, {})
    quantity = int(own.get("quantity", product.quantity))
    return View(
        ship="IN_STOCK" if blip else product.ship,
        pickup=str(own.get("pickup", product.pickup)),
        in_store=str(own.get("in_store", product.in_store)),
        quantity=max(quantity, 1) if blip else quantity,
    )


def store_of(world: World, store_id: str) -> JSON:
    """Name a store and its address, as a store option does."""
    stores: Any = world.stores.get("target")
    found = stores.location(store_id) if stores else None
    if found:
        address = found["mailing_address"]
        wanted = ("address_line1", "city", "state", "postal_code")
        return {
            "location_name": found["location_name"],
            "mailing_address": {name: address[name] for name in wanted if name in address},
        }
    name, city, state, code = _WITHOUT_STORES.get(
        store_id, (f"Store {store_id}", "Sterling", "Virginia", "20166")
    )
    address = {"address_line1": "1 Example Rd", "city": city, "state": state, "postal_code": code}
    return {"location_name": name, "mailing_address": address}


def page_url(product: Product, world: World) -> str:
    """The address of the product page."""
    return f"{world.origins['target']}/p/{slug(product.title)}/-/A-{product.sku}"


def summary(product: Product, world: World, store_id: str, *, blip: bool = False) -> JSON:
    """One entry of ``product_summary_with_fulfillment_v1``: no price, no quantity for shipping."""
    view = view_of(product, store_id, blip=blip)
    item: JSON = {
        "relationship_type_code": product.kind,
        "product_classification": {"item_type": {"name": product.category, "type": "39980041"}},
        "product_description": {"title": escaped(product.title)},
        "enrichment": {"buy_url": page_url(product, world)},
        "fulfillment": {"is_marketplace": True} if product.marketplace else {},
        "merchandise_classification": {"class_id": 12, "department_id": 87},
    }
    shipping: JSON = {
        "availability_status": view.ship,
        "loyalty_availability_status": view.ship,
        "services": [_service(world.now(), short=True)] if view.ships else [],
    }
    option: JSON = {
        "search_response_store_type": "PRIMARY",
        "location_available_to_promise_quantity": min(view.at_store, 10.0),
        "location_id": store_id,
        "store": {"location_name": store_of(world, store_id)["location_name"]},
        "order_pickup": {"availability_status": view.pickup},
        "ship_to_store": {"availability_status": "UNAVAILABLE"},
        "in_store_only": {"availability_status": view.in_store},
    }
    return {
        "__typename": "ProductSummary",
        "tcin": product.sku,
        "desirability_cues": [],
        "item": item,
        "fulfillment": _head(product, view) | {"shipping_options": shipping, "store_options": [option]},
    }


def fulfillment(product: Product, world: World, store_id: str | None, *, blip: bool = False) -> JSON:
    """The ``data.product`` of the one-product aggregations, with quantities."""
    view = view_of(product, store_id or "", blip=blip)
    body: JSON = {"__typename": "Product", "tcin": product.sku}
    if store_id and view.at_store > 1:
        body["store_positions"] = [{"aisle": int(product.sku[-2:]) or 51, "block": "B"}]
    body["pay_per_order_charges"] = {"one_day": 7.99, "scheduled_delivery": 9.99}
    if not store_id:
        return body | {
            "fulfillment": _head(product, view) | {"shipping_options": _shipping(product, view, world)}
        }
    if view.ship == "PRE_ORDER_UNSELLABLE" and product.street_date:
        body["notify_me_eligible"] = True
    store_options = [_store_option(view, world, store_id)]
    delivery = {
        "location_id": store_id,
        "availability_status": "IN_STOCK" if view.at_store > 1 else "UNAVAILABLE",
        "location_available_to_promise_quantity": view.at_store if view.at_store > 1 else 0.0,
    }
    rest = {"shipping_options": _shipping(product, view, world), "scheduled_delivery": delivery}
    body["fulfillment"] = _head(product, view) | {"store_options": store_options} | rest
    return body


def client(product: Product, world: World) -> JSON:
    """The ``data.product`` of ``pdp_client_v1``: price, title, limit, seller; never stock."""
    parent = {"item": _item(product, world), "price": _price(product, world)}
    head = {"__typename": "Product", "tcin": product.sku}
    return head | _surroundings(product) | parent | _children(product, world)


def unknown(tcin: str) -> JSON:
    """The error that names a product Target does not sell."""
    return {"message": f"No product found with tcin {tcin}"}


def dollars(cents: int) -> str:
    """``$1,299.99``."""
    return f"${cents / 100:,.2f}"


def _head(product: Product, view: View) -> JSON:
    nowhere = view.in_store in {"NOT_SOLD_IN_STORE", "OUT_OF_STOCK"} and view.ship != "DISCONTINUED"
    return {
        "product_id": product.sku,
        "is_out_of_stock_in_all_store_locations": nowhere,
        "sold_out": False,  # in every answer ever recorded, also of what is sold out
    }


def _store_option(view: View, world: World, store_id: str) -> JSON:
    pickup: JSON = {"availability_status": view.pickup}
    option: JSON = {
        "location_id": store_id,
        "store": store_of(world, store_id),
        "search_response_store_type": "PRIMARY",
        "location_available_to_promise_quantity": view.at_store,
        "pre_order_location_available_to_promise_quantity": 0.0,
        "order_pickup": pickup,
        "in_store_only": {"availability_status": view.in_store},
    }
    if view.pickup in {"IN_STOCK", "LIMITED_STOCK"}:
        pickup |= {"pickup_date": world.now().date().isoformat(), "guest_pick_sla": 120}
        pickup["location_locale"] = "America/New_York"
    else:
        option["ship_to_store"] = {"availability_status": "UNAVAILABLE"}
    return option


def _shipping(product: Product, view: View, world: World) -> JSON:
    ceiling = 99 if product.limit is None else max(product.limit, 10)
    shipping: JSON = {
        "availability_status": view.ship,
        "loyalty_availability_status": view.ship,
        "available_to_promise_quantity": float(min(view.quantity, ceiling)) if view.ships else 0.0,
    }
    if not view.ships:
        shipping["reason_code"] = "INVENTORY_UNAVAILABLE"
    shipping["services"] = [_service(world.now())] if view.ships else []
    return shipping


def _service(now: datetime, *, short: bool = False) -> JSON:
    day = (now + timedelta(days=2)).date().isoformat()
    service: JSON = {
        "is_two_day_shipping": True,
        "is_base_shipping_method": True,
        "shipping_method_id": "STANDARD",
        "cutoff": f"{(now + timedelta(days=1)).date().isoformat()}T18:30:00Z",
        "max_delivery_date": day,
        "min_delivery_date": day,
    }
    if not short:
        service["shipping_method_short_description"] = "Standard"
        service["service_level_description"] = "2-day shipping"
    return service


def _item(product: Product, world: World) -> JSON:
    item: JSON = {
        "product_classification": {
            "item_type": {"name": product.category, "type": "39980041"},
            "product_type": 544,
            "product_type_name": "TOYS",
            "purchase_behavior": "Discretionary",
        },
        "compliance": {},
        "enrichment": {
            "buy_url": page_url(product, world),
            "image_info": _images(product, world),
            "return_policies": [{"user_type": "regular_guest", "day_count": 90}],
        },
        "environmental_segmentation": {"is_hazardous_material": False},
        "formatted_return_method": "This item can be returned to any Target store.",
        "fulfillment": _item_fulfillment(product),
        "package_dimensions": {
            "depth": 1.31,
            "dimension_unit_of_measure": "INCH",
            "weight": 0.32,
            "weight_unit_of_measure": "POUND",
            "height": 7.06,
            "width": 7.75,
        },
        "product_description": _description(product),
        "relationship_type_code": product.kind,
        "return_policy_url": f"{world.origins['target']}/help/articles/returns-exchanges/returns",
        "cart_add_on_threshold": 35.0,
        "handling": {"import_designation_description": "Made in the USA or Imported"},
        "merchandise_classification": {"class_id": 12, "department_id": 87, "department_name": "GAMES"},
        "primary_barcode": f"1962{product.sku}",
        "primary_brand": {
            "canonical_url": f"/b/{slug(product.brand)}/-/N-569t0",
            "linking_id": "569t0",
            "name": product.brand,
        },
        "return_method": "Any Method",
    }
    if product.marketplace:
        vendor = product.seller or "A seller"
        number = str(10_000_000 + sum(map(ord, vendor)))
        uri = f"www.target.com/sp/{slug(vendor)}/-/N-{number}"
        item["product_vendors"] = [{"vendor_name": vendor, "id": number, "uri": uri}]
    else:
        item["dpci"] = f"{product.sku[:3]}-{product.sku[3:5]}-{product.sku[4:]}"
    if product.street_date:
        item["mmbv_content"] = {"street_date": product.street_date}
    return item


def _item_fulfillment(product: Product) -> JSON:
    body: JSON = {"shipping_exclusion_codes": list(_EXCLUDED), "is_gift_wrap_eligible": True}
    if product.limit is not None:
        body["purchase_limit"] = product.limit
    if product.marketplace:
        body["is_marketplace"] = True  # absent on Target's own goods
    return body


def _images(product: Product, world: World) -> JSON:
    image = f"GUEST_{uuid5(_NAMESPACE, product.sku)}"
    base = f"{world.origins['target']}/is/image/Target/"
    return {
        "base_url": base.removeprefix("http:"),
        "primary_image": {"image_name": image, "url": base + image},
        "content_labels": [{"image_url": base + image}],
        "swatch_image": {},
    }


def _price(product: Product, world: World) -> JSON:
    stamp = f"{world.now():%Y%m%d%H}"
    price: JSON = {
        "display_was_now": False,
        "formatted_current_price": dollars(product.price_cents),
        "formatted_current_price_type": "reg",
        "location_id": int(DIGITAL),
        "external_system_id": f"{product.sku}-{DIGITAL}-{product.price_cents / 100}-{stamp}",
    }
    regular = product.regular_cents or product.price_cents
    if product.kind == "VAP":
        children = [world.products.get("target", sku) for sku in product.children]
        prices = [child.price_cents for child in children if child] or [product.price_cents]
        low, high = min(prices), max(prices)
        price["formatted_current_price"] = f"{dollars(low)} - {dollars(high)}"
        return price | {"current_retail_min": low / 100, "reg_retail_max": high / 100}
    if product.price_hidden:
        return price | {"formatted_current_price": "See price in cart"}
    if regular > product.price_cents:
        price["formatted_current_price_type"] = "sale"
        price["formatted_comparison_price"] = dollars(regular)
        price["formatted_comparison_price_type"] = "reg"
        price["save_dollar"] = (regular - product.price_cents) / 100
        price["save_percent"] = round(100 * (1 - product.price_cents / regular))
    return price | {"current_retail": product.price_cents / 100, "reg_retail": regular / 100}


def _children(product: Product, world: World) -> JSON:
    found = [world.products.get("target", sku) for sku in product.children]
    children = [
        {
            "__typename": "Product",
            "tcin": child.sku,
            "item": {
                "relationship_type_code": "VC",
                "product_description": {"title": escaped(child.title)},
                "enrichment": {"buy_url": page_url(child, world)},
                "fulfillment": {} if child.limit is None else {"purchase_limit": child.limit},
            },
            "price": _price(child, world),
        }
        for child in found
        if child
    ]
    return {"children": children} if children else {}


def _description(product: Product) -> JSON:
    brand = product.brand or "Target"
    return {
        "bullet_descriptions": [f"<B>Brand:</B> {brand}", "<B>Includes:</B> 1 piece"],
        "downstream_description": f"A genuine product of {brand}.<br />Bring it home today!",
        "soft_bullets": {"bullets": [f"Made for {brand}"], "title": "highlights"},
        "title": escaped(product.title),
        "soft_bullet_description": f"&bull;Made for {brand}",
    }


def _surroundings(product: Product) -> JSON:
    """What a price answer carries beside the product: nobody reads it, everybody has to skip it."""
    distribution = {"rating1": 76, "rating2": 2, "rating3": 0, "rating4": 1, "rating5": 56}
    return {
        "category": {
            "parent_category_id": "5xtb0",
            "name": product.category,
            "breadcrumbs": [{"canonical_url": "/", "category_id": "root", "name": "target"}],
        },
        "sales_classification_nodes": {"node_ids": ["27p31", "6llsh"]},
        "ratings_and_reviews": {
            "has_verified": True,
            "statistics": {
                "not_recommended_count": 18,
                "question_count": 9,
                "rating": {"average": 2.7, "count": 135, "distribution": distribution},
                "recommended_count": 8,
                "recommended_percentage": 30,
                "review_count": 45,
            },
        },
        "free_shipping": {"enabled": False},
    }
