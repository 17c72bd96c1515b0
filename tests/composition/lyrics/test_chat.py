import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from whitelight.composition.lyrics import Endpoint, LanguageModelError, LlmLyricist
from whitelight.composition.lyrics.chat import KEY_VARIABLE, ask

KEY = "sk-verysecret-0451"
MESSAGES = [{"role": "user", "content": "la"}]


def completion(text, usage=None):
    body = {"choices": [{"message": {"role": "assistant", "content": text}}]}
    return 200, json.dumps(body | ({"usage": usage} if usage else {})).encode()


class FakeModel:
    """An endpoint that plays its answers one after the other: (status, body) or a number of seconds to hang."""

    def __init__(self, *answers, headers=()):
        self.answers, self.headers, self.requests = list(answers), dict(headers), []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fake.requests.append((self.path, dict(self.headers), json.loads(body)))
                answer = fake.answers[min(len(fake.requests), len(fake.answers)) - 1]
                if isinstance(answer, float):
                    time.sleep(answer)
                    return
                status, data = answer
                self.send_response(status)
                for name, value in fake.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def waiting():
    waits = []
    return waits, waits.append


def test_a_good_answer_with_its_cost():
    usage = {"prompt_tokens": 1200, "completion_tokens": 300}
    with FakeModel(completion("hello", usage)) as fake:
        endpoint = Endpoint(fake.url, "tiny", prices=(1.0, 2.0))
        text, found = ask(endpoint, MESSAGES, seed=7, environment={KEY_VARIABLE: KEY})
    path, headers, body = fake.requests[0]
    assert (text, path) == ("hello", "/v1/chat/completions")
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert (body["model"], body["seed"], body["messages"]) == ("tiny", 7, MESSAGES)
    assert (found.prompt_tokens, found.completion_tokens, found.requests) == (1200, 300, 1)
    assert found.cost == pytest.approx(0.0018)
    assert "1200 + 300 tokens" in str(found)


def test_without_a_key_none_is_sent():
    with FakeModel(completion("hello")) as fake:
        _, usage = ask(Endpoint(fake.url, "tiny"), MESSAGES, environment={})
    assert "Authorization" not in fake.requests[0][1]
    assert usage.cost is None


def test_busy_then_good_is_asked_again_later_and_later():
    waits, sleep = waiting()
    with FakeModel((429, b"{}"), (503, b"no"), completion("at last")) as fake:
        text, usage = ask(Endpoint(fake.url, "tiny", wait_s=0.5), MESSAGES, environment={}, sleep=sleep)
    assert (text, usage.requests, waits) == ("at last", 3, [0.5, 1.0])


def test_it_waits_as_long_as_it_is_told():
    waits, sleep = waiting()
    with FakeModel((429, b""), completion("x"), headers={"Retry-After": "7"}) as fake:
        ask(Endpoint(fake.url, "tiny"), MESSAGES, environment={}, sleep=sleep)
    assert waits == [7.0]


def test_busy_for_ever_says_so():
    _, sleep = waiting()
    with (
        FakeModel((500, b"boom")) as fake,
        pytest.raises(LanguageModelError, match=r"busy \(HTTP 500\).*asked 3 times"),
    ):
        ask(Endpoint(fake.url, "tiny", n_tries=3), MESSAGES, environment={}, sleep=sleep)
    assert len(fake.requests) == 3


def test_silence_is_a_timeout():
    _, sleep = waiting()
    endpoint_of = lambda url: Endpoint(url, "tiny", timeout_s=0.2, n_tries=2)  # noqa: E731  two lines would say less
    with FakeModel(0.6) as fake, pytest.raises(LanguageModelError, match=r"did not answer within 0\.2 s"):
        ask(endpoint_of(fake.url), MESSAGES, environment={}, sleep=sleep)
    assert len(fake.requests) == 2


def test_silence_then_an_answer():
    _, sleep = waiting()
    with FakeModel(0.6, completion("here")) as fake:
        assert ask(Endpoint(fake.url, "t", timeout_s=0.2), MESSAGES, environment={}, sleep=sleep)[0] == "here"


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "refused the key"), (403, "refused the key"), (404, "no model 'tiny'"), (400, "OpenAI-compatible")],
)
def test_what_waiting_cannot_mend_is_said_at_once_without_the_key(status, said):
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()
    with FakeModel((status, body)) as fake, pytest.raises(LanguageModelError, match=said) as caught:
        ask(Endpoint(fake.url, "tiny"), MESSAGES, environment={KEY_VARIABLE: KEY})
    assert len(fake.requests) == 1
    chain, error = [], caught.value
    while error is not None:
        chain.append(repr(error) + str(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert KEY not in "".join(chain)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"choices": []}', b'{"choices":[{"message":{"content":5}}]}']
)
def test_garbage_is_no_completion(body):
    with FakeModel((200, body)) as fake, pytest.raises(LanguageModelError, match="no chat completion"):
        ask(Endpoint(fake.url, "tiny"), MESSAGES, environment={})


def test_a_redirect_is_not_followed():
    with (
        FakeModel((302, b""), headers={"Location": "http://127.0.0.1:9/elsewhere"}) as fake,
        pytest.raises(LanguageModelError, match="HTTP 302"),
    ):
        ask(Endpoint(fake.url, "tiny"), MESSAGES, environment={KEY_VARIABLE: KEY})


def test_nobody_there():
    _, sleep = waiting()
    with pytest.raises(LanguageModelError, match="cannot be reached"):
        ask(Endpoint("http://127.0.0.1:9/v1", "tiny", n_tries=2), MESSAGES, environment={}, sleep=sleep)


@pytest.mark.parametrize("key", ["with space", "zwei\nzeilen", "schlüssel"])
def test_a_key_that_cannot_be_one_is_not_shown(key):
    with pytest.raises(LanguageModelError, match=KEY_VARIABLE) as caught:
        ask(Endpoint("http://127.0.0.1:9/v1", "tiny"), MESSAGES, environment={KEY_VARIABLE: key})
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "ftp://host/v1", "host:80", "http://me:secret@host/v1", "http://host:x/v1", "http://"]
)
def test_addresses_that_are_none(url):
    with pytest.raises(LanguageModelError, match="no address to ask") as caught:
        LlmLyricist.at(url, "tiny")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://host/v1/", "http://host/v1/chat/completions"),
        ("https://host:8/v1/chat/completions", "https://host:8/v1/chat/completions"),
        ("https://host/openai?api-version=1", "https://host/openai/chat/completions?api-version=1"),
    ],
)
def test_where_it_asks(url, address):
    assert Endpoint(url, "tiny").address == address
    assert "api-version" not in Endpoint(url, "tiny").place


def test_a_model_must_be_named():
    with pytest.raises(LanguageModelError, match="no model named"):
        Endpoint("http://host/v1", " ")
