"""What the tests' own tools promise of functions' instances."""

from webhook import handler as webhook

from .support.instances import end_instances
from .support.platform import Platform


def test_no_instance_of_a_function_outlives_its_platform(platform: Platform) -> None:
    del platform
    first = webhook._receiver(rehearsal=False)  # noqa: SLF001 - what an instance keeps
    assert webhook._receiver(rehearsal=False) is first  # noqa: SLF001
    end_instances()
    assert webhook._receiver(rehearsal=False) is not first  # noqa: SLF001
