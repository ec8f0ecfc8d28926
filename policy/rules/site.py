"""The site's releases: named by a store, read by a function at the edge, published by a policy that deletes nothing."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..finding import Broken, Rules
from ..model import Environment, plain
from ..statements import Grant, exceeds, lacks, statements
from ..values import Json, as_list, as_map, as_text
from ..wanted import TRUE, one_of

RULES = Rules()
_STORE = "${Frontend/ReleasesStore.Arn}"
_BUCKET = "${Frontend/SiteBucket.Arn}"

RULES.demands(
    "AWS::CloudFront::Function",
    ("SITE-FUNCTION-LIVE", "AutoPublish", TRUE, "CloudFront Functions", "publish it"),
    ("SITE-FUNCTION-RUNTIME", "FunctionConfig.Runtime", one_of("cloudfront-js-2.0"), "CloudFront Functions", "2.0"),
)

_CODE = Path(__file__).parents[2] / "flux_infra" / "frontend"
_FUNCTIONS = {"viewer-request": "Frontend/ReleasesRequest", "viewer-response": "Frontend/ReleasesResponse"}


@RULES.rule("SITE-STORE", source="CloudFront KeyValueStore", remedy="let the request function read the live release")
def pages_come_from_the_live_release(environment: Environment) -> Iterable[Broken]:
    """The function reads the store, and no function any other; without it no page is found."""
    for event, name in _FUNCTIONS.items():
        function = environment.named(name)
        stores = function.items("FunctionConfig.KeyValueStoreAssociations") if function else []
        read = [plain(as_text(store.get("KeyValueStoreARN"))) for store in stores]
        if function and read != ([_STORE] if event == "viewer-request" else []):
            yield Broken(resource=function, what=f"reads {read or 'nothing'}, not which release is live alone")


@RULES.rule("SITE-FUNCTIONS", source="aws-samples #186", remedy="functions on the site's behavior alone")
def only_the_site_is_rewritten(environment: Environment) -> Iterable[Broken]:
    """The site's behavior has both functions; the API's has none, or its answers would be hidden."""
    for distribution in environment.of("AWS::CloudFront::Distribution"):
        config = as_map(distribution.get("DistributionConfig"))
        attached = sorted(_attached(as_map(config.get("DefaultCacheBehavior"))))
        if attached != sorted((event, f"${{{name}.FunctionARN}}") for event, name in _FUNCTIONS.items()):
            yield Broken(resource=distribution, what=f"runs {attached} for the site, not the release's two functions")
        for behavior in map(as_map, as_list(config.get("CacheBehaviors"))):
            if _attached(behavior):
                yield Broken(resource=distribution, what=f"rewrites {as_text(behavior.get('PathPattern'))}")


def _attached(behavior: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return the events of a behavior that functions at the edge answer, and the functions."""
    associations = map(as_map, as_list(behavior.get("FunctionAssociations")))
    return [(as_text(item.get("EventType")), plain(as_text(item.get("FunctionARN")))) for item in associations]


@RULES.rule(
    "SITE-CODE", source="flux_infra/frontend/releases.py", remedy="deploy release_request.js, release_response.js"
)
def functions_at_the_edge_run_their_files(environment: Environment) -> Iterable[Broken]:
    """They stand between everybody and every page, and CloudFront takes their code from the template."""
    for event, name in _FUNCTIONS.items():
        function = environment.named(name)
        file = _CODE / f"release_{event.removeprefix('viewer-')}.js"
        if function and function.get("FunctionCode") != file.read_text():
            yield Broken(resource=function, what=f"does not run {file.name}")


@RULES.rule("SITE-STORE-NAME", source="AWS::CloudFront::KeyValueStore, Name: Replacement", remedy="keep the name")
def the_store_keeps_its_name(environment: Environment) -> Iterable[Broken]:
    """Under another it is another store, and an empty one: no page is found until somebody publishes."""
    store = environment.named("Frontend/ReleasesStore")
    name = f"Flux{environment.name.replace('-', '')}FrontendReleasesStore[0-9A-F]{{8}}"  # CDK's, from its path
    if store and not re.fullmatch(name, store.text("Name")):
        yield Broken(resource=store, what=f"is called {store.text('Name') or 'nothing'}; must be {name}")


@RULES.rule("SITE-FILES-STAY", source="cdk-nextjs #159", remedy="expire old versions only")
def published_files_stay(environment: Environment) -> Iterable[Broken]:
    """Open pages ask for files of releases before; what has moved to an archive CloudFront cannot read."""
    bucket = environment.named("Frontend/SiteBucket")
    for rule in bucket.items("LifecycleConfiguration.Rules") if bucket else []:
        for setting in ("ExpirationDate", "ExpirationInDays", "Transition", "Transitions"):
            if rule.get(setting) is not None:
                yield Broken(resource=bucket, what=f"takes files away by {setting}")


_PUBLISHER = (
    Grant(actions=("s3:GetObject", "s3:PutObject"), resources=(f"{_BUCKET}/_next/static/*", f"{_BUCKET}/releases/*")),
    Grant(actions=("s3:ListBucket",), resources=(_BUCKET,)),
    Grant(
        actions=(
            *("cloudfront-keyvaluestore:DescribeKeyValueStore", "cloudfront-keyvaluestore:GetKey"),
            "cloudfront-keyvaluestore:PutKey",
        ),
        resources=(_STORE,),
    ),
    Grant(actions=("cloudformation:DescribeStacks",), resources=("${Frontend/AWSStackId}",)),
)


@RULES.rule("SITE-PUBLISHER", source="cdk-nextjs #159; least privilege", remedy="add and read files, name the release")
def publishing_deletes_nothing(environment: Environment) -> Iterable[Broken]:
    """Open pages still load the files of the release before."""
    policy = environment.named("Frontend/PublisherPolicy")
    if policy is None:
        return
    found = statements(policy.get("PolicyDocument"))
    for statement in found:
        what = exceeds(statement, _PUBLISHER, environment)
        if what:
            yield Broken(resource=policy, what=what)
    for grant in _PUBLISHER:
        what = lacks(found, grant, environment)
        if what:
            yield Broken(resource=policy, what=what)


RULES.demands(
    "Frontend/PublisherPolicy",
    ("SITE-PUBLISHER-NAME", "ManagedPolicyName", one_of("flux-<name>-site-publisher"), "naming.py", "keep the name"),
)
