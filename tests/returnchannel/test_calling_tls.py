"""Who is called must have a certificate of the name, though an address is called."""

from __future__ import annotations

import datetime
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from returnchannel import addresses, calling
from tests.returnchannel.receiver import receiving


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._made("Prüf-CA", self.key, ca=True)
        (folder / "ca.pem").write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, name: str) -> ssl.SSLContext:
        """What a server of this name presents."""
        key = ec.generate_private_key(ec.SECP256R1())
        pem = self._made(name, key).public_bytes(serialization.Encoding.PEM)
        private_key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self.folder / f"{name}.pem"
        path.write_bytes(pem + private_key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def client(self) -> ssl.SSLContext:
        """Checks as the product does, by this authority."""
        return ssl.create_default_context(cafile=str(self.folder / "ca.pem"))

    def _made(self, name: str, key: Any, *, ca: bool = False) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = subject if ca else self.certificate.subject
        now = datetime.datetime.now(tz=datetime.UTC)
        signs = x509.KeyUsage(False, False, False, False, False, ca, ca, False, False) if ca else None
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if signs:
            builder = builder.add_extension(signs, critical=True)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return builder.sign(self.key, hashes.SHA256())


class TestTls:
    """Against a receiver with a certificate."""

    @pytest.fixture
    def authority(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Authority:
        settings.WEBHOOK_ALLOWED_NETWORKS = addresses.networks("127.0.0.1/32")
        made = Authority(tmp_path)
        monkeypatch.setattr(calling, "tls", made.client)
        real = socket.getaddrinfo
        monkeypatch.setattr(
            calling.socket, "getaddrinfo", lambda host, port, **more: real("127.0.0.1", port, type=socket.SOCK_STREAM)
        )
        return made

    def post(self, port: int) -> int:
        return calling.post(calling.parse(f"https://portal.example:{port}/x?y=1"), b"{}", {"webhook-id": "1"})

    def test_the_right_one_is_told(self, authority: Authority) -> None:
        with receiving(authority.server("portal.example")) as receiver:
            assert self.post(receiver.port) == 204
            assert receiver.got[0].headers["host"] == f"portal.example:{receiver.port}"

    def test_one_of_another_name_is_not(self, authority: Authority) -> None:
        with receiving(authority.server("anderes.example")) as receiver:
            with pytest.raises(calling.Unreachable, match="Zertifikat"):
                self.post(receiver.port)
            assert receiver.got == []

    def test_one_of_an_unknown_authority_is_not(self, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(calling, "tls", ssl.create_default_context)
        with receiving(authority.server("portal.example")) as receiver:
            with pytest.raises(calling.Unreachable, match="Zertifikat"):
                self.post(receiver.port)
            assert receiver.got == []

    def test_who_speaks_no_tls_is_not(self, authority: Authority) -> None:
        with receiving() as receiver:
            with pytest.raises(calling.Unreachable):
                self.post(receiver.port)
            assert receiver.got == []
