#!/usr/bin/env bash
# Package: wildberries-python-sdk 0.1.11 (PyPI).
#
# Expected: `update_inventory(...)` comes back quietly once Wildberries has taken the numbers. Wildberries describes the
# answer of a taken `PUT /api/v3/stocks/{warehouseId}` as 204, which has no body.
# Source: https://dev.wildberries.ru/openapi/item-management (until September 2026: /openapi/work-with-products)
#
# What happens: the package reads every answer as JSON, an empty one too, and raises JSONDecodeError after the stock was
# taken. So each success looks like a failure; `delete_inventory`, whose answer is 204 as well, is no better.
#
# Whom it hurts: a seller whose program writes again what "failed", or stops at the first batch. Again and again the
# numbers are told, until the limit of calls is used up; or the second thousand of goods is never told at all.
#
# What Edin does: any status from 200 to 299 of this call means "taken", whatever the body. Nothing to do here.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 PIP_DISABLE_PIP_VERSION_CHECK=1

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet wildberries-python-sdk==0.1.11 httpx==0.28.1 pydantic==2.14.4 PyYAML==6.0.4

cat >"$work/try.py" <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wildberries_python_sdk import RateLimiter, Registry, SyncClient, SyncInventoryService

stock = {}
writes = []


class Wildberries(BaseHTTPRequestHandler):
    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def do_PUT(self):
        body = self.body()
        writes.append(body)
        stock.update({row["chrtId"]: row["amount"] for row in body["stocks"]})
        self.send_response(204)
        self.end_headers()

    def do_POST(self):
        rows = [{"chrtId": n, "amount": stock[n]} for n in self.body()["chrtIds"] if n in stock]
        answer = json.dumps({"stocks": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Wildberries)
threading.Thread(target=server.serve_forever, daemon=True).start()

registry = Registry()
for name in ("get_inventory", "update_inventory"):
    registry.get_endpoint(name)["servers"] = {"marketplace": f"http://127.0.0.1:{server.server_port}"}

with SyncClient("made-up-token", registry, RateLimiter()) as client:
    inventory = SyncInventoryService(client)
    try:
        inventory.update_inventory(31, [{"chrtId": 900001, "amount": 7}])
        raised = None
    except ValueError as error:
        raised = error
    print("the write was answered 204; the package says:", repr(raised))
    shown = inventory.get_inventory(31, [900001])
    print("the warehouse shows now:                     ", shown)

assert shown == {"stocks": [{"chrtId": 900001, "amount": 7}]}, "the stock wasn't taken"
assert len(writes) == 1
assert isinstance(raised, json.JSONDecodeError), "a taken write is no longer an error: mended?"
server.shutdown()
PY
"$work/venv/bin/python" "$work/try.py"
echo "As stated: wildberries-python-sdk 0.1.11 raises an error for a stock write that was taken."
