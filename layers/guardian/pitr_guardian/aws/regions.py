"""The regions of AWS, as the SDK knows them."""

from botocore.session import get_session


class AwsRegions:
    """``undo.ports.Regions``, and restores', on what botocore knows; its release date limits it."""

    def partition_of(self, region: str) -> str | None:
        """See ``undo.ports.Regions``."""
        sdk = get_session()
        partitions = sdk.get_available_partitions()
        known = (
            each for each in partitions if region in sdk.get_available_regions("dynamodb", each)
        )
        return next(known, None)
