"""How long a sale takes from Ozon's push to Wildberries' acknowledgement on the local AWS, and where the time goes.

Each sale is of another good, posted as soon as the one before is acknowledged, so that no hop waits for another sale. The
hops are read from the functions' logs, whose lines carry the sale's cause.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from typing import Any

from scenarios import WILDBERRIES, World
from seller import Failed, until

# The line that ends each hop, and the function whose log it is in.
HOPS = [
    ("webhook", "a push came in"),
    ("intake", "an order was recorded"),
    ("fanout", "pushes are due"),
    ("push", "a channel took a number"),
]


def measure(world: World, sales: int) -> dict[str, Any]:
    """Median and 99th percentile in ms, and the share of each hop in the median."""
    goods = [f"EDN-{number:04}" for number in range(1, 211) if number % 10]
    until("the opening stock is told", lambda: world.channels.shown(WILDBERRIES, goods[-1]), 150)
    posted = [sale(world, goods[index % len(goods)]) for index in range(sales)]
    time.sleep(2)
    ends = {function: by_cause(world, function, words) for function, words in HOPS}
    causes = sorted(ends["webhook"], key=lambda cause: ends["webhook"][cause])[-sales:]
    hops: dict[str, list[float]] = {function: [] for function, _ in HOPS}
    totals = []
    for at, cause in zip(posted, causes, strict=True):
        before = at
        for function, _ in HOPS:
            if cause not in ends[function]:
                raise Failed(f"{function} tells nothing of {cause}")
            hops[function].append(ends[function][cause] - before)
            before = ends[function][cause]
        totals.append(before - at)
    share = {function: round(statistics.median(times)) for function, times in hops.items()}
    return {"sales": len(totals), "p50_ms": percentile(totals, 50), "p99_ms": percentile(totals, 99), "p50_ms_by_hop": share}


def sale(world: World, sku: str) -> float:
    """Posts a sale and waits until Wildberries shows it. Returns when it was posted, in ms."""
    before = world.channels.shown(WILDBERRIES, sku)
    at = time.time() * 1_000
    world.posting(sku)
    until(f"Wildberries shows the sale of {sku}", lambda: world.channels.shown(WILDBERRIES, sku) == before - 1, 60, every=0.005)
    return at


def by_cause(world: World, function: str, words: str) -> dict[str, float]:
    """When the function first wrote such a line of each cause, in ms; of the channels' lines, those about Wildberries."""
    times: dict[str, float] = {}
    for event in world.log_events(function):
        if words in event["message"]:
            line = json.loads(event["message"])
            if function in ("webhook", "intake") or line["connection"] == WILDBERRIES:
                cause = re.search(r"ozon-main:[0-9a-f]{16}", line["cause"])
                times.setdefault(cause.group() if cause else "", event["timestamp"])
    return times


def percentile(values: list[float], percent: int) -> int:
    """Of values in ms."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]) if ordered else -1
