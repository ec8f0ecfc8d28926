"""The entry that names the live release, in a key value store of the emulator."""

from ops.site_pointer import Pointer
from tests.support.stacks import CloudFormation, attribute


def test_a_release_that_is_made_live_names_the_one_before_it(cloudformation: CloudFormation) -> None:
    store = {"Store": {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "releases"}}}
    outputs = cloudformation.create("releases", store, {"Store": attribute("Store", "Arn")})
    aws = cloudformation.aws
    pointer = Pointer(aws.session(), store_arn=outputs["Store"], endpoint_url=aws.url)
    assert pointer.read().live is None
    for release, previous in (("r1", None), ("r2", "r1")):
        written = pointer.write(release, ["index.html"], seen=pointer.read(), commit="")
        assert (written.release, written.previous) == (release, previous)
