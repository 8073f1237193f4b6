from pathlib import Path

import pytest

from cxcall.settings import SettingsError, load


def test_a_site_without_a_file_gets_sane_defaults() -> None:
    settings = load(None, {})
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8080)
    assert settings.database_url == "sqlite:///var/cxcall/cxcall.sqlite"
    assert settings.ami == ()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cxcall.toml"
    file.write_text('[web]\nport = 9000\n[site]\nlanguage = "fa"\n[[ami]]\nname = "main"\nsecret = "a"\n', "utf-8")
    settings = load(file, {"CXCALL_WEB__PORT": "9001", "CXCALL_AMI__SECRET": "b", "PATH": "/bin"})
    assert settings.web.port == 9001
    assert settings.site.language == "fa"
    assert [(s.name, s.secret) for s in settings.ami] == [("main", "b")]


def test_several_servers_are_several_tables(tmp_path: Path) -> None:
    file = tmp_path / "cxcall.toml"
    file.write_text('[[ami]]\nname = "a"\n[[ami]]\nname = "b"\nport = 5039\n', "utf-8")
    assert [(s.name, s.port) for s in load(file, {}).ami] == [("a", 5038), ("b", 5039)]


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n", "utf-8")
    assert load(None, {"CXCALL_AMI__SECRET_FILE": str(secret)}).ami[0].secret == "hush"


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"CXCALL_WEB__PORT": "many"}, "web.port"),
        ({"CXCALL_WEB__PROT": "1"}, "no setting called `prot`|there is no setting called"),
        ({"CXCALL_SITE__TIMEZONE": "Mars/Olympus"}, "Asia/Tehran"),
        ({"CXCALL_WEB__PORT": "70000"}, "between 1 and 65535"),
        ({"CXCALL_SITE__LANGUAGE": "xx"}, "site.language"),
        ({"CXCALL_AMI__SECRET_FILE": "no/such/file"}, "no/such/file"),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load(None, environ)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cxcall init"):
        load(tmp_path / "none.toml", {})
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"[web\nport=\xff")
    with pytest.raises(SettingsError, match=r"broken\.toml"):
        load(broken, {})


def test_two_servers_of_one_name_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "cxcall.toml"
    file.write_text('[[ami]]\nname = "a"\n[[ami]]\nname = "a"\n', "utf-8")
    with pytest.raises(SettingsError, match="same name"):
        load(file, {})
