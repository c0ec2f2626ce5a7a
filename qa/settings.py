"""Every default of the surfaces, with its unit and its reason: flag > QA_* environment > qa.toml > default."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from embeddings.engine import Engine
from embeddings.errors import BadSettings

PREFIX = "QA_"
FILE = "qa.toml"  # in the current folder
_FLAGS = {"token": "--token-file"}  # flags that are not called as their setting


class Settings(BaseSettings):
    """What a person may set. `Settings.load(**flags)` reads all four places; flags that are None were not given."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, toml_file=FILE, frozen=True, extra="forbid"
    )

    index: Path = Field(
        Path(".index"),
        description="folder of the index; hidden, so that indexing the folder around it passes it over",
    )
    home: Path | None = Field(
        None, description="folder of collections and uploads; unset: where your system keeps the data of programs"
    )
    collection: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        None,
        description="collections that are searched together, in place of the index or, if that is named in the same "
        "place, beside it; in a variable with commas between",
    )
    encoder: str = Field(
        "default",
        description="model that turns texts into vectors: the shipped one, or the folder or name of another",
    )
    reader: str = Field(
        "default", description="model that finds answers: the shipped one, or the folder or name of another"
    )
    engine: Engine = Field(
        "auto",
        description="what the models run on: openvino, torch, or auto, which is openvino once `qa compile` has run",
    )
    top_k: int = Field(
        10,
        ge=1,
        le=1000,
        description="passages read for a question at most; reading is most of the time that an answer takes",
    )
    threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="probability from which on an answer is shown; unset: the one fitted with the reader",
    )
    max_risk: float | None = Field(
        None,
        gt=0,
        lt=1,
        allow_inf_nan=False,
        description="share of the answers shown that may be wrong, which sets the threshold; not beside one",
    )
    calibration: Path | None = Field(
        None, description="file that `qa calibrate` made; unset: the calibration that belongs to the shipped models"
    )
    max_file_megabytes: int = Field(
        50,
        ge=1,
        description="megabytes (10^6 bytes) up to which a file is read; a scanned book passes",
    )
    max_upload_files: int = Field(
        500, ge=1, description="files that are uploaded at once; a folder of papers passes, a whole disk does not"
    )
    upload_endings: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        None,
        description="endings of files that may be uploaded, such as .pdf; in a variable with commas between; unset: "
        "all that are read",
    )
    max_collection_megabytes: int = Field(
        1000, ge=1, description="megabytes (10^6 bytes) of uploaded files in one collection, for they are kept"
    )
    max_question_characters: int = Field(
        2000, ge=1, description="characters of the longest question that is taken; more than that is a pasted document"
    )
    host: str = Field("127.0.0.1", description="address to serve the page at; the default is reached from here only")
    port: int = Field(7860, ge=0, le=65535, description="port to serve the page at, Gradio's usual one; 0: any free")
    token: SecretStr | None = Field(
        None, description="secret of at least 16 characters that page, REST and MCP ask for; unset: they ask for none"
    )
    max_request_kilobytes: int = Field(
        1000, ge=1, description="kilobytes (10^3 bytes) of the largest request; a hundred long questions pass"
    )
    requests_per_minute: int = Field(
        300, ge=1, description="requests a minute that a client may make; more than two cores answer, so it ends loops"
    )
    request_timeout_seconds: float = Field(
        300,
        gt=0,
        le=86400,
        description="seconds that a request may take, its waiting included; fifty at once are answered in that time",
    )
    max_questions_per_request: int = Field(
        100, ge=1, description="questions of one request; more of them are a batch, which `qa batch` can resume"
    )

    @field_validator("index", "home", "encoder", "reader", "calibration", "host", mode="before")
    @classmethod
    def _not_blank(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            raise ValueError("must not be blank")
        return value

    @field_validator("collection", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        names = _listed(value)
        if isinstance(names, tuple) and not all(isinstance(name, str) and name.strip() for name in names):
            raise ValueError("must be names of collections, none of them blank")
        return tuple(name.strip() for name in names) if isinstance(names, tuple) else names

    @field_validator("upload_endings", mode="before")
    @classmethod
    def _endings(cls, value: object) -> object:
        endings = _listed(value)
        if not isinstance(endings, tuple):
            return endings
        named = tuple(f".{str(ending).strip().lower().removeprefix('.')}" for ending in endings)
        if not all(ending[1:].isalnum() for ending in named):
            raise ValueError("must be endings such as .pdf")
        return named

    @field_validator("token")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[!-~]{16,1024}", value.get_secret_value()):
            raise ValueError("must have 16 to 1024 characters of ASCII, none of them blank")
        return value

    @field_validator("index", "home", "calibration")
    @classmethod
    def _home(cls, value: Path | None) -> Path | None:
        return value and value.expanduser()

    def shown(self, name: str) -> object:
        """The value of a setting for people to see: of a secret, no more than whether it is set."""
        value = getattr(self, name)
        if is_secret(name):
            return "set" if value else "not set"
        if name == "upload_endings" and value:
            return ", ".join(value)
        if name == "collection" and value:
            return ", ".join(one or str(self.index) for one in value)
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The places that are read, the strongest first."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @classmethod
    def load(cls, **flags: object) -> Settings:
        """The settings in force; raises BadSettings for an unknown key and for an impossible value.

        Threshold and max_risk say the same in two ways: the one from the stronger place counts, and BadSettings is
        raised if both come from one place.
        """
        origins = cls.origins(**flags)
        try:
            settings = cls(**_given(flags))
            return settings.model_copy(update=dict.fromkeys(_overruled(settings, origins)) | _beside(settings, origins))
        except ValidationError as error:
            raise BadSettings("\n".join(_explain(detail, origins) for detail in error.errors())) from error

    @classmethod
    def origins(cls, **flags: object) -> dict[str, str]:
        """Where the value of each setting comes from: `--top-k`, `QA_TOP_K`, `qa.toml` or `default`.

        Raises BadSettings for an unknown key and for a qa.toml that cannot be read.
        """
        _refuse_unknown((f"{PREFIX}{name}".upper(), name) for name in _environment_names())
        in_file = _file_keys(cls)
        _refuse_unknown((f"{FILE}: {name}", name) for name in in_file)
        in_environment = EnvSettingsSource(cls)()
        given = _given(flags)
        origins = dict.fromkeys(cls.model_fields, "default")
        origins |= dict.fromkeys(in_file, FILE)
        origins |= {name: f"{PREFIX}{name}".upper() for name in in_environment}
        origins |= {name: _FLAGS.get(name, f"--{name.replace('_', '-')}") for name in given}
        return origins


def is_secret(name: str) -> bool:
    """Whether nobody is to read a setting's value over somebody's shoulder, or in a log."""
    return name == "token" or name.endswith("_token")


def _listed(value: object) -> object:
    """The values of a list as one string separates them by commas, or as it is given; anything else as it is."""
    if isinstance(value, str):
        return tuple(value.split(","))
    return tuple(value) if isinstance(value, list) else value


def _given(flags: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value is not None}


def _overruled(settings: Settings, origins: Mapping[str, str]) -> list[str]:
    """Which of threshold and max_risk gives way to the other."""
    if settings.threshold is None or settings.max_risk is None:
        return []
    places = [_place(origins[name]) for name in ("threshold", "max_risk")]
    if places[0] == places[1]:
        raise BadSettings(
            f"{origins['threshold']} and {origins['max_risk']} exclude each other: a risk sets the threshold. Give one."
        )
    return ["threshold" if places[1] < places[0] else "max_risk"]


def _beside(settings: Settings, origins: Mapping[str, str]) -> dict[str, Any]:
    """The collections with the index ("") before them, if it is named at least as strongly as they are."""
    if not settings.collection or _place(origins["index"]) > _place(origins["collection"]):
        return {}
    return {"collection": tuple(dict.fromkeys(["", *settings.collection]))}


def _place(origin: str) -> int:
    """The strength of where a value comes from: 0 a flag, 1 the environment, 2 the file, 3 nowhere."""
    return 0 if origin.startswith("--") else 1 if origin.startswith(PREFIX) else 2 if origin == FILE else 3


def _environment_names() -> list[str]:
    return [name[len(PREFIX) :].lower() for name in os.environ if name.upper().startswith(PREFIX)]


def _file_keys(settings: type[BaseSettings]) -> list[str]:
    try:
        return list(TomlConfigSettingsSource(settings)())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadSettings(f"{FILE} cannot be read: {error}. Put it right, or move it away.") from error


def _refuse_unknown(keys: Iterable[tuple[str, str]]) -> None:
    known = list(Settings.model_fields)
    for origin, name in keys:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0)
            raise BadSettings(
                f"{origin} is not a setting; the nearest is {near[0]}. There are: {', '.join(known)}. "
                "Rename it or take it away."
            )


def _explain(detail: Any, origins: Mapping[str, str]) -> str:
    name = str(detail["loc"][0])
    origin = f"{FILE}: {name}" if origins[name] == FILE else origins[name]
    why = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    field = Settings.model_fields[name]
    value = "what it is" if is_secret(name) else repr(detail["input"])
    return (
        f"{origin} cannot be {value}: it {why}. It is the {field.description}. "
        f"Give another value or none (default: {field.default})."
    )
