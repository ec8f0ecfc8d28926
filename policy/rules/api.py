"""The HTTP API: throttled, logged, without CORS, and wired to the live aliases."""

import json
from collections.abc import Iterable

from flux_infra.constructs.origin import ORIGIN_HEADER

from ..finding import Broken, Rules
from ..model import Environment
from ..values import as_flag, as_map, as_number, dig
from ..wanted import ABSENT, NOT_TRUE, TRUE, between, one_of
from ..workloads import API, AUTHORIZER, WEBHOOK

RULES = Rules()
STAGE = "AWS::ApiGatewayV2::Stage"
INTEGRATION = "AWS::ApiGatewayV2::Integration"
ROUTE = "AWS::ApiGatewayV2::Route"
AUTHORIZERS = "AWS::ApiGatewayV2::Authorizer"
_API = "${Api/HttpApi}"


def _rate(environment: Environment) -> int:
    return environment.config.throttle.rate if environment.config else 10_000


def _burst(environment: Environment) -> int:
    return environment.config.throttle.burst if environment.config else 20_000


RULES.demands(
    STAGE,
    (
        "API-RATE",
        "DefaultRouteSettings.ThrottlingRateLimit",
        between(lambda env: _rate(env) / 2, _rate),
        "API Gateway, Throttling",
        "limit it as configured",
    ),
    (
        "API-BURST",
        "DefaultRouteSettings.ThrottlingBurstLimit",
        between(lambda env: _burst(env) / 2, _burst),
        "API Gateway, Throttling",
        "limit it as configured",
    ),
    (
        "API-ACCESS-LOG",
        "AccessLogSettings.DestinationArn",
        one_of("arn:aws:logs:<region>:<account>:log-group:${Api/FrontDoorLogs}", "${Api/FrontDoorLogs.Arn}"),
        "FSBP APIGateway.9",
        "log to the API's own group",
    ),
    ("API-DEPLOYS", "AutoDeploy", TRUE, "API Gateway, Stages", "deploy by itself"),
    ("API-STAGE-OF", "ApiId", one_of(_API), "API Gateway, Stages", "the stage of Flux's API"),
    (
        "API-STAGE-NAME",
        "StageName",
        one_of("$default"),
        "API Gateway, Stages",
        "$default: CloudFront sends whole paths",
    ),
    ("API-NO-DATA-TRACE", "DefaultRouteSettings.DataTraceEnabled", NOT_TRUE, "PCI DSS 3.3", "log no bodies"),
)
RULES.demands(
    INTEGRATION,
    ("API-INTEGRATION-OF", "ApiId", one_of(_API), "API Gateway, Integrations", "of Flux's API"),
    ("API-PROXY", "IntegrationType", one_of("AWS_PROXY"), "API Gateway, Lambda integrations", "AWS_PROXY"),
    ("API-PAYLOAD", "PayloadFormatVersion", one_of("2.0"), "API Gateway, Lambda integrations", "2.0, as handlers read"),
    ("API-TIMEOUT", "TimeoutInMillis", between(3_000, 30_000), "API Gateway quotas", "30 s or less"),
)
RULES.demands(
    "AWS::ApiGatewayV2::Api",
    ("API-NO-CORS", "CorsConfiguration", ABSENT, "OWASP, CORS", "site and API share one origin; no other may call"),
    ("API-KIND", "ProtocolType", one_of("HTTP"), "README.md", "an HTTP API"),
    ("API-NAME", "Name", one_of("flux-<name>"), "building/naming.py", "keep the name"),
)
RULES.demands(ROUTE, ("API-ROUTE-OF", "ApiId", one_of(_API), "API Gateway, Routes", "a route of Flux's API"))

_LIVE = f"${{{AUTHORIZER.part('Live')}}}"
RULES.demands(
    AUTHORIZERS,
    ("API-AUTHORIZER-OF", "ApiId", one_of(_API), "API Gateway, Lambda authorizers", "of Flux's API"),
    ("API-AUTHORIZER-KIND", "AuthorizerType", one_of("REQUEST"), "decision 0026", "a Lambda authorizer"),
    (
        "API-AUTHORIZER-ALIAS",
        "AuthorizerUri",
        one_of(f"arn:aws:apigateway:<region>:lambda:path/2015-03-31/functions/{_LIVE}/invocations"),
        "decision 0026",
        "ask the authorizer's alias live",
    ),
    # Longer, and a value out of use opens the door for as long.
    ("API-AUTHORIZER-KEEPS", "AuthorizerResultTtlInSeconds", between(0, 60), "decision 0026", "keep answers a minute"),
    ("API-AUTHORIZER-SIMPLE", "EnableSimpleResponses", TRUE, "lambdas/authorizer", "it answers true or false"),
    ("API-AUTHORIZER-PAYLOAD", "AuthorizerPayloadFormatVersion", one_of("2.0"), "lambdas/authorizer", "2.0"),
)


@RULES.rule("API-NO-OVERRIDE", source="API Gateway, Throttling", remedy="throttle no route less than the others")
def no_route_is_throttled_less(environment: Environment) -> Iterable[Broken]:
    """A route's own settings take the place of the stage's, which are the most that functions stand."""
    limits = (("ThrottlingRateLimit", _rate(environment)), ("ThrottlingBurstLimit", _burst(environment)))
    for stage in environment.of(STAGE):
        for key, settings in as_map(stage.get("RouteSettings")).items():
            for name, most in limits:
                found = as_number(dig(settings, name))
                if found is None or not most / _TIGHTEST <= found <= most:
                    yield Broken(resource=stage, what=f"{key} has {name}={found}; must be up to {most}")
            if as_flag(dig(settings, "DataTraceEnabled")) is True:
                yield Broken(resource=stage, what=f"{key} writes bodies into the log")


_TIGHTEST = 10  # times less than the stage; a route that takes less serves no restaurant


@RULES.rule("API-AUTHORIZER-SOURCE", source="decision 0026", remedy="judge by the origin header")
def the_authorizer_judges_by_the_origin_header(environment: Environment) -> Iterable[Broken]:
    """By another key one caller's answer would be everybody's; by the route besides, answers are kept for each."""
    header = f"$request.header.{ORIGIN_HEADER}".lower()
    for authorizer in environment.of(AUTHORIZERS):
        found = {text.lower() for text in authorizer.texts("IdentitySource")}
        if header not in found or found - {header, "$context.routekey"}:
            yield Broken(resource=authorizer, what=f"judges by {sorted(found) or 'nothing'}; must be {header}")


# What a line of the access log must let one find out, and what it must never hold.
_LOGGED = {
    *("$context.requestId", "$context.requestTime", "$context.httpMethod", "$context.path", "$context.routeKey"),
    *("$context.status", "$context.identity.sourceIp", "$context.responseLatency", "$context.integration.requestId"),
}

# Route, and the alias that answers it.
_ROUTES = {
    "POST /api/v1/webhooks/{provider}": WEBHOOK,
    "GET /api/{proxy+}": API,
    "POST /api/{proxy+}": API,
}


@RULES.rule("API-LOG-FORMAT", source="FSBP APIGateway.9; PCI DSS 10.2", remedy="log who, what, when, and how it went")
def access_logs_say_enough_and_not_too_much(environment: Environment) -> Iterable[Broken]:
    """One JSON line a request, without headers that carry tokens."""
    for stage in environment.of(STAGE):
        text = stage.text("AccessLogSettings.Format")
        try:
            fields = set(as_map(json.loads(text)).values()) if text else set()
        except ValueError:
            fields = set()
        missing = _LOGGED - fields
        if missing:
            yield Broken(resource=stage, what=f"does not log {', '.join(sorted(missing))}")
        if "header" in text.lower() or "authorizer.claims" in text.lower():
            yield Broken(resource=stage, what="logs headers or claims, which carry tokens")


@RULES.rule("API-ROUTES", source="lambdas/api, lambdas/webhook", remedy="send each path to its function's alias live")
def every_route_reaches_its_function(environment: Environment) -> Iterable[Broken]:
    """Through the alias, so that a release shifts its traffic; and nothing else is open."""
    integrations = {f"integrations/{found.refers()}": found for found in environment.of(INTEGRATION)}
    by_key = {route.text("RouteKey"): route for route in environment.of(ROUTE)}
    if len(by_key) != len(environment.of(ROUTE)):
        yield Broken(subject="routes", what="two routes share a key, which API Gateway refuses")
    for key, workload in _ROUTES.items():
        route = by_key.get(key)
        if route is None:
            yield Broken(subject=key, what=f"no route {key}")
            continue
        integration = integrations.get(route.text("Target"))
        live = f"${{{workload.part('Live')}}}"
        if integration is None or integration.text("IntegrationUri") != live:
            yield Broken(resource=route, what=f"{key} does not reach {workload.config}'s alias live")
    for key, route in by_key.items():
        if key not in _ROUTES:
            yield Broken(resource=route, what=f"opens {key}, which no function of Flux answers")


@RULES.rule(
    "API-WAITS", source="API Gateway, Lambda integrations", remedy="wait a second longer than the function may run"
)
def the_api_waits_for_its_functions(environment: Environment) -> Iterable[Broken]:
    """Shorter, and a caller is told 503 for work that is done all the same."""
    functions = {f"${{{w.part('Live')}}}": environment.named(w.name) for w in _ROUTES.values()}
    for integration in environment.of(INTEGRATION):
        function = functions.get(integration.text("IntegrationUri"))
        longest = (function.number("Timeout") or 3) * 1000 if function else 0
        if (integration.number("TimeoutInMillis") or 30_000) <= longest:
            yield Broken(resource=integration, what=f"gives up before its function does, after {longest:g} ms")


@RULES.rule("API-AUTHORIZER", source="FSBP APIGateway.8; decision 0026", remedy="put the authorizer on every route")
def every_route_asks_the_authorizer(environment: Environment) -> Iterable[Broken]:
    """Whoever does not come through CloudFront has met no firewall. Tokens and signatures are the functions' part."""
    authorizers = environment.of(AUTHORIZERS)
    for route in environment.of(ROUTE):
        if route.text("AuthorizationType") != "CUSTOM":
            yield Broken(resource=route, what="does not ask the authorizer")
        elif environment.find(route.text("AuthorizerId")) not in authorizers:
            yield Broken(resource=route, what="asks an authorizer that no stack makes")


@RULES.rule("API-AUTHORIZER-CALLED", source="FSBP Lambda.1", remedy="let the API's authorizer call the alias")
def the_api_may_ask_the_authorizer(environment: Environment) -> Iterable[Broken]:
    """Without the permission every request ends in a 500."""
    for authorizer in environment.of(AUTHORIZERS):
        wanted = (_LIVE, "apigateway.amazonaws.com", _source(environment, f"authorizers/{authorizer.refers()}"))
        given = [
            (permission.text("FunctionName"), permission.text("Principal"), permission.text("SourceArn"))
            for permission in environment.of("AWS::Lambda::Permission")
        ]
        if wanted not in given:
            yield Broken(resource=authorizer, what="may not call the authorizer's alias live")


def _source(environment: Environment, path: str) -> str:
    """Who calls: a route or an authorizer of Flux's API."""
    return f"arn:aws:execute-api:{environment.region}:{environment.account}:{_API}/{path}"


@RULES.rule("API-PERMISSION", source="FSBP Lambda.1", remedy="let this API's route, and nobody else, call the alias")
def only_our_api_may_call_the_aliases(environment: Environment) -> Iterable[Broken]:
    """Each route may call its alias; who else may call one, callers.py says."""
    permissions = environment.of("AWS::Lambda::Permission")
    for key, workload in _ROUTES.items():
        path = key.split(" ", 1)[1]
        source = _source(environment, f"*/*{path}")
        given = [
            permission
            for permission in permissions
            if permission.text("FunctionName") == f"${{{workload.part('Live')}}}"
            and permission.text("Principal") == "apigateway.amazonaws.com"
            and permission.text("SourceArn") == source
            and permission.text("Action").lower() == "lambda:invokefunction"
        ]
        # One for each route of the path: which of two equal ones may go, nobody remembers later.
        if len(given) < sum(other.endswith(f" {path}") for other in _ROUTES):
            yield Broken(subject=key, what=f"the API may not call {workload.config}'s alias for {path}")
    for permission in permissions:
        if permission.text("Action").lower() != "lambda:invokefunction":
            yield Broken(resource=permission, what=f"permits {permission.text('Action')}")


@RULES.rule("API-NO-FUNCTION-URL", source="FSBP Lambda.1", remedy="reach functions through CloudFront and the API")
def functions_have_no_address_of_their_own(environment: Environment) -> Iterable[Broken]:
    """A function URL is a way in past the firewall."""
    for url in environment.of("AWS::Lambda::Url"):
        yield Broken(resource=url, what="opens a function to the internet past CloudFront")
