"""The real server in a process of its own: started, opened, asked, watched and ended as people do."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest

START_S = 1.5
pytestmark = pytest.mark.slow


@pytest.fixture
def start(root):
    """Start a studio on the song; returns the process and its address."""
    running = []

    def begin(*options):
        command = [
            sys.executable,
            "-W",
            "error",
            "-m",
            "whitelight",
            "studio",
            str(root),
            "--no-open",
            "--json",
            *options,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        running.append(process)
        text = ""
        while not text.rstrip().endswith("}"):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            text += line
        return process, json.loads(text)["address"]

    yield begin
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def ended(process, by=signal.SIGINT):
    begun = time.monotonic()
    process.send_signal(by)
    code = process.wait(timeout=10)
    return code, time.monotonic() - begun, process.stderr.read()


def test_from_the_command_to_the_first_answer_takes_a_moment(start):
    took = []
    for _ in range(3):
        begun = time.monotonic()
        process, address = start()
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        with opener.open(address) as page:
            assert b'<div id="app">' in page.read()
            assert "token" not in page.url
        took.append(time.monotonic() - begun)
        assert ended(process)[0] == 0
    others = max(os.getloadavg()[0] / (os.cpu_count() or 1), 1.0)  # a machine that does other things takes longer
    assert min(took) < START_S * others


def test_it_serves_only_this_computer_and_only_who_has_the_address(start, root, song, folder):
    process, address = start("--read-only")
    base = address.split("?")[0]
    assert base.startswith("http://127.0.0.1:")
    with pytest.raises(HTTPError, match="403"):
        urlopen(f"{base}api/songs")
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    opener.open(address).close()
    with opener.open(f"{base}api/songs") as answer:
        library = json.load(answer)
    assert [card["id"] for card in library["songs"]] == [song]
    assert library["read_only"] is True
    code, _, said = ended(process)
    assert code == 0
    assert said == "open this address in a browser on this computer; Ctrl-C ends the studio\n"


def test_ctrl_c_ends_it_while_pages_listen(start, song, folder):
    process, address = start()
    base = address.split("?")[0]
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    opener.open(address).close()
    with opener.open(f"{base}api/events", timeout=20) as events, opener.open(f"{base}api/events", timeout=20):
        assert events.readline() == b"retry: 1000\n"
        told = []
        reading = threading.Thread(target=lambda: told.extend(iter(events.readline, b"")))
        reading.start()
        time.sleep(1.0)
        review = folder / "bass" / "review.yml"
        review.write_text(review.read_text().replace("undecided", "approved", 1))
        end = time.monotonic() + 10
        while not any(line.startswith(b"data: ") for line in told):
            assert time.monotonic() < end, "the edit was not told"
            time.sleep(0.05)
        code, took, said = ended(process)
        reading.join(timeout=5)
    assert (code, "Traceback" in said, "Warning" in said) == (0, False, False)
    assert took < 5.0
    change = json.loads(next(line for line in told if line.startswith(b"data: "))[6:])
    assert (change["song"], change["stages"]) == (song, ["bass"])
