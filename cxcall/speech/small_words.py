"""Words of nearly every talk: alone they say nothing about it. As keys of `cxcall.letters.search_key`."""

from __future__ import annotations

SMALL = frozenset({
    *("a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "could", "did", "do", "does", "for", "from"),
    *("had", "has", "have", "he", "her", "here", "him", "his", "how", "i", "if", "in", "is", "it", "its", "just"),
    *("let", "m", "me", "mr", "mrs", "my", "no", "not", "now", "of", "oh", "ok", "okay", "on", "or", "our", "out"),
    *("re", "s", "she", "so", "some", "t", "that", "the", "their", "them", "then", "there", "they", "this", "to"),
    *("uh", "um", "up", "us", "ve", "was", "we", "well", "were", "what", "when", "where", "which", "who", "will"),
    *("with", "would", "yes", "you", "your"),
    *("ان", "از", "است", "اگر", "الان", "ام", "اما", "او", "این", "اینجا", "ایا", "با", "باید", "بر", "بله", "به"),
    *("بود", "تا", "تو", "چه", "خب", "خوب", "در", "دارم", "دارید", "دارد", "دیگر", "را", "رو", "شد", "شما", "شود"),
    *("فقط", "کرد", "کردم", "کنم", "کنید", "که", "ما", "من", "می", "میشود", "میکنم", "میکنید", "نه", "نمی", "نیست"),
    *("هست", "هستم", "هستید", "هم", "همین", "هر", "و", "ولی", "ی", "یا", "یک", "یعنی"),
})  # fmt: skip
