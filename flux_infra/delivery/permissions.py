"""What each purpose may do, and nothing else."""

from aws_cdk import aws_iam as iam

from ..constructs.names import deployment_application_name
from ..constructs.site_manifest import NAME, RELEASES
from ..frontend.publisher import publishing_statements
from .identities import BOOTSTRAP, Identity, bootstrap_role_arn, bootstrap_version_arn


def statements(identity: Identity) -> list[iam.PolicyStatement]:
    """Return the policy of one role."""
    match identity.purpose:
        case "deploy":
            return [_bootstrap_roles(identity, "deploy", "file-publishing", "lookup")]
        case "plan":
            return [_read_what_is_live(), *_read_the_site(identity)]
        case "drift":
            return _drift()
        case "preview":
            return [_bootstrap_roles(identity, "deploy", "file-publishing", "lookup"), *_previews(identity)]
        case "operate":
            return _operate(identity)


def managed_policies(identity: Identity) -> list[str]:
    """Return AWS's own policies that a role has: `cdk drift` reads every kind of resource with its caller's rights."""
    return ["ReadOnlyAccess"] if identity.purpose == "drift" else []


def _bootstrap_roles(identity: Identity, *kinds: str) -> iam.PolicyStatement:
    everything = {
        "deploy": bootstrap_role_arn(identity.environment, "deploy"),
        "file-publishing": bootstrap_role_arn(identity.environment, "file-publishing"),
        "lookup": bootstrap_role_arn(identity.environment, "lookup"),
    }
    return iam.PolicyStatement(
        sid="TakeTheRolesOfCdk", actions=["sts:AssumeRole"], resources=[everything[kind] for kind in kinds]
    )


def _drift() -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="DetectDrift",
            actions=["cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift"],
            resources=["*"],
        )
    ]


def _previews(identity: Identity) -> list[iam.PolicyStatement]:
    return [*_preview_buckets(), *_publishing(identity, environments="pr-*")]


def _preview_buckets() -> list[iam.PolicyStatement]:
    """CloudFormation deletes only empty buckets; a preview's generated names begin with its stacks' names."""
    return [
        iam.PolicyStatement(
            sid="FindThePreviewsBuckets",
            actions=["cloudformation:DescribeStacks", "cloudformation:ListStackResources"],
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="EmptyThePreviewsBuckets",
            actions=["s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"],
            resources=["arn:aws:s3:::flux-pr-*"],
        ),
    ]


def _publishing(identity: Identity, *, environments: str) -> list[iam.PolicyStatement]:
    """Publish the site of an environment, or of all that a pattern names, with the rights of its site-publisher policy.

    That policy itself is made by the environment's own deployment, which may come later. The bucket's generated name
    begins with stack and construct; a key value store's is AWS's alone.
    """
    return publishing_statements(
        bucket_arn=f"arn:aws:s3:::flux-{environments}-frontend-sitebucket*",
        store_arn=f"arn:aws:cloudfront::{identity.environment.account}:key-value-store/*",
    )


def _read_what_is_live() -> iam.PolicyStatement:
    """What the status and the plan of a rollback ask."""
    return iam.PolicyStatement(
        sid="ReadWhatIsLive",
        actions=[
            "cloudformation:Describe*",
            "cloudformation:GetTemplate",
            "cloudformation:List*",
            "cloudfront:DescribeKeyValueStore",
            "cloudfront:ListKeyValueStores",
            "cloudtrail:LookupEvents",  # which commit a version was deployed from
            "cloudwatch:DescribeAlarm*",
            "codedeploy:BatchGet*",
            "codedeploy:Get*",
            "codedeploy:List*",
            "lambda:GetAlias",
            "lambda:GetFunction*",
            "lambda:List*",
            "sagemaker:Describe*",
            "sagemaker:List*",
        ],
        resources=["*"],
    )


def _read_the_site(identity: Identity) -> list[iam.PolicyStatement]:
    """Which release is live, which ones there are, and what each was made from."""
    bucket = f"arn:aws:s3:::flux-{identity.environment.name}-frontend-sitebucket*"
    return [
        iam.PolicyStatement(sid="ListReleases", actions=["s3:ListBucket"], resources=[bucket]),
        iam.PolicyStatement(sid="ReadReleases", actions=["s3:GetObject"], resources=[f"{bucket}/{RELEASES}*/{NAME}"]),
        iam.PolicyStatement(
            sid="SeeTheLiveRelease",
            actions=["cloudfront-keyvaluestore:DescribeKeyValueStore", "cloudfront-keyvaluestore:GetKey"],
            resources=[f"arn:aws:cloudfront::{identity.environment.account}:key-value-store/*"],
        ),
    ]


def _operate(identity: Identity) -> list[iam.PolicyStatement]:
    """Publishing, rolling back and reading the status, in one environment.

    Whatever has a name of ours is limited to it; what AWS names (key-value stores) to the account.
    """
    name, account, region = identity.environment.name, identity.environment.account, identity.environment.region
    regional, application = f"{region}:{account}", deployment_application_name(identity.environment)
    return [
        _read_what_is_live(),
        iam.PolicyStatement(
            sid="ReleaseFunctions",
            actions=["codedeploy:CreateDeployment", "codedeploy:RegisterApplicationRevision", "codedeploy:Stop*"],
            resources=[
                f"arn:aws:codedeploy:{regional}:application:{application}",
                f"arn:aws:codedeploy:{regional}:deploymentgroup:{application}/*",
            ],
        ),
        iam.PolicyStatement(
            sid="MigrateAndProbe",
            actions=["lambda:InvokeFunction"],
            resources=[f"arn:aws:lambda:{regional}:function:Flux-{name}-Compute-*"],
        ),
        iam.PolicyStatement(
            sid="RecordRollbacks",
            actions=[
                "cloudformation:CreateChangeSet",
                "cloudformation:DeleteChangeSet",
                "cloudformation:ExecuteChangeSet",
            ],
            resources=[
                f"arn:aws:cloudformation:{regional}:stack/Flux-{name}-Compute/*",
                f"arn:aws:cloudformation:{regional}:stack/Flux-{name}-Ml/*",
            ],
            conditions={"StringLike": {"cloudformation:ChangeSetName": "flux-ops-*"}},
        ),
        iam.PolicyStatement(
            sid="SendAmendedTemplates",
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[f"arn:aws:s3:::{BOOTSTRAP}-assets-{account}-{region}/flux-ops/*"],
        ),
        iam.PolicyStatement(
            # CreateChangeSet evaluates the template's parameters as its caller (bootstrap template, deploy role).
            sid="ReadTheVersionOfTheBootstrap",
            actions=["ssm:GetParameters"],
            resources=[bootstrap_version_arn(account=account, region=region)],
        ),
        *_publishing(identity, environments=name),
    ]
