"""What each site says when it refuses; without the true words nobody could tell one refusal from another."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from uuid import UUID

import msgspec
from starlette.responses import Response

from shopwatch.simulator.faults import Fault
from shopwatch.simulator.world import World

#: How large a gzip bomb is when it is unpacked. Bytes.
BOMB_UNPACKED = 256 * 2**20

_PX_TARGET, _PX_WALMART = "PXGWPp4wUS", "PXu6b0qd2S"
_AKAMAI = """<HTML><HEAD>
<TITLE>Access Denied</TITLE>
</HEAD><BODY>
<H1>Access Denied</H1>

You don't have permission to access "http&#58;&#47;&#47;{site}&#47;" on this server.<P>
Reference&#32;&#35;18&#46;{reference}
</BODY>
</HTML>
"""
_PRESS_AND_HOLD = """<!DOCTYPE html><html lang="en"><head><title>Access to this page has been denied</title>
<script>window._pxAppId='{app}';window._pxUuid='{uuid}';</script></head>
<body><h1>Press &amp; Hold to confirm you are a human (and not a bot).</h1><div id="px-captcha"></div>
<p>Reference ID {uuid}</p></body></html>
"""
_ROBOT_OR_HUMAN = """<!DOCTYPE html><html lang="en"><head><title>Robot or human?</title></head><body>
<h2>Robot or human?</h2><p>Activate and hold the button to confirm that you're human. Thank You!</p>
<div id="px-captcha"></div><script>window._pxAppId='{app}';window._pxUuid='{uuid}';</script></body></html>
"""
_BUSY = "<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
_TITLES = {
    "408": "408 Request Time-out",
    "410": "410 Gone",
    "412": "412 Precondition Failed",
    "429": "429 Too Many Requests",
    "429-retry-after": "429 Too Many Requests",
    "500": "500 Internal Server Error",
    "503": "503 Service Temporarily Unavailable",
}


def answer(fault: Fault, site: str, path: str, world: World) -> Response:
    """Make the answer of a fault that replaces the site's own."""
    uuid = str(UUID(int=world.random("fault", fault.id, fault.met).getrandbits(128), version=4))
    make = _MAKERS.get(fault.kind, _status_page)
    response = make(fault, site, path, world, uuid)
    if site in {"target-api", "target-carts"}:  # a browser must be able to read what its page was refused
        response.headers["access-control-allow-origin"] = world.origins["target"]
        response.headers["access-control-allow-credentials"] = "true"
    return response


def wall(site: str, uuid: str) -> str:
    """The page with which a site's guard stops a visitor."""
    if site.startswith("target"):
        return _PRESS_AND_HOLD.format(app=_PX_TARGET, uuid=uuid)
    if site == "walmart":
        return _ROBOT_OR_HUMAN.format(app=_PX_WALMART, uuid=uuid)
    return _AKAMAI.format(site=site, reference=uuid.replace("-", "")[:24])


def _status_page(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    headers = {"retry-after": str(fault.retry_after)} if fault.kind == "429-retry-after" else {}
    status, title = int(fault.kind[:3]), _TITLES[fault.kind]
    if site == "target-api":  # its gateway speaks JSON
        return _json({"errors": [{"message": title[4:]}]}, status, headers)
    return Response(_BUSY.format(title=title), status, headers, "text/html")


def _denied(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    if site == "bestbuy-api":  # a key over its rate gets the same status as a bad key
        message = "The provided API Key has reached the per second limit allotted to it."
        return _json({"errorCode": "403", "errorMessage": message}, 403)
    return Response(_AKAMAI.format(site=site, reference=uuid[:8]), 403, media_type="text/html")


def _challenge(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    if site != "target-api":
        return Response(wall(site, uuid), 403, media_type="text/html")
    relative = f"/captcha?trackingId={uuid}"
    absolute = world.origins["target-api"] + relative
    body = f'{{\n  "captchaRelativeURL":"{relative}",\n  "captchaAbsoluteURL":"{absolute}"\n}}'
    return Response(body, 403, media_type="application/json")


def _px_json(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    """Answer 435 (Target) and 412 (Walmart) as the guard does when JSON was asked for."""
    if fault.kind == "412" and site != "walmart":
        return _status_page(fault, site, path, world, uuid)
    app = _PX_WALMART if site == "walmart" else _PX_TARGET
    body = {
        "appId": app,
        "jsClientSrc": f"/px/{app}/init.js",
        "firstPartyEnabled": True,
        "uuid": uuid,
        "vid": uuid,
        "hostUrl": f"/px/{app}/xhr",
        "blockScript": f"/px/{app}/captcha/captcha.js?a=c&u={uuid}&v={uuid}&m=0",
    }
    if fault.kind == "412":
        body = {"redirectUrl": "/blocked?url=Lw=="} | body
    return _json(body, int(fault.kind))


def _wall(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    return Response(wall(site, uuid), 200, media_type="text/html")


def _garbage(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    noise = world.random("garbage", fault.id, fault.met).randbytes(2048)
    kind = "application/json" if site in {"target-api", "target-carts", "bestbuy-api"} else "text/html"
    return Response(b'{"data":{"pro' + noise, 200, media_type=kind)


def _empty(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    return Response(b"", 200, media_type="text/html")


def _redirect(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    if site == "walmart":
        return Response(b"", 307, {"location": f"/blocked?url=Lw==&uuid={uuid}&vid=&g=a"})
    return Response(b"", 302, {"location": f"{world.origins[site]}/?from=moved"})


def _gzip_bomb(fault: Fault, site: str, path: str, world: World, uuid: str) -> Response:
    return Response(gzip_bomb(), 200, {"content-encoding": "gzip"}, "text/html")


@cache
def gzip_bomb() -> bytes:
    """Give a small gzip body that unpacks to ``BOMB_UNPACKED`` bytes of spaces; made once, in 0.2 s."""
    block = b" " * 2**20
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush the compressor has forgotten what came before: one packed block can be repeated.
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    count = BOMB_UNPACKED // len(block)
    check = 0
    for _ in range(count):
        check = zlib.crc32(block, check)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    size = (BOMB_UNPACKED % 2**32).to_bytes(4, "little")
    return head + packed * count + packer.flush(zlib.Z_FINISH) + check.to_bytes(4, "little") + size


def _json(body: object, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")


_MAKERS: dict[str, Callable[[Fault, str, str, World, str], Response]] = {
    "403": _denied,
    "403-challenge": _challenge,
    "412": _px_json,
    "435": _px_json,
    "wall": _wall,
    "garbage": _garbage,
    "empty": _empty,
    "redirect": _redirect,
    "gzip-bomb": _gzip_bomb,
}
