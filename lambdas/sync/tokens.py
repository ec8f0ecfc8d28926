"""OAuth tokens at rest: encrypted by KMS, each bound to its restaurant."""

from functools import lru_cache
from typing import TYPE_CHECKING

from flux_core.tenancy import RestaurantId

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

# Tokens that an instance remembers in the clear: without it each of 580 sales a second would be a call to KMS.
REMEMBERED = 512


class TokenCipher:
    """Encrypts and decrypts under one KMS key, with the restaurant as encryption context.

    So a ciphertext that is copied to another restaurant's row does not decrypt there.
    """

    def __init__(self, client: "KMSClient", *, key: str) -> None:
        self._client = client
        self._key = key
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._decrypt)

    def encrypt(self, restaurant_id: RestaurantId, token: str) -> bytes:
        """The token's ciphertext.

        Raises:
            botocore.exceptions.ClientError: KMS refuses.
        """
        answer = self._client.encrypt(
            KeyId=self._key, Plaintext=token.encode(), EncryptionContext={"restaurant_id": str(restaurant_id)}
        )
        return answer["CiphertextBlob"]

    def decrypt(self, restaurant_id: RestaurantId, ciphertext: bytes) -> str:
        """The token.

        Raises:
            botocore.exceptions.ClientError: KMS refuses, or the ciphertext belongs to another restaurant.
        """
        return self._remembered(restaurant_id, ciphertext)

    def _decrypt(self, restaurant_id: RestaurantId, ciphertext: bytes) -> str:
        answer = self._client.decrypt(
            KeyId=self._key, CiphertextBlob=ciphertext, EncryptionContext={"restaurant_id": str(restaurant_id)}
        )
        return answer["Plaintext"].decode()
