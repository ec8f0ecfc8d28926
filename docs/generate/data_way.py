"""The picture of the data's way: from the till to the forecast that the owner reads."""

import re
from collections.abc import Iterator

from .drawing import AMBER, BLUE, GREEN, GREY, edge, node, picture
from .surface import matches, only

_FUNCTIONS = {
    "Webhook": "checks what the till reports",
    "Sync": "pulls and stores sales",
    "Forecast": "forecasts one restaurant at a time",
    "Api": "answers the site",
    "Authorizer": "lets only CloudFront through",
}
_CRON = {"cron(0/15 * * * ? *)": "every 15 minutes", "cron(0 2 * * ? *)": "every night, 02:00 UTC"}
_STORES = {
    "Data/Database/Instance": ("PostgreSQL", "sales, forecasts"),
    "Data/Cache/ReplicationGroup": ("Valkey", "answers of the api"),
}


def draw() -> str:
    """Return the graph."""
    model = only(r"Ml/Forecast/Endpoint EndpointName = (\S+)")
    lines = [
        node("till", "Square", "the restaurants' tills", fill=AMBER, shape="ellipse"),
        node("owner", "Restaurant owner", fill=AMBER, shape="ellipse"),
        node("Frontend/Edge/Distribution", "CloudFront + WAF"),
        node("Frontend/Site/Bucket", "S3", "the site", fill=BLUE),
        node("Api/HttpApi/Api", "HTTP API"),
        node(model, "SageMaker endpoint", "demand model"),
        *(node(f"Compute/Functions/{name}", name, does, fill=GREEN) for name, does in _FUNCTIONS.items()),
        *(node(name, *text, fill=BLUE) for name, text in _STORES.items()),
        edge("till", "Frontend/Edge/Distribution", "signed webhook"),
        edge("owner", "Frontend/Edge/Distribution"),
        *_edge_of_the_site(),
        *_routes(),
        *_queues(),
        *_what_functions_use(model),
    ]
    return picture(lines, direction="LR")


def _edge_of_the_site() -> Iterator[str]:
    pattern = r"Frontend/Edge/Distribution \S+\.Origins\[\S+\]\.DomainName = <([A-Za-z/]+)\S*"
    for match in matches(pattern):
        yield edge("Frontend/Edge/Distribution", match[1], "/api/*" if match[1].startswith("Api/") else "/")


def _routes() -> Iterator[str]:
    routes: dict[str, list[str]] = {}
    for match in matches(r"Api/HttpApi/Api/([A-Z]+--\S+)/\w+ IntegrationUri = <(Compute/Functions/\w+)/Live>"):
        routes.setdefault(match[2], []).append("/" + match[1].partition("--")[2].replace("--", "/"))
    for function, names in routes.items():
        yield edge("Api/HttpApi/Api", function, "\\n".join(names))
    authorizer = only(r"Api/HttpApi/Api/\w+ AuthorizerUri = \S+<(Compute/Functions/\w+)/Live>\S+")
    yield edge("Api/HttpApi/Api", authorizer, "asks first", dashed=True)


def _queues() -> Iterator[str]:
    for match in matches(r"(Compute/Functions/\w+)/Live/Queue EventSourceArn = <(\S+)>"):
        function, queue = match[1], match[2]
        receives = only(rf"{queue} RedrivePolicy\.maxReceiveCount = (\d+)")
        batch = only(rf"{function}/Live/Queue BatchSize = (\d+)")
        yield node(queue, f"SQS {queue.split('/')[-2]}", f"dead letters after {receives} failures")
        yield edge(queue, function, f"up to {batch} messages")
    for match in matches(r"(Compute/Queues/\w+) Targets\[\w+\]\.Arn = <(\S+)>"):
        cron = only(rf"{match[1]} ScheduleExpression = (.+)")
        yield node(match[1], "EventBridge rule", _CRON.get(cron, cron), fill=GREY)
        yield edge(match[1], match[2])


def _what_functions_use(model: str) -> Iterator[str]:
    functions = "|".join(_FUNCTIONS)
    for match in matches(rf"(Compute/Functions/(?:{functions}))/Function Environment\.Variables\.(\w+) = (.+)"):
        function, name, value = match.groups()
        target = re.match(r"<([A-Za-z/]+)", value)
        if target and target[1] in _STORES and name.endswith("_HOST"):
            yield edge(function, target[1])
        elif target and name.endswith("_QUEUE_URL"):
            yield edge(function, target[1], "" if function.endswith("Webhook") else "one message a restaurant")
        elif value == model:
            yield edge(function, model, "InvokeEndpoint")
        elif name == "SQUARE_API_URL":
            yield edge(function, "till", "orders that are new", dashed=True)
