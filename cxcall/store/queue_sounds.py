"""What Asterisk is told to play for a prompt, as lines of queues and their way name it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.settings import Settings
from cxcall.store import prompt_files, prompts


async def sounds_of(conn: AsyncConnection, settings: Settings, server: str) -> dict[str, str]:
    """Prompts by name: in the site's language, else in one they were recorded in."""
    found = {}
    for prompt in await prompts.everything(conn):
        spoken = {language: variant.sound for language, variant in prompt.variants.items() if variant.sound}
        sound = spoken.get(settings.site.language) or next(iter(spoken.values()), None)
        if sound is not None:
            found[prompt.name] = prompt_files.address(settings, server, sound.sha)
    return found
