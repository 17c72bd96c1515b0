"""A chat completion of any OpenAI-compatible endpoint, with the standard library alone.

The key comes from the environment and goes nowhere but into the request header: no message, result or record has it.
Answers that may come right by waiting (429, 5xx, no answer in time) are asked for again, each time after twice as long.
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from whitelight.errors import WhitelightError

KEY_VARIABLE = "WHITELIGHT_LLM_KEY"
MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_WAIT_S = 30.0
PATH = "/chat/completions"


class LanguageModelError(WhitelightError):
    """A language model could not be asked, or did not answer."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost, as the endpoint counts.

    Attributes
    ----------
    cost : in the currency of the prices that were given; None without prices, or where nothing was counted.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    requests: int = 0
    cost: float | None = None

    def __str__(self) -> str:
        price = "" if self.cost is None else f", {self.cost:.4f}"
        return f"{self.requests} requests, {self.prompt_tokens} + {self.completion_tokens} tokens{price}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a language model answers.

    Attributes
    ----------
    url : up to and with the version, "http://localhost:11434/v1"; a full address of chat completions works as well.
    timeout_s : for one request. n_tries : at most. wait_s : before the second try, doubled each time.
    prices : per million tokens of prompt and of completion; None when unknown.
    key_variable : environment variable of the key; local endpoints need none.
    """

    url: str
    model: str
    timeout_s: float = 60.0
    n_tries: int = 4
    wait_s: float = 1.0
    prices: tuple[float, float] | None = None
    key_variable: str = KEY_VARIABLE

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or not _has_port(parts):
            shown = f"{parts.scheme}://{parts.hostname or ''}"
            raise LanguageModelError(f"'{shown}' is no address to ask; expected http(s)://host/v1 without a password")
        if not self.model.strip():
            raise LanguageModelError(f"no model named for {self.place}; say which one, such as --llm-model NAME")

    @property
    def place(self) -> str:
        """The address as messages call it: no path, no query, nothing secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")

    @property
    def address(self) -> str:
        """Address of chat completions."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/")
        return urlunsplit(parts._replace(path=path if path.endswith(PATH) else path + PATH, fragment=""))


def _has_port(parts: SplitResult) -> bool:
    """Whether the port, where one is given, is a number that can be one."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def ask(
    endpoint: Endpoint,
    messages: Sequence[Mapping[str, str]],
    *,
    temperature: float = 0.9,
    seed: int | None = None,
    environment: Mapping[str, str] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[str, Usage]:
    """Return what a model answers, and what it cost.

    Raises
    ------
    LanguageModelError : refused, unknown, not understood, or silent after all tries; the message says what to do.
    """
    body = {"model": endpoint.model, "messages": list(messages), "temperature": temperature}
    body |= {} if seed is None else {"seed": seed}
    key = (os.environ if environment is None else environment).get(endpoint.key_variable, "").strip()
    wait_s, last = endpoint.wait_s, ""
    for attempt in range(1, max(endpoint.n_tries, 1) + 1):
        try:
            return _read(_post(endpoint, body, key), endpoint, attempt)
        except urllib.error.HTTPError as err:
            with err:
                last, asked_s = _refused(err, endpoint), _asked_wait(err)
        except (TimeoutError, urllib.error.URLError, HTTPException, ConnectionError) as err:
            last, asked_s = _silence(err, endpoint), 0.0
        if attempt < endpoint.n_tries:
            sleep(min(max(wait_s, asked_s), MAX_WAIT_S))
            wait_s *= 2.0
    raise LanguageModelError(f"{last}; asked {endpoint.n_tries} times, try again later or work without --llm")


def _post(endpoint: Endpoint, body: Mapping[str, Any], key: str) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "whitelight"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    if not key.isascii() or any(sign.isspace() for sign in key):
        raise LanguageModelError(f"the key in {endpoint.key_variable} has signs a key cannot have; set it again")
    request = urllib.request.Request(endpoint.address, json.dumps(body).encode(), headers)  # noqa: S310  http(s) is checked in Endpoint
    with _OPENER.open(request, timeout=endpoint.timeout_s) as answer:
        data, until = b"", time.monotonic() + endpoint.timeout_s
        while len(data) <= MAX_ANSWER_BYTES and (part := answer.read1(1 << 16)):
            data += part
            if time.monotonic() > until:  # one that trickles is one that does not answer
                raise TimeoutError
    if len(data) > MAX_ANSWER_BYTES:
        raise LanguageModelError(f"{endpoint.place} answered more than {MAX_ANSWER_BYTES:,} bytes; ask another model")
    return data


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to an address nobody named."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


def _refused(err: urllib.error.HTTPError, endpoint: Endpoint) -> str:
    """Say what an error status means; those that waiting cannot mend are raised at once."""
    if err.code in (401, 403):
        hint = f"check the key in {endpoint.key_variable}"
        raise LanguageModelError(f"{endpoint.place} refused the key (HTTP {err.code}); {hint}") from None
    if err.code == 404:
        hint = f"no model '{endpoint.model}' or no such address; check --llm and --llm-model"
        raise LanguageModelError(f"{endpoint.place} (HTTP 404): {hint}") from None
    if err.code == 429 or err.code >= 500 or err.code == 408:
        return f"{endpoint.place} is busy (HTTP {err.code})"
    raise LanguageModelError(
        f"{endpoint.place} refused the request (HTTP {err.code}); check that it is OpenAI-compatible"
    ) from None


def _asked_wait(err: urllib.error.HTTPError) -> float:
    text = str(err.headers.get("Retry-After", "") if err.headers else "")
    return float(text) if text.replace(".", "", 1).isdigit() else 0.0


def _silence(err: Exception, endpoint: Endpoint) -> str:
    reason = getattr(err, "reason", err)
    if isinstance(reason, TimeoutError):
        return f"{endpoint.place} did not answer within {endpoint.timeout_s:g} s"
    return f"{endpoint.place} cannot be reached ({type(reason).__name__})"


def _read(data: bytes, endpoint: Endpoint, attempt: int) -> tuple[str, Usage]:
    try:
        answer = json.loads(data)
        text = answer["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        text, answer = None, None
    if not isinstance(text, str):
        raise LanguageModelError(f"{endpoint.place} answered no chat completion; check that it is OpenAI-compatible")
    found = answer.get("usage") if isinstance(answer, dict) else None
    counts = [_count(found, name) for name in ("prompt_tokens", "completion_tokens")]
    cost = None
    if endpoint.prices is not None and any(counts):
        cost = sum(count * price for count, price in zip(counts, endpoint.prices, strict=True)) / 1e6
    return text, Usage(counts[0], counts[1], attempt, cost)


def _count(usage: Any, name: str) -> int:
    value = usage.get(name) if isinstance(usage, dict) else None
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else 0
