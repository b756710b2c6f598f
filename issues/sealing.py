"""The protected part of an issue: what it holds, sealed and opened again."""

from dataclasses import asdict, dataclass

from accounts import sealing
from issues.models import Issue, ProtectedPart


@dataclass(frozen=True)
class Protected:
    """What is kept with an issue under a key: the code of its village, and whom to contact."""

    village: str = ""
    contact: str = ""


def sealed(content: Protected) -> bytes:
    """The content as the bytes that a protected part holds."""
    return sealing.seal(asdict(content))


def opened(part: ProtectedPart) -> dict[str, str]:
    """What a protected part holds; an early one may hold the village alone."""
    return sealing.unseal(bytes(part.sealed))


def protected_of(issue: Issue) -> Protected:
    """The protected part of an issue, both fields empty where nothing is kept.

    For whoever typed it; a coordinator reads it through ``actions.read_protected`` alone.
    """
    part = ProtectedPart.objects.filter(issue=issue).first()
    kept = opened(part) if part else {}
    return Protected(kept.get("village", ""), kept.get("contact", ""))


def village_of(issue: Issue) -> str:
    """The code of the village that is kept with the issue; "" without one."""
    return protected_of(issue).village


def contact_of(issue: Issue) -> str:
    """Whom to contact in the community, as it was typed; "" where nobody was named."""
    return protected_of(issue).contact
