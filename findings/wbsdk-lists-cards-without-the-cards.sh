#!/usr/bin/env bash
# Package: wbsdk 1.2.8 (PyPI).
#
# Expected: `client.content.get_cards_list(...)` gives the seller's cards. Wildberries describes the answer of
# `POST /content/v2/get/cards/list` as `{"cards": [...], "cursor": {"updatedAt", "nmID", "total"}}`. Each card has its
# sizes, each size its `chrtID`: the number under which stock is told since 2026, and its barcodes.
# Source: https://dev.wildberries.ru/openapi/item-management (until September 2026: /openapi/work-with-products)
#
# What happens: the package's model of the answer knows `data`, `cursor` and `error`, but no `cards`, and is told to
# pass over what it doesn't know. The cursor arrives, with its `total`; the cards are gone, without an error.
# Its list of goods with prices does the same to the prices: Wildberries tells them by size
# (`data.listGoods[].sizes[].price`), the model wants one beside `nmID`, so that every price is None.
#
# Whom it hurts: a seller whose program maps barcodes to `chrtID` with it. The map stays empty, "all pages were read",
# and no stock is told, or that of goods which nobody knows any more.
#
# What Edin does: it reads `cards[].sizes[]` itself and calls a cursor that doesn't move an error. Nothing to do here.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 PIP_DISABLE_PIP_VERSION_CHECK=1

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet wbsdk==1.2.8 httpx==0.28.1 pydantic==2.14.4

cat >"$work/try.py" <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wbsdk import WBClient

CARDS = {
    "cards": [
        {"nmID": 70001, "vendorCode": "EDN-0001", "sizes": [{"chrtID": 900001, "techSize": "M", "skus": ["2040000000011"]}]},
        {"nmID": 70002, "vendorCode": "EDN-0002", "sizes": [{"chrtID": 900002, "techSize": "0", "skus": ["2040000000028"]}]},
    ],
    "cursor": {"updatedAt": "2026-11-20T09:15:00.1Z", "nmID": 70002, "total": 2},
}
GOODS = {
    "data": {"listGoods": [{
        "nmID": 70001, "vendorCode": "EDN-0001", "currencyIsoCode4217": "RUB", "discount": 10, "editableSizePrice": False,
        "sizes": [{"sizeID": 900001, "price": 1500, "discountedPrice": 1350, "techSizeName": "M"}],
    }]},
    "error": False,
    "errorText": "",
}


class Wildberries(BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = json.dumps(CARDS if "/cards/list" in self.path else GOODS).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Wildberries)
threading.Thread(target=server.serve_forever, daemon=True).start()
here = f"http://127.0.0.1:{server.server_port}"

client = WBClient("made-up-token", base_urls={"content": here, "prices": here})
page = client.content.get_cards_list({"sort": {"ascending": True}, "filter": {"withPhoto": -1}, "cursor": {"limit": 100}})
goods = client.prices.get_goods_with_prices(limit=10)
print("sent by the server:", len(CARDS["cards"]), "cards, the first with chrtID", CARDS["cards"][0]["sizes"][0]["chrtID"])
print("what arrived:      ", page)
print("price sent:        ", GOODS["data"]["listGoods"][0]["sizes"][0]["price"])
print("price that arrived:", goods)

whole = page.model_dump_json()
assert page.cursor["total"] == 2, "the cursor no longer arrives"
assert "900001" not in whole and "EDN-0001" not in whole and not getattr(page, "cards", None), "the cards arrive: mended?"
assert [good.nm_id for good in goods.data] == [70001], "the goods no longer arrive"
assert goods.data[0].price is None and "1500" not in goods.model_dump_json(), "the price arrives: mended?"
server.shutdown()
PY
"$work/venv/bin/python" "$work/try.py"
echo "As stated: wbsdk 1.2.8 gives the cursor of the cards but no card, and goods without their price."
