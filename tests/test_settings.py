"""Settings: which place wins, and what is said of a key or value that cannot be."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings.errors import BadSettings
from qa.settings import Settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


PLACES = st.fixed_dictionaries(
    {}, optional={place: st.integers(min_value=1, max_value=1000) for place in ("flag", "environment", "file")}
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLACES)
def test_flag_beats_environment_beats_file_beats_default(tmp_path, values):
    (tmp_path / "qa.toml").write_text(f"top_k = {values['file']}\n" if "file" in values else "")
    with pytest.MonkeyPatch.context() as patch:
        if "environment" in values:
            patch.setenv("QA_TOP_K", str(values["environment"]))
        flags = {"top_k": str(values["flag"])} if "flag" in values else {"top_k": None}
        strongest = next((place for place in ("flag", "environment", "file") if place in values), "default")
        assert Settings.load(**flags).top_k == values.get(strongest, 10)
        said = {"flag": "--top-k", "environment": "QA_TOP_K", "file": "qa.toml", "default": "default"}
        assert Settings.origins(**flags)["top_k"] == said[strongest]


def test_defaults():
    assert Settings.load().model_dump() == {
        "index": Path(".index"),
        "home": None,
        "collection": None,
        "encoder": "default",
        "reader": "default",
        "engine": "auto",
        "top_k": 10,
        "threshold": None,
        "max_risk": None,
        "calibration": None,
        "max_file_megabytes": 50,
        "max_upload_files": 500,
        "upload_endings": None,
        "max_collection_megabytes": 1000,
        "max_question_characters": 2000,
        "host": "127.0.0.1",
        "port": 7860,
        "token": None,
        "max_request_kilobytes": 1000,
        "requests_per_minute": 300,
        "request_timeout_seconds": 300,
        "max_questions_per_request": 100,
    }
    assert set(Settings.origins().values()) == {"default"}


def test_every_setting_says_what_it_is():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().top_k = 3


def test_unknown_environment_variable(monkeypatch):
    monkeypatch.setenv("QA_TOPK", "3")
    with pytest.raises(BadSettings, match=r"^QA_TOPK is not a setting; the nearest is top_k\."):
        Settings.load()


def test_unknown_key_of_the_file(tmp_path):
    (tmp_path / "qa.toml").write_text("treshold = 0.5\n")
    with pytest.raises(BadSettings, match=r"^qa\.toml: treshold is not a setting; the nearest is threshold\."):
        Settings.load()


@pytest.mark.parametrize("text", ["top_k = \n", 'top_k = "\n'])
def test_a_file_that_is_not_toml(tmp_path, text):
    (tmp_path / "qa.toml").write_text(text)
    with pytest.raises(BadSettings, match=r"^qa\.toml cannot be read: .*line 1"):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value", "flag"),
    [
        ("top_k", "0", "--top-k"),
        ("top_k", "ten", "--top-k"),
        ("threshold", "1.5", "--threshold"),
        ("threshold", "nan", "--threshold"),
        ("max_risk", "0", "--max-risk"),
        ("max_risk", "1", "--max-risk"),
        ("port", "65536", "--port"),
        ("index", " ", "--index"),
        ("max_file_megabytes", "-1", "--max-file-megabytes"),
    ],
)
def test_impossible_values_name_where_they_came_from(tmp_path, monkeypatch, name, value, flag):
    with pytest.raises(BadSettings, match=f"^{flag} cannot be '{value}': it (should|must) .*default"):
        Settings.load(**{name: value})
    if value.strip():
        monkeypatch.setenv(f"QA_{name.upper()}", value)
        with pytest.raises(BadSettings, match=f"^QA_{name.upper()} cannot be '{value}'"):
            Settings.load()
        monkeypatch.delenv(f"QA_{name.upper()}")
    (tmp_path / "qa.toml").write_text(f'{name} = "{value}"\n')
    with pytest.raises(BadSettings, match=rf"^qa\.toml: {name} cannot be"):
        Settings.load()


def test_endings_are_written_in_any_way(monkeypatch):
    monkeypatch.setenv("QA_UPLOAD_ENDINGS", "pdf, .TXT")
    assert Settings.load().upload_endings == (".pdf", ".txt")
    assert Settings.load().shown("upload_endings") == ".pdf, .txt"
    with pytest.raises(BadSettings, match=r"it must be endings such as \.pdf"):
        Settings.load(upload_endings=["*.pdf"])


@pytest.mark.parametrize("secret", ["short", "has a blank in the middle", "ümlaute-are-no-ascii"])
def test_a_token_is_hard_to_guess_and_told_to_nobody(monkeypatch, secret):
    with pytest.raises(BadSettings, match=r"^--token-file cannot be what it is: it must have 16 to 1024") as error:
        Settings.load(token=secret)
    assert secret not in str(error.value)
    monkeypatch.setenv("QA_TOKEN", f"{secret}-but-long-enough-now".replace(" ", "").replace("ü", "u"))
    assert "long-enough" not in f"{Settings.load()!r} {Settings.load()} {Settings.load().token}"


def test_all_impossible_values_are_named_at_once():
    with pytest.raises(BadSettings) as error:
        Settings.load(top_k="0", port="x")
    assert [line.split(" ")[0] for line in str(error.value).splitlines()] == ["--top-k", "--port"]


def test_an_empty_variable_is_not_set(monkeypatch):
    monkeypatch.setenv("QA_THRESHOLD", "")
    assert Settings.load().threshold is None
    assert Settings.origins()["threshold"] == "default"


def test_home_is_understood_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "qa.toml").write_text('index = "~/kept"\n')
    assert Settings.load().index == tmp_path / "kept"


def test_a_risk_and_a_threshold_exclude_each_other_unless_one_is_from_a_stronger_place(tmp_path, monkeypatch):
    (tmp_path / "qa.toml").write_text("max_risk = 0.2\n")
    assert (Settings.load().threshold, Settings.load().max_risk) == (None, 0.2)
    by_flag = Settings.load(threshold="0.5")
    assert (by_flag.threshold, by_flag.max_risk) == (0.5, None)
    monkeypatch.setenv("QA_THRESHOLD", "0.4")
    by_variable = Settings.load()
    assert (by_variable.threshold, by_variable.max_risk) == (0.4, None)
    risk = Settings.load(max_risk="0.1")
    assert (risk.threshold, risk.max_risk) == (None, 0.1)
    monkeypatch.setenv("QA_MAX_RISK", "0.1")
    with pytest.raises(BadSettings, match=r"^QA_THRESHOLD and QA_MAX_RISK exclude each other"):
        Settings.load()
