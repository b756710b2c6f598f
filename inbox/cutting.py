"""What somebody wrote in a mail themselves: without what they quote, and without a signature.

A small careful cut: where it is not clear that something is quoted, it stays. The whole mail is
kept in any case.
"""

import re
import unicodedata

# "On Mon, 2 Nov 2026 at 09:00, … wrote:", as programs write it in English, French and Khmer.
WROTE = re.compile(
    r"(?:On\b.{4,300}\bwrote|Le\b.{4,300}\ba écrit|(?:នៅ|ថ្ងៃ|កាលពី).{4,300}សរសេរ).{0,6}[:៖]\s*",
    re.DOTALL,
)
LINES_OF_WROTE = 3
RULE = re.compile(
    r"\s*(?:-{2,}\s*(?:Original Message|Forwarded message|Reply message|សារដើម|សារបានបញ្ជូនបន្ត)"
    r"\s*-{2,}|_{20,})\s*",
    re.IGNORECASE,
)
FROM = re.compile(r"\s*(?:\*\s*)?(?:From|De|ពី|មកពី)\s*(?:\*\s*)?[:៖]\*?\s*\S.*")
THEN = re.compile(
    r"\s*(?:\*\s*)?(?:Sent|To|Date|Subject|Cc|Envoyé|Objet|ផ្ញើ|ជូន|ទៅ|"
    r"កាលបរិច្ឆេទ|ប្រធានបទ|កម្មវត្ថុ)\s*(?:\*\s*)?[:៖].*"
)
SIGNATURE = re.compile(r"-- ?")  # RFC 3676, 4.3; some programs drop the space
DEVICE = re.compile(
    r"\s*(?:Sent from (?:my|Mail|Outlook|Yahoo)\b.*|Get Outlook for .*|ផ្ញើពី.{0,40}របស់ខ្ញុំ.*)",
    re.IGNORECASE,
)
ELLIPSIS = "…"
COENG = "\u17d2"  # joins the next consonant to the one before


def own_words(text: str) -> str:
    """What the writer added, with bare line feeds and no more than one empty line at a time."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = _unquoted(lines)
    while kept and (not kept[-1].strip() or DEVICE.fullmatch(kept[-1])):
        kept.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _unquoted(lines: list[str]) -> list[str]:
    """Without lines that are marked as quoted, and without all behind an unmarked quotation."""
    kept, number = [], 0
    while number < len(lines):
        line = lines[number]
        if RULE.fullmatch(line) or SIGNATURE.fullmatch(line) or _is_letterhead(lines, number):
            break
        if length := _length_of_wrote(lines, number):
            if not _is_marked(lines[number + length :]):
                break
            number += length  # what is answered line by line stands between marked lines
            continue
        if not line.startswith(">"):
            kept.append(line)
        number += 1
    return kept


def _is_letterhead(lines: list[str], number: int) -> bool:
    """From and, close behind it, Sent, To or Subject: as Outlook quotes."""
    behind = lines[number + 1 : number + 4]
    return bool(FROM.fullmatch(lines[number])) and any(THEN.fullmatch(one) for one in behind)


def _length_of_wrote(lines: list[str], number: int) -> int:
    """Over how many lines somebody is said to have written what follows; 0 where nobody is."""
    for length in range(1, LINES_OF_WROTE + 1):
        if WROTE.fullmatch(" ".join(line.strip() for line in lines[number : number + length])):
            return length
    return 0


def _is_marked(lines: list[str]) -> bool:
    return next((line for line in lines if line), "").startswith(">")


def shortened(text: str, most: int) -> str:
    """At most so many characters; a sign is never parted from those that belong to it."""
    if len(text) <= most:
        return text
    end = most - 1
    while end and (unicodedata.category(text[end])[0] == "M" or text[end - 1] == COENG):
        end -= 1
    return text[:end] + ELLIPSIS
