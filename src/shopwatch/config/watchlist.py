"""The watch list as people change it: each change is one validated, backed-up save of ``shopwatch.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from shopwatch.config import convert, documents
from shopwatch.config.files import ConfigFolder, FileName
from shopwatch.config.settings import ProductSettings
from shopwatch.config.watches import key_of, name_of, watches_of
from shopwatch.domain.errors import Conflict, NotFound
from shopwatch.domain.stock import Key
from shopwatch.domain.watch import Watch

_FILE: FileName = "shopwatch.yaml"
HEAD = "# Shopwatch: what is watched, and how. `shopwatch config check` says what is wrong with it.\n"


class WatchList:
    """Reads and changes the ``products`` section; two changers never lose each other's change."""

    def __init__(self, folder: ConfigFolder) -> None:
        self._folder = folder

    def all(self) -> tuple[Watch, ...]:
        return watches_of(self._folder.load().settings.shopwatch)

    def get(self, key: Key) -> Watch:
        """Raises NotFound."""
        try:
            return next(watch for watch in self.all() if watch.key == key)
        except StopIteration:
            raise NotFound(f"nothing is watched as {name_of(key)}") from None

    def add(self, watches: Mapping[Key, Mapping[str, Any]], *, now: datetime, replace: bool = False) -> None:
        """Add watches by key with their settings as in the file.

        Raises:
            Conflict: one is watched already and ``replace`` is not said.
            InvalidSettings: a setting is wrong; nothing was added.
        """

        def change(products: dict[str, Any], names: dict[Key, str]) -> None:
            known = [name_of(key) for key in watches if key in names]
            if known and not replace:
                raise Conflict(f"watched already: {', '.join(known)} (`shopwatch watch edit` changes it)")
            for key, settings in watches.items():
                products[names.get(key, name_of(key))] = dict(settings)

        self._change(change, now)

    def update(
        self,
        keys: Iterable[Key],
        settings: Mapping[str, Any],
        *,
        now: datetime,
        add_tags: Iterable[str] = (),
        remove_tags: Iterable[str] = (),
    ) -> None:
        """Set some settings of some watches; ``None`` takes a setting back to its default.

        ``add_tags`` and ``remove_tags`` leave each watch its other tags. All of it is one save.

        Raises:
            NotFound: one is not watched; nothing was changed.
            InvalidSettings: a setting is wrong; nothing was changed.
        """
        wanted, added, removed = list(keys), tuple(add_tags), frozenset(remove_tags)

        def change(products: dict[str, Any], names: dict[Key, str]) -> None:
            _require(wanted, names)
            for key in wanted:
                product = {**(products[names[key]] or {}), **settings}
                if added or removed:
                    tags = dict.fromkeys((*(product.get("tags") or ()), *added))
                    product["tags"] = [tag for tag in tags if tag not in removed] or None
                products[names[key]] = {name: value for name, value in product.items() if value is not None}

        self._change(change, now)

    def remove(self, keys: Iterable[Key], *, now: datetime) -> None:
        """Raises NotFound: one is not watched; nothing was removed."""
        wanted = list(keys)

        def change(products: dict[str, Any], names: dict[Key, str]) -> None:
            _require(wanted, names)
            for key in wanted:
                del products[names[key]]

        self._change(change, now)

    def migrate(self, *, now: datetime) -> tuple[str, tuple[str, ...]]:
        """Write ``shopwatch.yaml`` from the old file in use. Returns its name and what was not carried.

        Raises:
            Conflict: there is nothing to migrate.
        """
        with self._folder.changing():
            loaded = self._folder.load()
            if loaded.products_file in ("", _FILE):
                raise Conflict(
                    "nothing to migrate: there is no ultra_fast_config.json or product_config.json in use"
                )
            name = loaded.products_file
            converted = convert.convert(documents.read(self._folder.text(name), file=name), file=name)
            self._folder.save_text(_FILE, documents.dump(converted.document, head=HEAD), now=now)
            return name, converted.notes

    def _change(self, change: Callable[[dict[str, Any], dict[Key, str]], None], now: datetime) -> None:
        with self._folder.changing():
            source = self._folder.load().products_file
            if source not in ("", _FILE):
                raise Conflict(f"the watches are in {source}: `shopwatch config migrate` makes {_FILE} of it")
            document = self._folder.document(_FILE)
            products = dict(document.get("products") or {})
            names = {_key(name, product): name for name, product in products.items()}
            change(products, names)
            document["products"] = products
            if self._folder.text(_FILE):
                self._folder.save_document(_FILE, document, now=now)
            else:
                self._folder.save_text(_FILE, documents.dump(document, head=HEAD), now=now)


def _key(name: str, product: Mapping[str, Any] | None) -> Key:
    return key_of(name, ProductSettings.model_construct(retailer=(product or {}).get("retailer", "target")))


def _require(keys: Iterable[Key], names: Mapping[Key, str]) -> None:
    if missing := [name_of(key) for key in keys if key not in names]:
        raise NotFound(f"nothing is watched as {', '.join(missing)}: `shopwatch watch list` shows what is")
