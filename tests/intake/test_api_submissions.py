"""``POST /api/v1/submissions``: applications are received as they are, and only what cannot be read is refused."""

from __future__ import annotations

import base64
import hashlib
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.acting import SYSTEM
from cases import blobs
from cases.models import Case, Document
from intake.actions import erase_submissions
from intake.gates import base64text
from intake.models import Submission
from routing.models import ExceptionEntry
from tests import factories as make
from tests.intake.portal_client import SUBMISSIONS, PortalClient, multipart

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal() -> PortalClient:
    make.service("wohngeld")
    make.service("bewohnerparkausweis")
    return PortalClient()


def problem(answer, status: int, code: str) -> list[tuple[str, str]]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["type"], body["status"]) == (f"/problems/{code}", status)
    assert body["title"] and body["detail"]
    return [(error["pointer"], error["code"]) for error in body["errors"]]


def codes(submission: Submission) -> dict[str, str]:
    return {finding["path"]: finding["code"] for finding in submission.findings}


@pytest.mark.parametrize("slug", ["wohngeld", "bewohnerparkausweis"])
def test_the_example_of_each_package_is_filed(portal: PortalClient, slug: str) -> None:
    raw = json.dumps(make.example(slug), indent=1, ensure_ascii=False).encode()
    answer = portal.post(raw)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"submission_id", "case_id", "status", "received_at"}
    assert answer["Location"] == f"/api/v1/cases/{body['case_id']}"
    submission = portal.submitted(make.application(slug))
    assert submission.state == "filed", submission.findings
    assert submission.findings == []
    case = submission.case
    assert (case.service.slug, case.public_id) == (slug, submission.number.public_id)
    assert case.application.data["applicant"]["first_name"] == make.example(slug)["data"]["applicant"]["first_name"]
    applicant = case.parties.get()
    assert (applicant.role, applicant.city, applicant.postcode) == ("applicant", "Musterhausen", "59999")
    assert {document.role for document in case.documents.all()} == {Document.Role.PROOF}
    first = Submission.objects.get(pk=body["submission_id"])
    stored = first.files.get(name="submission.json")
    assert blobs.path_of(stored.blob_id).read_bytes() == raw, "the JSON is kept to the byte"
    assert first.client == portal.client


def test_attachments_are_kept_to_the_byte(portal: PortalClient) -> None:
    contents = [b"", b"x", make.PDF, bytes(range(256)) * 1000]
    attachments = [
        {"filename": "a.pdf", "content": base64.b64encode(content).decode(), "role": "nachweis"} for content in contents
    ]
    submission = portal.submitted(make.application(attachments=attachments))
    rows = submission.files.filter(name__startswith="portal/").order_by("id")
    assert [row.blob_id for row in rows] == [hashlib.sha256(content).hexdigest() for content in contents]
    assert [row.name for row in rows] == [f"portal/{n}/a.pdf" for n in (1, 2, 3, 4)]
    assert submission.case.documents.count() == 4


@pytest.mark.parametrize("write", [lambda t: t.replace("/", "\\/"), lambda t: t.replace("+", "\\u002B")])
@pytest.mark.parametrize("size", [30, 3_000_000])
def test_base64_may_be_escaped_as_some_writers_do(portal: PortalClient, write, size: int) -> None:
    content = hashlib.shake_256(b"x").digest(size)
    text = write(base64.b64encode(content).decode())
    body = json.dumps(make.application(attachments=[{"filename": "a.bin", "content": "HERE"}])).replace("HERE", text)
    submission = portal.submitted(body.encode())
    assert submission.files.get(name="portal/1/a.bin").blob_id == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("channel", [{"idBundDeMailbox": {"mailboxUuid": "e0e02494"}}, "postfach-7", None])
def test_how_the_applicant_wants_to_be_answered_is_kept(portal: PortalClient, channel) -> None:
    submission = portal.submitted(make.application(reply_channel=channel))
    assert (submission.reply_channel, submission.findings) == (channel, [])
    erase_submissions(submission.case, by=SYSTEM)
    submission.refresh_from_db(fields=["reply_channel"])
    assert submission.reply_channel is None, "it may hold an address"


def test_a_reply_channel_without_end_is_400(portal: PortalClient) -> None:
    answer = portal.post(make.application(reply_channel={"eMail": {"address": "x" * 10_000}}))
    assert problem(answer, 400, "invalid_body") == [("/reply_channel", "too_long")]


def test_multipart_is_the_same_application(portal: PortalClient) -> None:
    described = make.application(attachments=[{"filename": "b.pdf", "role": "antrag"}])
    raw = json.dumps(described, indent=3).encode()
    files = [("f1", "a.pdf", make.PDF), ("f2", "b.pdf", b"%PDF-1.4 \r\n--xyzzy\r\n"), ("f3", "leer.txt", b"")]
    submission = portal.submitted(**multipart(raw, *files))
    stored = {row.name: row.blob_id for row in submission.files.all()}
    assert stored["submission.json"] == hashlib.sha256(raw).hexdigest()
    assert stored["portal/1/b.pdf"] == hashlib.sha256(files[1][2]).hexdigest()
    assert stored["portal/2/a.pdf"] == hashlib.sha256(make.PDF).hexdigest()
    assert stored["portal/3/leer.txt"] == hashlib.sha256(b"").hexdigest()
    assert [d.role for d in submission.case.documents.order_by("number")] == ["antrag", "sonstiges", "sonstiges"]


def test_attachments_that_look_like_court_mail_change_nothing(portal: PortalClient) -> None:
    files = [("x", "xjustiz_nachricht.xml", make.xjustiz()), ("y", "MsgProps.xml", b"<a/>"), ("z", "vhn.xml", b"<a/>")]
    submission = portal.submitted(**multipart(json.dumps(make.application(attachments=[])).encode(), *files))
    assert (submission.state, submission.facts["standard"]) == ("filed", "portal")
    assert submission.case.documents.count() == 3


@pytest.mark.parametrize(
    ("filename", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Ordner\\Brief.pdf", "Brief.pdf"),
        ("..", "Anlage"),
        ("ü" * 500 + ".pdf", "ü" * 98 + ".pdf"),
    ],
)
def test_names_of_attachments_are_no_paths(portal: PortalClient, filename: str, stored: str) -> None:
    submission = portal.submitted(make.application(attachments=[{"filename": filename, "content": ""}]))
    assert submission.files.exclude(name="submission.json").get().name == f"portal/1/{stored}"


def test_a_missing_pflichtfeld_is_for_a_person(portal: PortalClient) -> None:
    body = make.application()
    del body["data"]["applicant"]["last_name"]
    body["data"]["household"]["size"] = "zwei"
    submission = portal.submitted(body)
    assert submission.state == "exception"
    assert codes(submission) == {"/data/applicant/last_name": "data_invalid", "/data/household/size": "data_invalid"}
    assert ExceptionEntry.objects.get(submission=submission).reason == "data_invalid"
    assert "„Nachname“ fehlt" in submission.findings[0]["message"]


def test_what_a_condition_asks_for_is_called_by_its_name(portal: PortalClient) -> None:
    body = make.application("bewohnerparkausweis")
    body["data"]["vehicle"]["keeper_is_applicant"] = False
    submission = portal.submitted(body)
    assert submission.state == "exception"
    assert submission.findings[0]["path"] == "/data/vehicle/keeper"
    assert "„Halterin oder Halter“ fehlt" in submission.findings[0]["message"]


def test_what_only_looks_odd_is_a_hint(portal: PortalClient) -> None:
    body = make.application(source="app")
    body["data"]["address"]["postcode"] = "5999"
    body["data"]["applicant"]["shoe_size"] = 41
    body["attachments"][0]["hash"] = "x"
    submission = portal.submitted(body)
    assert submission.state == "filed"
    assert codes(submission) == {
        "/data/address/postcode": "data_odd",
        "/source": "unknown_member",
        "/attachments/0/hash": "unknown_member",
        "/data/applicant/shoe_size": "unknown_member",
    }
    assert submission.case.application.data["applicant"]["shoe_size"] == 41


def test_many_mistakes_are_not_spelled_out(portal: PortalClient) -> None:
    submission = portal.submitted(make.application(data={}, **{f"x{n}": 1 for n in range(50)}))
    assert submission.state == "exception"
    assert len(submission.findings) == 7 + 11
    many = make.application()
    many["data"]["income"] = [{}] * 40
    assert len(portal.submitted(many).findings) == 11


def test_an_unknown_leistung_is_201_and_an_exception(portal: PortalClient) -> None:
    submission = portal.submitted({"service": "hundesteuer", "data": {"a": 1}})
    assert ExceptionEntry.objects.get(submission=submission).reason == "service_unknown"


def test_a_closed_leistung_is_201_and_an_exception(portal: PortalClient) -> None:
    service = make.service("wohngeld")
    type(service).objects.filter(pk=service.pk).update(is_open=False)
    submission = portal.submitted(make.application())
    assert ExceptionEntry.objects.get(submission=submission).reason == "service_closed"


GOOD = '{"service": "wohngeld", "data": {}'


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", [("", "not_an_object")]),
        (b"[]", [("", "not_an_object")]),
        (b"null", [("", "not_an_object")]),
        (b"{", [("", "json_invalid")]),
        (b'{"a": "x', [("", "json_invalid")]),
        (b"\xff\xfe{}", [("", "json_not_utf8")]),
        (b"{}", [("/service", "missing"), ("/data", "missing")]),
        (b'{"service": "  ", "data": {}}', [("/service", "missing")]),
        (b'{"service": 1, "data": []}', [("/service", "wrong_type"), ("/data", "wrong_type")]),
        (b'{"service": null, "data": {}}', [("/service", "wrong_type")]),
        (GOOD.replace("{}", '{"a/b": {"~": "\\u0000"}}').encode() + b"}", [("/data/a~1b/~0", "text_invalid")]),
        (GOOD.replace("{}", '{"a": ["\\ud800"]}').encode() + b"}", [("/data/a/0", "text_invalid")]),
        (GOOD.replace("{}", '{"\\udc00": 1}').encode() + b"}", [("/data", "text_invalid")]),
        (GOOD.replace("{}", '{"a": NaN}').encode() + b"}", [("/data/a", "number_invalid")]),
        (GOOD.replace("{}", '{"a": -Infinity}').encode() + b"}", [("/data/a", "number_invalid")]),
        (GOOD.replace("{}", '{"a": 1e999}').encode() + b"}", [("/data/a", "number_invalid")]),
        (GOOD.replace("{}", '{"a": ' + "9" * 5000 + "}").encode() + b"}", [("/data/a", "number_invalid")]),
        (GOOD.encode() + b', "service": "x"}', [("/service", "member_twice")]),
        (
            GOOD.replace("{}", '{"a": ' + "[" * 200 + "]" * 200 + "}").encode() + b"}",
            [("/data/a" + "/0" * 48, "json_too_deep")],
        ),
        (b"[" * 200_000, [("", "json_too_deep")]),
        (GOOD.encode() + b', "attachments": {}}', [("/attachments", "wrong_type")]),
        (GOOD.encode() + b', "attachments": ""}', [("/attachments", "wrong_type")]),
        (GOOD.encode() + b', "attachments": {"a": 1}}', [("/attachments", "wrong_type")]),
        (GOOD.encode() + b', "attachments": [1]}', [("/attachments/0", "wrong_type")]),
        (GOOD.encode() + b', "attachments": [{"content": ""}]}', [("/attachments/0/filename", "missing")]),
        (GOOD.encode() + b', "attachments": [{"filename": "a"}]}', [("/attachments/0/content", "missing")]),
        (GOOD.encode() + b', "sender_reference": {}}', [("/sender_reference", "wrong_type")]),
    ],
)
def test_what_cannot_be_read_is_400_with_a_pointer(portal: PortalClient, body: bytes, found) -> None:
    assert problem(portal.post(body), 400, "invalid_body") == found
    assert not Submission.objects.exists()


@pytest.mark.parametrize("content", ["=", "abc", "ab=c", "QUJ", "Ä", "QUJD*", "QQ==QQ==", "data:,x", "Q" * 70_001])
def test_what_is_no_base64_is_400(portal: PortalClient, content: str) -> None:
    attachments = [{"filename": "ok", "content": "QUJD\nQUJD"}, {"filename": "a", "content": content}]
    answer = portal.post(make.application(attachments=attachments))
    assert problem(answer, 400, "invalid_body") == [("/attachments/1/content", "invalid_base64")]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m | {"content_type": "multipart/form-data"},
        lambda m: m | {"content_type": "multipart/form-data; boundary=other"},
        lambda m: m | {"body": m["body"][:-9]},
        lambda m: m | {"body": m["body"].replace(b"form-data", b"x")},
        lambda m: m | {"body": m["body"].replace(b'"submission"', b'"antrag"')},
        lambda m: m | {"body": m["body"].replace(b"Content-D", b"Content-Transfer-Encoding: base64\r\nContent-D")},
        lambda m: m | {"body": b""},
    ],
)
def test_broken_multipart_is_400(portal: PortalClient, change) -> None:
    problem(portal.post(**change(multipart(b'{"service": "wohngeld", "data": {}}'))), 400, "invalid_body")


def test_only_who_has_a_valid_token_comes_in(portal: PortalClient) -> None:
    for header in (
        "",
        "Bearer",
        "Bearer falsch",
        f"Basic {portal.token}",
        f"Bearer {portal.token}x",
        "Bearer " + "x" * 999,
    ):
        answer = portal.post(make.application(), headers={"Authorization": header})
        problem(answer, 401, "unauthorized")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    from audit.acting import SYSTEM
    from intake.actions import revoke_client

    revoke_client(client=portal.client, by=SYSTEM)
    problem(portal.post(make.application()), 401, "unauthorized")
    assert not Submission.objects.exists()


def test_the_wrong_kind_of_client_is_403(portal: PortalClient) -> None:
    other = PortalClient(kind="fachverfahren")
    problem(other.post(make.application()), 403, "wrong_client")


def test_a_leistung_outside_the_scope_is_403_and_not_remembered(portal: PortalClient) -> None:
    scoped = PortalClient(services=["bewohnerparkausweis"])
    problem(scoped.post(make.application(), key="k"), 403, "service_not_allowed")
    assert scoped.post(make.application("bewohnerparkausweis"), key="k").status_code == 201


def test_too_large_is_413_before_it_is_read(portal: PortalClient, settings) -> None:
    settings.MAX_MESSAGE_MB = 1
    large = make.application(attachments=[{"filename": "a", "content": "A" * 1_100_000}])
    problem(portal.post(large, key="k"), 413, "too_large")
    problem(portal.post(b"{}", CONTENT_LENGTH=str(300 * 1024 * 1024)), 413, "too_large")
    assert portal.post(make.application(), key="k").status_code == 201, "413 is not remembered"


class Endless(io.RawIOBase):
    """A body in chunks that nobody has announced the length of, and how much of it was read."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:
        self.taken += len(target)
        target[:] = b" " * len(target)
        return len(target)


def test_a_body_in_chunks_is_413_as_soon_as_it_is_too_large(portal: PortalClient, settings) -> None:
    settings.MAX_MESSAGE_MB = 2
    body = Endless()
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    problem(portal.post(b"", **environ), 413, "too_large")
    assert body.taken <= 4 << 20
    whole = json.dumps(make.application()).encode()
    assert portal.post(b"", **environ | {"wsgi.input": io.BytesIO(whole)}).status_code == 201


def test_of_too_many_attachments_none_is_decoded(portal: PortalClient, settings, monkeypatch) -> None:
    settings.MAX_MESSAGE_FILES = 2

    def fail(text: bytes) -> None:
        raise AssertionError("decoded in vain")

    monkeypatch.setattr(base64text, "decoded", fail)
    problem(portal.post(make.application(attachments=[{"filename": "a", "content": ""}] * 3)), 413, "too_large")


def test_too_many_files_are_413(portal: PortalClient, settings) -> None:
    settings.MAX_MESSAGE_FILES = 2
    three = [{"filename": str(n), "content": ""} for n in range(3)]
    problem(portal.post(make.application(attachments=three)), 413, "too_large")
    files = [("f", str(n), b"x") for n in range(3)]
    problem(portal.post(**multipart(json.dumps(make.application(attachments=[])).encode(), *files)), 413, "too_large")


def test_other_formats_and_methods_are_told_as_problems(portal: PortalClient) -> None:
    problem(portal.post(b"<a/>", content_type="text/xml"), 415, "unsupported_media_type")
    problem(portal.post(b"{}", content_type="application/json; charset=latin-1"), 415, "unsupported_media_type")
    problem(portal.post(b"{}", headers={"Content-Encoding": "gzip"}), 415, "unsupported_media_type")
    problem(portal.post(b"{}", headers={"Accept": "text/html"}), 406, "not_acceptable")
    answer = portal.get(SUBMISSIONS)
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]
    problem(portal.get("/api/v1/unbekannt"), 404, "not_found")
    assert portal.http.get("/api/v1/unbekannt").status_code == 401


def test_limits_hold_per_client(portal: PortalClient, settings) -> None:
    settings.API_RATE_LIMIT, settings.API_WRITE_RATE_LIMIT = 5, 2
    other = PortalClient()
    assert [portal.post(make.application()).status_code for _ in range(2)] == [201, 201]
    answer = portal.post(make.application())
    problem(answer, 429, "too_many_requests")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert other.post(make.application()).status_code == 201
    assert [portal.get("/api/v1/cases/x").status_code for _ in range(3)] == [404, 404, 429]
    settings.API_RATE_LIMIT = settings.API_WRITE_RATE_LIMIT = 0
    assert portal.post(make.application()).status_code == 201


def test_each_problem_has_a_readable_page(client) -> None:
    from intake.api.problems import KINDS

    for code, kind in KINDS.items():
        page = client.get(f"/problems/{code}")
        assert page.status_code == 200
        assert kind.title in page.content.decode()
    assert client.get("/problems/nichts").status_code == 404


def test_our_own_faults_are_told_without_content(portal: PortalClient, monkeypatch, caplog) -> None:
    def fail(*args, **kwargs):
        raise OSError(28, "Kein Platz für Sofia Brandt")

    monkeypatch.setattr("cases.blobs.write", fail)
    answer = portal.post(make.application(), key="k")
    problem(answer, 503, "unavailable")
    assert answer["Retry-After"]
    assert "Brandt" not in caplog.text + answer.content.decode()
    monkeypatch.undo()
    assert portal.post(make.application(), key="k").status_code == 201, "5xx is not remembered"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
BODIES = st.fixed_dictionaries(
    {"service": st.sampled_from(["wohngeld", "x"]) | JSON, "data": st.dictionaries(st.text(max_size=8), JSON) | JSON},
    optional={"attachments": JSON, "sender_reference": JSON, "reply_channel": JSON},
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES | JSON)
def test_no_json_is_our_fault(portal: PortalClient, settings, body) -> None:
    settings.API_RATE_LIMIT = settings.API_WRITE_RATE_LIMIT = 0
    answer = portal.post(json.dumps(body).encode())
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        from routing import pipeline

        pipeline.process(answer.json()["submission_id"])
        assert Submission.objects.get(pk=answer.json()["submission_id"]).state in ("exception", "filed")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_no_bytes_are_our_fault(portal: PortalClient, settings, body: bytes) -> None:
    settings.API_RATE_LIMIT = settings.API_WRITE_RATE_LIMIT = 0
    assert portal.post(body).status_code == 400
    assert portal.post(b"--xyz" + body, content_type="multipart/form-data; boundary=xyz").status_code == 400
    assert Case.objects.count() == 0
