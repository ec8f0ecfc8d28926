"""Weakenings of the network by what is added to it, and by what its parts lead to."""

from .change import ON, Change, Json, add, drop, new, put, ref

_P = "Properties/"
_POLICY = _P + "PolicyDocument/Statement"
_VPC: Json = {"Ref": "Vpc8378EB38"}
_GATEWAY: Json = {"Ref": "VpcIGWD7BA715C"}
_PRIVATE: Json = {"Ref": "VpcPrivateSubnet1Subnet536B997A"}
_PRIVATE_TABLE, _PUBLIC_TABLE = "VpcPrivateSubnet1RouteTableB2C5B500", "VpcPublicSubnet1RouteTable6C95E38E"
_ISOLATED_TABLE = "VpcIsolatedSubnet1RouteTable4771E3E5"
_OURS: Json = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": "333333333333"}},
        }
    ]
}
_CLOSER = "CustomVpcRestrictDefaultSGCustomResourceProviderHandler"
_GROUP: Json = {"Fn::GetAtt": ["EndpointsSecurityGroup252B86E5", "GroupId"]}
_DEFAULT_GROUP: Json = {"Fn::GetAtt": ["Vpc8378EB38", "DefaultSecurityGroup"]}
_HTTPS: dict[str, Json] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
_LOGS = "arn:aws:logs:us-east-1:333333333333:log-group:*"
_KEY = _P + "KeyPolicy/Statement"


def _made(kind: str, **properties: Json) -> Json:
    return {"Type": kind, "Properties": properties}


def _route(table: Json, **target: Json) -> Json:
    return _made("AWS::EC2::Route", RouteTableId=table, **target)


def _endpoint(service: str, group: Json, subnet: Json) -> Json:
    return _made(
        "AWS::EC2::VPCEndpoint",
        VpcId=_VPC,
        VpcEndpointType="Interface",
        PrivateDnsEnabled=True,
        ServiceName=service,
        SecurityGroupIds=[group],
        SubnetIds=[subnet],
        PolicyDocument=_OURS,
    )


_CHANGES = (
    (
        "another account's network is joined",
        new("Peer", _made("AWS::EC2::VPCPeeringConnection", VpcId=_VPC, PeerVpcId="vpc-1", PeerOwnerId="999999999999")),
    ),
    (
        "a machine stands in a public subnet",
        new("Bastion", _made("AWS::EC2::Instance", SubnetId={"Ref": "VpcPublicSubnet1Subnet5C2D37C4"}, ImageId="ami")),
    ),
    ("names are resolved elsewhere", new("Names", _made("AWS::EC2::VPCDHCPOptionsAssociation", VpcId=_VPC))),
    ("traffic is copied", new("Mirror", _made("AWS::EC2::TrafficMirrorSession", NetworkInterfaceId="eni-1"))),
    ("the VPC has addresses of IPv6", new("V6", _made("AWS::EC2::VPCCidrBlock", VpcId=_VPC))),
    ("subnets are shared", new("Shared", _made("AWS::RAM::ResourceShare", Principals=["999999999999"]))),
    ("a stack is nested", new("Nested", _made("AWS::CloudFormation::Stack", TemplateURL="https://example.com/t.json"))),
    (
        "another account's function takes part in the deployment",
        new("Other", _made("Custom::Other", ServiceToken="arn:aws:lambda:us-east-1:999999999999:function:other")),
    ),
    (
        "flow logs are sent away",
        new("Sent", _made("AWS::Logs::SubscriptionFilter", LogGroupName={"Ref": "FlowLogsLogGroup9853A85F"})),
    ),
    ("a macro rewrites the template", lambda template: template.update(Transform=["Macro"])),
    (
        "private subnets reach another network",
        new("R", _route({"Ref": _PRIVATE_TABLE}, DestinationCidrBlock="10.99.0.0/16", TransitGatewayId="tgw-1")),
    ),
    (
        "half the internet is reached from private subnets directly",
        new("R", _route({"Ref": _PRIVATE_TABLE}, DestinationCidrBlock="0.0.0.0/1", GatewayId=_GATEWAY)),
    ),
    (
        "IPv6 leaves private subnets",
        new("R", _route({"Ref": _PRIVATE_TABLE}, DestinationIpv6CidrBlock="::/0", GatewayId=_GATEWAY)),
    ),
    (
        "public subnets reach another network",
        new("R", _route({"Ref": _PUBLIC_TABLE}, DestinationCidrBlock="10.99.0.0/16", VpcPeeringConnectionId="pcx-1")),
    ),
    (
        "an isolated subnet gets a way out, spelled otherwise",
        new(
            "R",
            _route(
                {"Fn::GetAtt": [_ISOLATED_TABLE, "RouteTableId"]},
                DestinationCidrBlock="0.0.0.0/0",
                NatGatewayId={"Ref": "VpcPublicSubnet1NATGateway4D7517AA"},
            ),
        ),
    ),
    (
        "a public route is narrower than the internet",
        put("VpcPublicSubnet2DefaultRoute", _P + "DestinationCidrBlock", "10.0.0.0/8"),
    ),
    ("private traffic passes somebody's machine", put("VpcPrivateSubnet1DefaultRoute", _P + "InstanceId", "i-1")),
    ("a route does not wait for its gateway", drop("VpcPublicSubnet1DefaultRoute", "DependsOn")),
    ("a route table has no network", drop("VpcIsolatedSubnet1RouteTable", _P + "VpcId")),
    (
        "a subnet is of no tier",
        new("Extra", _made("AWS::EC2::Subnet", VpcId=_VPC, CidrBlock="10.30.100.0/24", MapPublicIpOnLaunch=False)),
    ),
    ("two subnets overlap", put("VpcPrivateSubnet1Subnet", _P + "CidrBlock", "10.30.0.0/23")),
    ("a subnet lies outside of the network", put("VpcIsolatedSubnet1Subnet", _P + "CidrBlock", "10.31.0.0/24")),
    (
        "a NAT gateway is given an address for an id",
        put("VpcPublicSubnet1NATGateway", _P + "AllocationId", ref("VpcPublicSubnet1EIP")),
    ),
    (
        "an attribute has no name",
        put("VpcPublicSubnet1NATGateway", _P + "AllocationId", {"Fn::GetAtt": "VpcPublicSubnet1EIPD7E02669"}),
    ),
    ("nothing is asked for an attribute", put("FlowLogsFlowLog", _P + "DeliverLogsPermissionArn", {"Fn::GetAtt": []})),
    ("an address is of no VPC", put("VpcPublicSubnet1EIP", _P + "Domain", "standard")),
    ("an address belongs to a machine", put("VpcPublicSubnet1EIP", _P + "InstanceId", "i-1")),
    (
        "an endpoint leads to somebody else's service",
        new("E", _endpoint("com.amazonaws.vpce.us-east-1.vpce-svc-0123", _GROUP, _PRIVATE)),
    ),
    (
        "a second endpoint is behind another group",
        new("E", _endpoint("com.amazonaws.us-east-1.sqs", "sg-1", _PRIVATE)),
    ),
    (
        "an endpoint refuses everybody",
        add("VpcSqs", _POLICY, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),
    ),
    ("answers to CloudFormation are stopped", drop("VpcS3", _POLICY + "/1")),
    (
        "answers to CloudFormation are stopped by a condition",
        put("VpcS3", _POLICY + "/1/Condition", {"StringEquals": {"aws:PrincipalAccount": "333333333333"}}),
    ),
    (
        "an endpoint's policy is a condition's",
        put("VpcSqs", _P + "PolicyDocument", {"Fn::If": ["Strict", _OURS, {"Ref": "AWS::NoValue"}]}),
    ),
    (
        "an endpoint's policy has a version that does not exist",
        put("VpcSqs", _P + "PolicyDocument/Version", "2012-10-18"),
    ),
    ("flow logs say little", put("FlowLogsFlowLog", _P + "LogFormat", "${version} ${start}")),
    ("flow logs go to another bucket", put("FlowLogsFlowLog", _P + "LogDestination", "arn:aws:s3:::other")),
    (
        "flow logs are delivered by another account",
        put("FlowLogsFlowLog", _P + "DeliverCrossAccountRole", "arn:aws:iam::999999999999:role/x"),
    ),
    ("flow logs are of a class that nobody reads", put("FlowLogsLogGroup", _P + "LogGroupClass", "DELIVERY")),
    ("the endpoints' group goes out anywhere", drop("EndpointsSecurityGroup", _P + "SecurityGroupEgress/0")),
    (
        "a rule lets in a group and everybody",
        put(
            "EndpointsSecurityGroup",
            _P + "SecurityGroupIngress",
            [{**_HTTPS, "CidrIpv6": "::/0", "SourceSecurityGroupId": _GROUP}],
        ),
    ),
    (
        "the default group is opened again",
        new(
            "Again",
            _made(
                "AWS::EC2::SecurityGroupIngress", GroupId=_DEFAULT_GROUP, SourceSecurityGroupId=_DEFAULT_GROUP, **_HTTPS
            ),
        ),
    ),
    ("the default group is closed by other code", put(_CLOSER, _P + "Code/S3Bucket", "other")),
    ("the default group is closed by another entry", put(_CLOSER, _P + "Handler", "index.handler")),
    (
        "other code runs beside what closes the default group",
        put(_CLOSER, _P + "Layers", ["arn:aws:lambda:us-east-1:999999999999:layer:x:1"]),
    ),
    ("what closes the default group has no time", put(_CLOSER, _P + "Timeout", 1)),
    ("what closes the default group logs for ever", drop(_CLOSER, _P + "LoggingConfig")),
    ("a key is copied to other regions", put("FlowLogsKey", _P + "MultiRegion", ON)),
    ("a key rotates every seven years", put("FlowLogsKey", _P + "RotationPeriodInDays", 2560)),
    ("a key skips its lockout check", put("FlowLogsKey", _P + "BypassPolicyLockoutSafetyCheck", ON)),
    ("a key encrypts nothing", put("FlowLogsKey", _P + "KeyUsage", "GENERATE_VERIFY_MAC")),
    (
        "a condition never holds",
        put("FlowLogsKey", _KEY + "/2/Condition", {"StringEquals": {"kms:EncryptionContext:aws:logs:arn": _LOGS}}),
    ),
    ("the refusal of grants refuses everything", put("FlowLogsKey", _KEY + "/1/Action", "kms:*")),
)


MUTANTS = tuple(Change(layer="network", stack="Network", what=what, apply=apply) for what, apply in _CHANGES)
