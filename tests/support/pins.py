"""Print what the lock files are made from: the project's dependencies and the groups or extras named as arguments."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
for requirement in project["project"]["dependencies"]:
    print(requirement)
for group in sys.argv[1:]:
    for requirement in (project["dependency-groups"] | project["project"]["optional-dependencies"])[group]:
        print(requirement)
