"""From a page of Target's to observations and details: matched by TCIN, gaps told apart from refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Gone, LayoutChanged
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, Details, Evidence, Observation, Product, Source
from shopwatch.retailers.reading import UNREADABLE, plain, reading, shown
from shopwatch.retailers.stock.target_facts import Facts
from shopwatch.retailers.stock.target_reading import evidence_of, observe, offer, pick, stock_nodes
from shopwatch.retailers.stock.target_shape import Answer, Complaint, LooseAnswer, Node

_REFUSED = 400
_ANSWER = msgspec.json.Decoder(Answer)
_LOOSE = msgspec.json.Decoder(LooseAnswer)
_NODE = msgspec.json.Decoder(Node)


def lacks(site: Site) -> str:
    """Say that the API answers with 400 where no store is named."""
    if site.location.store_id:
        return ""
    return (
        "set retailers.target.location.store_id: the number at the end of your store's address on target.com"
    )


def read(page: Page, skus: Sequence[str], site: Site) -> list[Observation]:
    """Each product's verdict, found by its TCIN; 206 is read as 200, its gaps are UNKNOWN.

    Raises:
        LayoutChanged: no answer at all, only something else.
    """
    if page.status == _REFUSED and (wanted := lacks(site)):
        raise LayoutChanged(shown(page.url), f"Target refuses to answer where no store is named: {wanted}")
    nodes, complaints = _nodes(page)
    by_tcin = {node.tcin: node for node in nodes}
    evidence, store_id, at = _evidence(page), site.location.store_id, page.fetched_at
    seen = []
    for sku in skus:
        node = by_tcin.get(sku) or pick(nodes, sku)
        if node is None:
            known = not any(sku in complaint.message for complaint in complaints)
            seen.append(_unknown(page, sku, "not in the answer" if known else "no product found"))
        else:
            seen.append(observe(node, at=at, evidence=evidence, store_id=store_id))
    return seen


def read_details(page: Page, sku: str, site: Site) -> Details:
    """Title, price, limit and seller.

    Raises:
        Gone: Target knows no such product.
        LayoutChanged: the answer is about something else.
    """
    nodes, complaints = _nodes(page)
    node = pick(nodes, sku)
    if node is None and complaints and not nodes:
        raise Gone(shown(page.url), f"no product found: {sku}")
    if node is None or node.item is None:
        raise LayoutChanged(shown(page.url), f"the details are not about {sku}")
    item = node.item
    pictures = item.enrichment.image_info if item.enrichment else None
    return Details(
        title=_title(node),
        offer=offer(node),
        purchase_limit=item.fulfillment.purchase_limit if item.fulfillment else None,
        image_url=pictures.primary_image.url if pictures and pictures.primary_image else None,
        url=f"{site.base_url}/p/-/A-{sku}",
        street_date=item.mmbv_content.street_date if item.mmbv_content else None,
        is_parent=node.is_parent,
        variants=tuple((child.tcin, _title(child)) for child in node.children or ()),
    )


def read_any(document: object, sku: str, page: Page) -> Observation | None:
    """What any JSON that the product page itself fetched says of ``sku``; ``None`` when it says nothing.

    ``page`` is where the document came from. Two answers at odds are UNKNOWN.
    """
    with reading(page):
        nodes = list(stock_nodes(document, sku))
    seen = [observe(node, at=page.fetched_at, evidence=_evidence(page)) for node in nodes]
    told = [one for one in seen if one.availability is not Availability.UNKNOWN]
    if len({one.availability for one in told}) > 1:
        return _unknown(page, sku, "the page's own answers disagree")
    return next(iter(told or seen), None)


def _nodes(page: Page) -> tuple[list[Node], list[Complaint]]:
    try:
        answer = _ANSWER.decode(page.body)
    except UNREADABLE:
        return _nodes_one_by_one(page)
    data, complaints = answer.data, answer.errors or []
    if data is not None and data.product_summaries is not None:
        return data.product_summaries, complaints
    if data is not None and data.product is not None:
        return [data.product], complaints
    if not complaints or not all("No product found" in one.message for one in complaints):
        told = complaints[0].message if complaints else "neither products nor errors"
        raise LayoutChanged(shown(page.url), f"the answer holds no product ({told:.100})")
    return [], complaints


def _nodes_one_by_one(page: Page) -> tuple[list[Node], list[Complaint]]:
    """One spoilt product must not cost the others of its batch their verdict."""
    with reading(page):
        answer = _LOOSE.decode(page.body)
        if answer.data is None:
            raise LayoutChanged(shown(page.url), "the answer holds no data")
    raws = answer.data.product_summaries or []
    if answer.data.product is not None:
        raws.append(answer.data.product)
    nodes = []
    for raw in raws:
        try:
            nodes.append(_NODE.decode(raw))
        except UNREADABLE:
            continue
    if not nodes:
        raise LayoutChanged(shown(page.url), "no product of the answer can be read")
    return nodes, answer.errors or []


def _evidence(page: Page) -> Callable[[Facts], Evidence]:
    return evidence_of(shown(page.url), page.status)


def _title(node: Node) -> str:
    return plain(node.item.product_description.title) if node.item and node.item.product_description else ""


def _unknown(page: Page, sku: str, reason: str) -> Observation:
    return Observation(
        product=Product(retailer="target", sku=sku),
        availability=Availability.UNKNOWN,
        source=Source.API,
        observed_at=page.fetched_at,
        reason=reason,
        evidence=Evidence(url=shown(page.url), status=page.status, seen={"reason": reason}),
    )
