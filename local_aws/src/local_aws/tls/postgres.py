"""How a connection to RDS for PostgreSQL begins: the client asks for TLS, and one that does not is refused.

Message formats: PostgreSQL documentation, "Message Formats" and "SSL Session Encryption".
"""

import asyncio
import ssl
import struct

_PROTOCOL_3 = 3 << 16
_CANCEL_REQUEST = 80877102
_SSL_REQUEST = 80877103
_GSS_REQUEST = 80877104
_LONGEST_STARTUP_BYTES = 10_000  # as PostgreSQL's own MAX_STARTUP_PACKET_LENGTH


async def postgres_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> bool:
    """Answer the client's SSLRequest and upgrade; refuse clear text in the words of RDS with `rds.force_ssl`."""
    while True:
        length, code = struct.unpack("!II", await reader.readexactly(8))
        if code == _SSL_REQUEST:
            writer.write(b"S")
            await writer.start_tls(context)
            return True
        if code != _GSS_REQUEST:
            break
        writer.write(b"N")  # no Kerberos here; the client asks for TLS next
        await writer.drain()
    if code != _CANCEL_REQUEST and 8 <= length <= _LONGEST_STARTUP_BYTES:
        parameters = _parameters(await reader.readexactly(length - 8)) if code >= _PROTOCOL_3 else {}
        user, database = parameters.get("user", ""), parameters.get("database", parameters.get("user", ""))
        writer.write(
            _fatal(f'no pg_hba.conf entry for host "127.0.0.1", user "{user}", database "{database}", no encryption')
        )
        await writer.drain()
    return False


def _parameters(message: bytes) -> dict[str, str]:
    words = [word.decode(errors="replace") for word in message.split(b"\0")]
    return dict(zip(words[::2], words[1::2], strict=False))


def _fatal(reason: str) -> bytes:
    """An ErrorResponse; 28000 is invalid_authorization_specification."""
    fields = (("S", "FATAL"), ("V", "FATAL"), ("C", "28000"), ("M", reason))
    body = b"".join(f"{kind}{text}\0".encode() for kind, text in fields) + b"\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body
