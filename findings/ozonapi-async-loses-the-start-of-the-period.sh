#!/usr/bin/env bash
# Package: ozonapi-async 0.89.0 (PyPI).
#
# Expected: a filter by the time of creation reaches Ozon. The filter of `POST /v2/returns/rfbs/list` is described as
# `created_at: {"from": ..., "to": ...}`. The package calls the start `from_`, since `from` is a word of Python, and its
# own text says that it is written as `from`.
# Source: https://docs.ozon.ru/api/seller/#operation/RFBSReturnsAPI_ReturnsRfbsListV2
#
# What happens: this call writes the request by Python's names. Ozon is sent `from_`, a name that it doesn't describe; the
# documented `from` isn't there. A server that follows the description sees a period without a start and answers with older
# requests too; the package sees no error. The list of postings of the same package is asked for by the described names.
#
# Whom it hurts: a seller under rFBS who counts the returns of a month: those of earlier months are counted again.
#
# What Edin does: it doesn't use this call. It asks `/v1/returns/list` by the time of the last change, then for all returns of
# the postings that came up; so a return that is told again, however old, isn't counted again. Nothing to do here.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 PIP_DISABLE_PIP_VERSION_CHECK=1

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet ozonapi-async==0.89.0 pydantic==2.14.4 pydantic-settings==2.16.3 aiohttp==3.14.5

cat >"$work/try.py" <<'PY'
import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ozonapi import SellerAPI, SellerAPIConfig
from ozonapi.seller.schemas.fbs import PostingFBSListRequest
from ozonapi.seller.schemas.returns import ReturnsRfbsCreatedAt, ReturnsRfbsListFilter, ReturnsRfbsListRequest

RETURNS = [
    {"return_id": 1, "return_number": "1-R1", "created_at": "2026-09-05T10:00:00Z", "posting_number": "00000001-0001-1"},
    {"return_id": 2, "return_number": "2-R1", "created_at": "2026-11-05T10:00:00Z", "posting_number": "00000002-0001-1"},
]
asked = {}


class Ozon(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked[self.path] = body
        if self.path == "/v2/returns/rfbs/list":
            period = body["filter"]["created_at"]
            start, end = period.get("from") or "", period.get("to") or "9999"
            answer = {"returns": [row for row in RETURNS if start <= row["created_at"] <= end]}
        else:
            answer = {"postings": [], "has_next": False, "cursor": ""}
        answer = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


async def main(port):
    config = SellerAPIConfig(base_url=f"http://127.0.0.1:{port}")
    november = ReturnsRfbsCreatedAt(from_="2026-11-01T00:00:00Z", to="2026-11-30T23:59:59Z")
    async with SellerAPI("1234567", "00000000-0000-0000-0000-000000000000", config=config) as api:
        answer = await api.returns_rfbs_list(ReturnsRfbsListRequest(limit=100, filter=ReturnsRfbsListFilter(created_at=november)))
        await api.posting_fbs_list(PostingFBSListRequest(
            limit=100, filter={"last_changed_status_date": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T23:59:59Z"}}))
    period = asked["/v2/returns/rfbs/list"]["filter"]["created_at"]
    right = asked["/v4/posting/fbs/list"]["filter"]["last_changed_status_date"]
    got = [row.return_id for row in answer.returns]
    print("period sent with the postings:", right)
    print("period sent with the returns: ", period)
    print("asked for November; got returns", got, "of", [(row["return_id"], row["created_at"][:10]) for row in RETURNS])
    assert "from" in right and "from_" not in right, "the postings are no longer asked for by the described names"
    assert "from" not in period and period["from_"] == "2026-11-01T00:00:00Z", "the start of the period is sent: mended?"
    assert got == [1, 2]


server = ThreadingHTTPServer(("127.0.0.1", 0), Ozon)
threading.Thread(target=server.serve_forever, daemon=True).start()
asyncio.run(main(server.server_port))
server.shutdown()
PY
"$work/venv/bin/python" "$work/try.py"
echo "As stated: ozonapi-async 0.89.0 asks for the returns of a period without its start."
