"""A real mail server (aiosmtpd) for one test: STARTTLS, a login, and each message it took as a file.

    serve.py FOLDER CERTIFICATE KEY

Prints its port, and ends with its input.
"""

import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Taker:
    def __init__(self, folder):
        self.folder = folder
        self.taken = 0

    async def handle_DATA(self, server, session, envelope):
        self.taken += 1
        name = f"{self.taken}.eml"
        (self.folder / name).write_bytes(envelope.content)
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    is_right = data.login == b"calltriage" and data.password == b"pa55"
    return AuthResult(success=is_right, handled=False)


async def main(folder, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    taker = Taker(pathlib.Path(folder))

    def connection():
        return SMTP(
            taker,
            tls_context=context,
            require_starttls=True,
            authenticator=login,
            auth_required=True,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main(*sys.argv[1:]))
