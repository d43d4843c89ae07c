"""What must hold of a deployed bundle, driven as buyers, channels and the seller would."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_aws import LocalAws
from seller import Channels, Edin, Failed, call, until

DOOR = "shop"
OZON, WILDBERRIES, KASPI, YANDEX, WOOCOMMERCE = EACH = "ozon-main", "wb-main", "kaspi-main", "yandex-main", "woocommerce-main"
FUNCTIONS = ["webhook", "intake", "fanout", "push", "poll", "project", "reconcile", "api", "feed"]


@dataclass
class World:
    """A seller with a deployed bundle."""

    aws: LocalAws
    stack: str
    build: Path
    outputs: dict[str, str]
    channels: Channels
    edin: Edin
    deploy: Callable[..., None]
    hook: str = ""
    feed: str = ""
    posted: int = 0
    secrets: list[str] = field(default_factory=list)

    def here(self, url: str) -> str:
        """An address of the API as it is reached on this machine: the local AWS has no such host."""
        path = url.split("amazonaws.com", 1)[-1] if "amazonaws.com" in url else "/" + url.split("/", 3)[-1]
        return self.aws.api_url(self.outputs["ApiId"]) + path

    def paste_addresses(self) -> None:
        """What `edin connection list` says goes into the cabinets."""
        listed = {line["id"]: line for line in self.edin.lines("connection", "list")}
        self.hook, self.feed = self.here(listed[OZON]["webhook"]), self.here(listed[KASPI]["feed"])
        hinted = self.here(listed[YANDEX]["webhook"])
        signed, signature = self.here(listed[WOOCOMMERCE]["webhook"]), listed[WOOCOMMERCE]["webhook_secret"]
        self.secrets += [hook.rsplit("/", 1)[-1] for hook in (self.hook, hinted, signed)]
        self.secrets += [signature, self.feed.rsplit(".", 2)[-2]]
        self.channels.paste(OZON, hook=self.hook)
        self.channels.paste(YANDEX, hook=hinted)
        self.channels.paste(WOOCOMMERCE, hook=signed, secret=signature)
        self.channels.paste(KASPI, list=self.feed)

    def hurry(self) -> None:
        """What fails or crashes is delivered again after seconds: nobody wants to wait for the template's minutes."""
        for queue, seconds in [("InboxQueue", "1"), ("PushQueue", "15")]:
            attributes = {"VisibilityTimeout": seconds}
            self.aws.client("sqs").set_queue_attributes(QueueUrl=self.outputs[queue], Attributes=attributes)

    def available(self, sku: str, location: str = "almaty") -> int:
        """What the table says can be sold there."""
        return self.level(sku, location)["available"]

    def level(self, sku: str, location: str = "almaty") -> dict[str, Any]:
        """A level, by `edin why`."""
        why = json.loads(self.edin("why", sku, "--json"))
        return next(level for level in why["levels"] if level["sku"] == sku and level["location"] == location)

    def everywhere(self, sku: str) -> dict[str, int | None]:
        """What each channel shows."""
        return {connection: self.channels.shown(connection, sku) for connection in EACH}

    def posting(self, sku: str, units: int = 1) -> str:
        """Pushes a posting to the deployed address, as Ozon does: again if there is no answer. Returns its number."""
        self.posted += 1
        number = f"{70_000_000 + self.posted:010}-{self.posted:04}-1"
        push = {
            "message_type": "TYPE_NEW_POSTING", "seller_id": 30000001, "warehouse_id": 22142605386000,
            "posting_number": number, "in_process_at": "2026-11-22T10:00:00Z", "shipment_date": "2026-11-23T09:00:00Z",
            "products": [{"sku": 500_000_000 + int(sku.split("-")[1]), "offer_id": sku, "quantity": units}],
        }  # fmt: skip
        for _ in range(5):
            status, body = call("POST", self.hook, push)
            if status < 500:
                break
            time.sleep(0.5)
        if (status, json.loads(body)) != (200, {"result": True}):
            raise Failed(f"the push was answered with {status} {body!r}")
        return number

    def order(self, connection: str, number: str) -> dict[str, Any] | None:
        """An order in the table."""
        key = {"pk": {"S": f"ORDER#{connection}#{number}"}, "sk": {"S": "ORDER"}}
        return self.aws.client("dynamodb").get_item(TableName=self.outputs["StockTable"], Key=key).get("Item")

    def waiting(self, queue: str) -> int:
        """Messages in a queue, those in hand included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        sqs = self.aws.client("sqs")
        told = sqs.get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)

    def log_events(self, function: str) -> list[dict[str, Any]]:
        """A function's log: `message` and `timestamp` in ms."""
        logs, events, token = self.aws.client("logs"), [], {}
        while True:
            page = logs.filter_log_events(logGroupName=f"/aws/lambda/{self.stack}-{function}", **token)
            events += page["events"]
            if "nextToken" not in page:
                return events
            token = {"nextToken": page["nextToken"]}

    def logs(self, function: str) -> list[str]:
        """Every line of a function's log."""
        return [event["message"] for event in self.log_events(function)]

    def last_words(self) -> str:
        """The ends of the functions' logs, for who looks for the reason."""
        try:
            return "\n".join(f"--- {name}\n" + "\n".join(self.logs(name)[-8:]) for name in FUNCTIONS)
        except Exception as error:  # The local AWS may be gone already.
            return f"no logs: {error}"


def opening_stock(world: World) -> None:
    """After the import, every channel shows the opening stock"""
    first = world.available("EDN-0001")
    both = first + world.available("EDN-0001", "astana")
    expected = {OZON: both, WILDBERRIES: first, KASPI: first, YANDEX: both, WOOCOMMERCE: both}
    until(f"all channels show {expected}", lambda: world.everywhere("EDN-0001") == expected, 150)


def ozon_push(world: World) -> None:
    """An Ozon push arrives at the deployed address, and Wildberries and Kaspi show the lower number"""
    before = world.available("EDN-0001")
    number = world.posting("EDN-0001", 2)
    until("Wildberries shows two less", lambda: world.channels.shown(WILDBERRIES, "EDN-0001") == before - 2)
    until("Kaspi pulls two less", lambda: world.channels.pull() and world.channels.shown(KASPI, "EDN-0001") == before - 2)
    if not world.order(OZON, number):
        raise Failed(f"the posting {number} is not in the table")
    call("POST", world.hook, {"message_type": "TYPE_PING", "time": "2026-11-22T10:00:00Z"})


def own_door(world: World) -> None:
    """The seller's own shop holds goods at the deployed address, Wildberries shows less, and no other key opens it"""
    doors = world.channels.folder / "doors.toml"
    account = 'account = { direct = {} }\ncurrency = "KZT"\nwarehouses = { almaty = ["almaty"] }\n'
    doors.write_text(f'[[connection]]\nid = "{DOOR}"\n{account}')
    world.edin("import", str(doors))
    before = world.available("EDN-0010")
    key = world.edin("key", "make", DOOR, "--name", "a shop", "--scope", "shop,read").strip()
    world.secrets.append(key.rsplit("_", 1)[-1])
    wanted = {"lines": [{"sku": "EDN-0010", "quantity": 1}], "until": "2099-01-01T00:00:00Z"}
    asked = {**wanted, "until": datetime.fromtimestamp(time.time() + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "visit-1"}
    for body, expected in [(wanted, 400), (asked, 201), (asked, 201)]:
        status, answer = call("POST", world.here("https://x.amazonaws.com/v1/holds"), body, headers)
        if status != expected:
            raise Failed(f"a hold until {body['until']} was answered with {status} {answer!r}")
    if world.available("EDN-0010") != before - 1:
        raise Failed(f"{before} were available, and {world.available('EDN-0010')} are: one is held")
    until("Wildberries shows one less", lambda: world.channels.shown(WILDBERRIES, "EDN-0010") == before - 1, 150)
    world.edin("key", "revoke", key.split("_")[1])
    status, answer = call("GET", world.here("https://x.amazonaws.com/v1/stock/EDN-0010"), None, headers)
    if status != 401:
        raise Failed(f"a revoked key was answered with {status} {answer!r}")


def forged_push(world: World) -> None:
    """A push to another address, and a price list of another address, are not found"""
    for method, url in [("POST", world.hook[:-4] + "0000"), ("GET", world.feed.replace(".xml", "0.xml"))]:
        status, body = call(method, url, {} if method == "POST" else None)
        if status != 404:
            raise Failed(f"{method} of a forged address was answered with {status} {body!r}")


def wildberries_sale(world: World) -> None:
    """A sale at Wildberries is polled on schedule, and Ozon and Kaspi show the lower number"""
    before = world.everywhere("EDN-0002")
    world.channels.buy(WILDBERRIES, "EDN-0002")
    until("Ozon shows one less", lambda: world.channels.shown(OZON, "EDN-0002") == before[OZON] - 1, 150)
    until("Kaspi pulls one less", lambda: world.channels.pull() and world.channels.shown(KASPI, "EDN-0002") == before[KASPI] - 1)


def kaspi_sale(world: World) -> None:
    """A sale at Kaspi is polled and accepted, and Wildberries shows the lower number"""
    before = world.everywhere("EDN-0003")
    order = world.channels.buy(KASPI, "EDN-0003")
    until("Wildberries shows one less", lambda: world.channels.shown(WILDBERRIES, "EDN-0003") == before[WILDBERRIES] - 1, 150)
    until("the order is in the table", lambda: world.order(KASPI, order))


def hinted_sale(world: World) -> None:
    """Yandex Market hints at a sale, which is asked for then, and Wildberries shows the lower number"""
    before = world.channels.shown(WILDBERRIES, "EDN-0009")
    order = world.channels.buy(YANDEX, "EDN-0009")
    until("the order is in the table", lambda: world.order(YANDEX, order))
    until("Wildberries shows one less", lambda: world.channels.shown(WILDBERRIES, "EDN-0009") == before - 1, 150)


def bundle_sale(world: World) -> None:
    """A bundle sold at Ozon takes its parts from Wildberries' number"""
    before = world.channels.shown(WILDBERRIES, "EDN-0005")
    world.channels.buy(OZON, "SET-01")
    until("Wildberries shows two less of a part", lambda: world.channels.shown(WILDBERRIES, "EDN-0005") == before - 2, 150)


def one_writer(world: World) -> None:
    """Sales everywhere at once, and never two pushes to a connection at the same time"""
    for number in range(11, 19):
        world.posting(f"EDN-{number:04}")
        world.channels.buy(OZON, f"EDN-{number + 10:04}")
    expected = world.available("EDN-0018")
    until("Wildberries shows the last of it", lambda: world.channels.shown(WILDBERRIES, "EDN-0018") == expected)
    for connection, runs in push_runs(world).items():
        overlaps = [(first, second) for first, second in zip(runs, runs[1:], strict=False) if second[0] < first[1]]
        if overlaps or len(runs) < 2:
            raise Failed(f"of {len(runs)} pushes to {connection} these overlapped: {overlaps}")


def push_runs(world: World) -> dict[str, list[list[float]]]:
    """When push ran for each connection, from and to, in ms."""
    spans: dict[str, list[float]] = {}
    connections: dict[str, str] = {}
    for event in world.log_events("push"):
        if found := re.match(r"(?:START|END) RequestId: (\S+)", event["message"]):
            spans.setdefault(found.group(1), []).append(event["timestamp"])
        elif '"requestId"' in event["message"] and '"connection"' in event["message"]:
            line = json.loads(event["message"])
            connections[line["spans"][0]["requestId"]] = line["connection"]
    runs: dict[str, list[list[float]]] = {OZON: [], WILDBERRIES: [], YANDEX: [], WOOCOMMERCE: []}
    for request, span in spans.items():
        if request in connections and len(span) == 2:
            runs[connections[request]].append(span)
    return {connection: sorted(of_one) for connection, of_one in runs.items()}


def poison_and_redrive(world: World) -> None:
    """A message of an unknown connection ends in the dead-letter queue; imported and redriven, it is applied once"""
    sqs = world.aws.client("sqs")
    before = world.available("EDN-0006")
    inbound = {
        "cause": "ozon-second:1", "connection": "ozon-second", "channel": "ozon", "received_at": 1_795_000_000_000,
        "content": {"push": json.dumps({
            "message_type": "TYPE_NEW_POSTING", "seller_id": 30000002, "warehouse_id": 22142605386001,
            "posting_number": "0900000001-0001-1", "in_process_at": "2026-11-22T10:00:00Z",
            "products": [{"sku": 600000006, "offer_id": "EDN-0006", "quantity": 1}],
        })},
    }  # fmt: skip
    sqs.send_message(QueueUrl=world.outputs["InboxQueue"], MessageBody=json.dumps(inbound))
    good = world.posting("EDN-0007")
    until("its neighbour is applied", lambda: world.order(OZON, good))
    until("it is in the dead-letter queue", lambda: world.waiting("InboxDeadQueue") == 1, 90)
    shown = world.edin("redrive", "inbox", "--dry-run")
    if "0900000001-0001-1" not in shown or world.waiting("InboxDeadQueue") != 1:
        raise Failed(f"a dry run must show the message and leave it: {shown}")
    repair = world.channels.folder / "second.toml"
    repair.write_text(
        '[[connection]]\nid = "ozon-second"\nmode = "live"\ncurrency = "KZT"\nbase_url = "http://127.0.0.1:9"\n'
        'account = { ozon = { client_id = "30000002" } }\nwarehouses = { "22142605386001" = ["almaty"] }\n'
        'secrets = { api_key = "second-api-key" }\n'
    )
    catalogue = world.channels.folder / "second.csv"
    catalogue.write_text("sku,title,ozon-second.offer_id,ozon-second.sku\nEDN-0006,Плед № 6,EDN-0006,600000006\n")
    world.edin("import", str(repair), str(catalogue))
    world.edin("redrive", "inbox")
    until("the order is in the table", lambda: world.order("ozon-second", "0900000001-0001-1"))
    until("its unit is reserved once", lambda: world.available("EDN-0006") == before - 1, 20)
    if world.waiting("InboxDeadQueue"):
        raise Failed("the dead-letter queue is not empty after the redrive")


def crash_in_the_middle(world: World) -> None:
    """Intake is killed again and again in the middle of its batches, and nothing is lost or applied twice"""
    before, cut = world.available("EDN-0008"), silent_runs(world)
    numbers = []
    for _ in range(12):
        numbers += [world.posting("EDN-0008")]
        until("intake is at work", lambda: world.aws.processes(f"{world.stack}-intake"), every=0.002)
        for pid in world.aws.processes(f"{world.stack}-intake"):
            # Its work may have been done just now.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    until("every order is in the table", lambda: all(world.order(OZON, number) for number in numbers), 120, every=1)
    until("each took one unit", lambda: world.available("EDN-0008") == before - len(numbers), 30, every=1)
    until("Wildberries shows it", lambda: world.channels.shown(WILDBERRIES, "EDN-0008") == before - len(numbers))
    if silent_runs(world) == cut:
        raise Failed("no batch was cut")


def silent_runs(world: World) -> int:
    """Runs of intake that recorded nothing: it was killed before, and the batch came again."""
    lines = world.logs("intake")
    started = {found.group(1) for line in lines if (found := re.match(r"START RequestId: (\S+)", line))}
    recorded = {json.loads(line)["spans"][0]["requestId"] for line in lines if "an order was recorded" in line}
    return len(started - recorded)


class Traffic(threading.Thread):
    """Postings of one good, one after another, until it is told to stop."""

    def __init__(self, world: World, sku: str, most: int) -> None:
        super().__init__()
        self.world, self.sku, self.most = world, sku, most
        # Kept for what comes after the deployment, however long that takes.
        self.kept = 10
        self.numbers: list[str] = []
        self.trouble: Exception | None = None
        self.going = True

    def run(self) -> None:
        try:
            while self.going:
                if len(self.numbers) < self.most - self.kept:
                    self.numbers.append(self.world.posting(self.sku))
                time.sleep(0.8)
        except Exception as trouble:
            self.trouble = trouble

    def stop(self) -> list[str]:
        """The postings' numbers, all of which were taken."""
        self.going = False
        self.join()
        if self.trouble:
            raise self.trouble
        return self.numbers


def update_in_the_middle(world: World) -> None:
    """A deployment of changed code and environment in the middle of traffic loses nothing"""
    before = world.available("EDN-0009")
    was = world.aws.client("lambda").get_function_configuration(FunctionName=f"{world.stack}-intake")
    traffic = Traffic(world, "EDN-0009", before - 1)
    traffic.start()
    until("traffic flows", lambda: len(traffic.numbers) > 1)
    try:
        for bootstrap in world.build.glob("*/bootstrap"):
            with open(bootstrap, "ab") as binary:
                binary.write(b"\n")
        world.deploy(LogLevel="debug")
        deployed, traffic.kept = len(traffic.numbers), 0
        until("traffic flows on", lambda: len(traffic.numbers) > deployed)
    finally:
        numbers = traffic.stop()
    now = world.aws.client("lambda").get_function_configuration(FunctionName=f"{world.stack}-intake")
    if now["Environment"]["Variables"]["RUST_LOG"] != "debug" or now["CodeSha256"] == was["CodeSha256"]:
        raise Failed(f"code or environment did not change: {now}")
    until("every order is in the table", lambda: all(world.order(OZON, number) for number in numbers), 60, every=1)
    until("each took one unit", lambda: world.available("EDN-0009") == before - len(numbers), 30, every=1)


def new_key(world: World) -> None:
    """A key that was changed counts within a minute, without a deployment"""
    token = re.search(r'token = "(ey[^"]+)"', (world.channels.folder / "connections.toml").read_text()).group(1)

    def problem() -> str | None:
        found = world.edin.whatever("reconcile", "--now", "--connection", WILDBERRIES)
        return found if "could not be reconciled" in found else None

    world.edin("connection", "set", WILDBERRIES, "secrets.token=-", told="a-wrong-token")
    until("the wrong key is used", problem, 90, every=3)
    world.edin("connection", "set", WILDBERRIES, "secrets.token=-", told=token)
    until("the right key is used again", lambda: not problem(), 90, every=3)


def why_and_status(world: World) -> None:
    """`edin why` explains a number, `edin status` tells of each connection, reconciliation finds nothing"""
    why = world.edin("why", "EDN-0001")
    if "ozon-main/" not in why or "sellable at almaty" not in why:
        raise Failed(f"the number is not explained: {why}")
    found: list[str] = []
    try:
        until("reconciliation finds no drift", lambda: no_drift(world, found), 150, every=3)
    except Failed as failed:
        raise Failed(f"{failed}; it found {found[-1]}") from failed
    world.aws.client("lambda").invoke(FunctionName=world.outputs["PollFunction"], Payload=b'{"read":"changes"}')
    for connection in (OZON, WILDBERRIES):
        until(f"the status of {connection} is whole", lambda: is_whole(world, connection), 90, every=2)


def is_whole(world: World, connection: str) -> bool:
    """Whether the status of a connection says all that there is to say of it."""
    healths = {line["connection"]: line for line in world.edin.lines("status", "--json") if "connection" in line}
    health = healths[connection]
    found = health.get("found", {})
    return {"read_at", "last_sale_at"} <= health.keys() and {"acknowledged_at", "key_expires_at"} <= found.keys()


def no_drift(world: World, found: list[str]) -> bool:
    """Whether reconciliation finds nothing at the demo's channels; what it says is added to `found`."""
    found.append("".join(world.edin.whatever("reconcile", "--now", "--connection", id) for id in EACH))
    return found[-1].count(" 0 units of drift") == len(EACH)


def silent_logs(world: World) -> None:
    """No log holds a key, a token, or an address that lets somebody in"""
    imported = (world.channels.folder / "connections.toml").read_text()
    own = re.findall(r'(?:api_key|token|consumer_key|consumer_secret) = "([^"]+)"', imported)
    name = f"{world.outputs['Secrets']}/digest_key"
    key = world.aws.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    secrets = [key, *own, *world.secrets]
    # A shop's key has two parts.
    if len(own) != len(EACH) + 1 or len(secrets) != 13 or not all(secrets):
        raise Failed(f"there are {len(secrets)} secrets to look for, not 13")
    for function in FUNCTIONS:
        for line in world.logs(function):
            if any(secret in line for secret in secrets):
                raise Failed(f"the log of {function} holds a secret: {line[:40]}…")


def metrics(world: World) -> None:
    """The functions tell their figures in CloudWatch's embedded metric format"""
    world.aws.client("lambda").invoke(FunctionName=world.outputs["PollFunction"], Payload=b'{"read":"changes"}')
    world.edin("reconcile", "--now")
    wanted = {
        "intake": {"Orders"}, "push": {"Acknowledged", "LagMs"}, "poll": {"ReadingAgeSeconds"},
        "reconcile": {"UnacknowledgedSeconds", "DriftUnits", "CredentialDaysLeft"},
    }  # fmt: skip
    for function, names in wanted.items():
        until(f"{function} tells {names}", lambda: names <= told_by(world, function), 60, every=2)


def told_by(world: World, function: str) -> set[str]:
    """The metrics that a function told."""
    told = [json.loads(line) for line in world.logs(function) if '"_aws"' in line]
    if any(line["Stack"] != world.stack for line in told):
        raise Failed(f"{function} told metrics of another stack")
    return {metric["Name"] for line in told for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}


def kept_limits(world: World) -> None:
    """No channel saw a limit broken, or a request that it refuses"""
    told = [line for line in world.channels.violations() if not line.endswith("401, the token is missing or wrong")]
    if told:
        raise Failed("\n".join(told))


def empty_dead_letters(world: World) -> None:
    """Nothing is left in any dead-letter queue"""
    left = {queue: world.waiting(queue) for queue in world.outputs if queue.endswith("DeadQueue")}
    if any(left.values()):
        raise Failed(f"dead letters: {left}")


def delete(world: World) -> None:
    """The stack goes, its tables stay"""
    cloudformation = world.aws.client("cloudformation")
    cloudformation.delete_stack(StackName=world.stack)

    def gone() -> bool:
        stacks = cloudformation.list_stacks()["StackSummaries"]
        return all(stack["StackStatus"] == "DELETE_COMPLETE" for stack in stacks if stack["StackName"] == world.stack)

    until("the stack is deleted", gone, 30)
    tables = world.aws.client("dynamodb").list_tables()["TableNames"]
    missing = [name for name in (world.outputs["StockTable"], world.outputs["CustomersTable"]) if name not in tables]
    if missing:
        raise Failed(f"tables went with the stack: {missing}")


SCENARIOS = [
    opening_stock, ozon_push, forged_push, wildberries_sale, kaspi_sale, hinted_sale, own_door, bundle_sale, metrics, one_writer,
    poison_and_redrive, crash_in_the_middle, update_in_the_middle, new_key, why_and_status, silent_logs, kept_limits, empty_dead_letters,
    delete,
]  # fmt: skip
