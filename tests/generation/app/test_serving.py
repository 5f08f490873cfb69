"""The app answers to this machine alone, asks nobody, and leaves nothing behind."""

from __future__ import annotations

import json
import signal
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from equime_generation.app.pages import TABS
from equime_generation.cli import main
from tests.generation.app.conftest import Served, served, started


def configuration(address: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{address}config", timeout=30) as answer:
        return dict(json.load(answer))


def test_it_answers_with_a_tab_for_each_module(with_dataset: Served) -> None:
    found = configuration(with_dataset.address)
    components = found["components"]
    assert isinstance(components, list)
    tabs = [one["props"]["label"] for one in components if one["type"] == "tabitem"]
    assert tabs == [tab.title for tab in TABS]
    assert found["analytics_enabled"] is False


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.2 is no address of the machine's own")
def test_it_listens_on_one_address_alone(with_dataset: Served) -> None:
    place = urlsplit(with_dataset.address)
    assert place.hostname == "127.0.0.1"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", place.port or 0), timeout=5).close()


def test_a_foreign_name_that_leads_here_gets_nothing(with_dataset: Served) -> None:
    asked = urllib.request.Request(with_dataset.address, headers={"Host": "rebound.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=30)
    with refused.value as answer:
        assert answer.code == 400


def test_without_a_dataset_it_starts_and_leaves_nothing_behind_when_it_is_ended(tmp_path: Path) -> None:
    with served(tmp_path, ending=signal.SIGTERM) as running:
        assert "equime app FOLDER" in json.dumps(configuration(running.address))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_gets_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["app", str(tmp_path)])
    assert end.value.code == 1
    assert "no EquiME dataset at" in capsys.readouterr().err


def test_a_port_that_is_taken_gets_one_line(with_dataset: Served, tmp_path: Path) -> None:
    port = str(urlsplit(with_dataset.address).port)
    process = started(tmp_path, "--port", port)
    _, trouble = process.communicate(timeout=240)
    assert process.returncode == 2
    assert len(trouble.splitlines()) == 1
    assert f"port {port}" in trouble
