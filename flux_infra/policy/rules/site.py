"""The site's releases: named by a store, read by a function at the edge, published by a policy that deletes nothing."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment, plain
from ..statements import Grant, exceeds, lacks, statements
from ..values import as_list, as_map, as_text, dig
from ..wanted import PRESENT, TRUE, one_of

RULES = Rules()
_STORE = "${Frontend/ReleasesStore.Arn}"
_BUCKET = "${Frontend/SiteBucket.Arn}"

RULES.demands(
    "AWS::CloudFront::Function",
    ("SITE-FUNCTION-LIVE", "AutoPublish", TRUE, "CloudFront Functions", "publish it"),
    ("SITE-FUNCTION-CODE", "FunctionCode", PRESENT, "CloudFront Functions", "deploy web's own code"),
    ("SITE-FUNCTION-RUNTIME", "FunctionConfig.Runtime", one_of("cloudfront-js-2.0"), "CloudFront Functions", "2.0"),
)

_FUNCTIONS = {"viewer-request": "Frontend/ReleasesRequest", "viewer-response": "Frontend/ReleasesResponse"}


@RULES.rule("SITE-STORE", source="CloudFront KeyValueStore", remedy="let the request function read the live release")
def pages_come_from_the_live_release(environment: Environment) -> Iterable[Broken]:
    """The function reads the store; without it no page is found."""
    function = environment.named("Frontend/ReleasesRequest")
    stores = function.items("FunctionConfig.KeyValueStoreAssociations") if function else []
    if function and _STORE not in [plain(as_text(store.get("KeyValueStoreARN"))) for store in stores]:
        yield Broken(resource=function, what="does not read which release is live")


@RULES.rule("SITE-FUNCTIONS", source="aws-samples #186", remedy="functions on the site's behavior alone")
def only_the_site_is_rewritten(environment: Environment) -> Iterable[Broken]:
    """The site's behavior has both functions; the API's has none, or its answers would be hidden."""
    for distribution in environment.of("AWS::CloudFront::Distribution"):
        config = as_map(distribution.get("DistributionConfig"))
        attached = {
            as_text(dig(item, "EventType")): plain(as_text(dig(item, "FunctionARN")))
            for item in as_list(dig(config, "DefaultCacheBehavior.FunctionAssociations"))
        }
        for event, name in _FUNCTIONS.items():
            if attached.get(event) != f"${{{name}.FunctionARN}}":
                yield Broken(resource=distribution, what=f"does not run {name} on {event} of the site")
        for behavior in as_list(config.get("CacheBehaviors")):
            rewritten = dig(behavior, "FunctionAssociations") or dig(behavior, "LambdaFunctionAssociations")
            if as_text(dig(behavior, "PathPattern")).startswith("/api") and rewritten:
                yield Broken(resource=distribution, what="rewrites the API's requests or answers")


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
