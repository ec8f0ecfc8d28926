"""Services of FSBP that Flux does not use: one reason for all requirements of each."""

from collections.abc import Mapping

from .answers import NotApplicable


def _unused(instead: str, *absent: str) -> NotApplicable:
    return NotApplicable(reason=f"not used: {instead}", absent=absent)


# By the part of a requirement's id before the dot.
UNUSED: Mapping[str, NotApplicable] = {
    "AppSync": _unused("the API is HTTP", "AWS::AppSync::"),
    "Athena": _unused("nothing is queried in S3", "AWS::Athena::"),
    "AutoScaling": _unused("there are no EC2 instances to scale", "AWS::AutoScaling::"),
    "CodeBuild": _unused("GitHub Actions builds", "AWS::CodeBuild::"),
    "Cognito": _unused("the api function signs people in itself", "AWS::Cognito::"),
    "DMS": _unused("there is one database", "AWS::DMS::"),
    "DocumentDB": _unused("the database is PostgreSQL", "AWS::DocDB::"),
    "DynamoDB": _unused("the database is PostgreSQL", "AWS::DynamoDB::", "AWS::DAX::"),
    "ECR": _unused("the model runs in AWS's own image", "AWS::ECR::"),
    "ECS": _unused("functions run in Lambda", "AWS::ECS::"),
    "EFS": _unused("functions keep no files", "AWS::EFS::"),
    "EKS": _unused("functions run in Lambda", "AWS::EKS::"),
    "ELB": _unused("CloudFront and API Gateway take requests", "AWS::ElasticLoadBalancing"),
    "EMR": _unused("the model is trained on one machine", "AWS::EMR"),
    "ES": _unused("nothing is searched by text", "AWS::Elasticsearch::"),
    "ElasticBeanstalk": _unused("functions run in Lambda", "AWS::ElasticBeanstalk::"),
    "FSx": _unused("functions keep no files", "AWS::FSx::"),
    "Kinesis": _unused("messages go through SQS", "AWS::Kinesis"),
    "MSK": _unused("messages go through SQS", "AWS::MSK::", "AWS::KafkaConnect::"),
    "Neptune": _unused("the database is PostgreSQL", "AWS::Neptune"),
    "NetworkFirewall": _unused("security groups and endpoints bound the network", "AWS::NetworkFirewall::"),
    "OpenSearch": _unused("nothing is searched by text", "AWS::OpenSearchService::", "AWS::OpenSearchServerless::"),
    "PrivateCertificateAuthority": _unused("certificates are public ones, of ACM", "AWS::ACMPCA::"),
    "Redshift": _unused("the database is PostgreSQL", "AWS::Redshift"),
    "SSM": _unused("there are no instances to manage, and no documents", "AWS::SSM::"),
    "StepFunctions": _unused("workers are fed by queues", "AWS::StepFunctions::"),
}
