"""What an answer is made of: the writer's own words, and the files that can be kept."""

import io
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from inbox import cutting
from inbox.reading import Attachment, Mail
from issues import files

LONGEST = 4000  # characters of an answer or a comment
KEYS = uuid.UUID("6f5d7a0e-3f0b-4a3c-9b44-6a1c4a0f7f10")


@dataclass(frozen=True)
class Files:
    """The files of a mail that were made fit to keep, and the places of the others."""

    kept: list[files.Kept]
    refused: list[int]


def files_of(mail: Mail) -> Files:
    """Through the checks of the pages: known by content, made anew; the same file twice is one."""
    kept: dict[str, files.Kept] = {}
    refused = []
    for number, one in enumerate(mail.attachments[: settings.EVIDENCE_MAX_FILES], start=1):
        made = _kept(one)
        if made is None:
            refused.append(number)
        else:
            kept[made.digest] = made
    refused += range(settings.EVIDENCE_MAX_FILES + 1, len(mail.attachments) + 1)
    return Files(list(kept.values()), refused)


def _kept(one: Attachment) -> files.Kept | None:
    try:
        return files.keep(io.BytesIO(one.content), len(one.content), recordings=False)
    except ValidationError:
        return None
    except Exception:  # a file on which a decoder breaks is refused alone
        return None


def words_of(mail: Mail) -> str:
    """What the writer added, in a length that can be kept."""
    return cutting.shortened(cutting.own_words(mail.text), LONGEST)


def see_files(user: User) -> str:
    """What stands for the words of a mail that brings files alone."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        return _("Sent by e-mail without words. See the files.")


def key_of(mail: Mail, digest: str, text: str) -> uuid.UUID:
    """The same for each copy of a mail, over whichever servers it came."""
    return uuid.uuid5(KEYS, f"{mail.message_id or digest}\n{mail.sender}\n{text}")


def key_by_hand(digest: str) -> uuid.UUID:
    """The key under which a mail is put somewhere by hand: once."""
    return uuid.uuid5(KEYS, f"by hand\n{digest}")


def noted(text: str, title: str) -> str:
    """A mail as a note of the secretariat, which says who wrote it."""
    said = _("By e-mail, from %(title)s:") % {"title": title}
    return cutting.shortened(f"{said}\n\n{text}", LONGEST)
