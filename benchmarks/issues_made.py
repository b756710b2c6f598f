"""Issues by the hundred thousand, their texts put together from those of the demonstration."""

import datetime as dt
import random
import re
import tomllib
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from django.db import connection

from accounts.models import Organization, User
from audit import clock
from benchmarks import ground
from issues.models import Issue, Referral
from khmer import likeness
from khmer import text as khmer_text
from provinces.models import Authority, Locality

DEMONSTRATION = Path(__file__).parent.parent / "config" / "demonstration"
PROVINCES = ("11", "16", "19")
BATCH = 2000
YEARS = 8
DAY = dt.timedelta(days=1)
SENTENCE = re.compile(r"(?<=[។.])\s+")
# How many of a hundred issues are in each state; of each, whether an office has or had it.
STATES = {
    "submitted": (6, False),
    "returned": (1, False),
    "accepted": (12, False),
    "scheduled": (4, False),
    "referred": (17, True),
    "resolved": (5, True),
    "closed": (55, False),
}
CLOSINGS = ("confirmed", "partly", "unconfirmed", "declined", "withdrawn")
# A word that stands in one of so many issues, and in none of the demonstration's.
RARE_WORD = "ស្ពានយោល"
RARE = f"{RARE_WORD}ចាស់បានដាច់ខ្សែ។"
ONE_RARE_IN = 5000


@dataclass(frozen=True)
class Source:
    """What the demonstration has of a theme in one language."""

    theme: str
    language: str
    titles: tuple[str, ...]
    sentences: tuple[str, ...]


def make(count: int, seed: int = 1) -> None:
    """Add so many issues over the three provinces, and referrals for a third of them."""
    maker = Maker(random.Random(seed), count)  # noqa: S311 - the same issues each time
    for numbers in _batches(range(count), BATCH):
        rows = Issue.objects.bulk_create([maker.issue(number) for number in numbers])
        held = [row for row in rows if maker.has_referral(row)]
        Referral.objects.bulk_create([maker.referral(row) for row in held])
    with ground.owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _batches(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    rest = iter(numbers)
    while batch := list(islice(rest, size)):
        yield batch


class Maker:
    """Makes one issue after the other, by chance but the same for the same seed."""

    def __init__(self, chance: random.Random, count: int) -> None:
        self.chance, self.count = chance, count
        self.sources = sources()
        places = Locality.objects.communes().filter(province__in=PROVINCES)
        self.communes = list(places.select_related("parent", "province"))
        self.place_texts = {one.pk: _place_text(one) for one in self.communes}
        self.organizations = list(Organization.objects.all())
        self.authors = dict(
            User.objects.filter(role_assignments__role="representative").values_list(
                "role_assignments__organization", "pk"
            )
        )
        self.coordinator = User.objects.get(username="coordinator")
        self.offices = {code: list(Authority.objects.filter(province=code)) for code in PROVINCES}
        self.begin = clock.now() - YEARS * 365 * DAY
        self.numbers: Counter[tuple[str, int]] = Counter()

    def issue(self, number: int) -> Issue:
        """The issue of that number, not saved; the later ones were submitted later, about."""
        source, commune = self.chance.choice(self.sources), self.chance.choice(self.communes)
        organization = self.chance.choice(self.organizations)
        title, sentences = self.chance.choice(source.titles), self._sentences(source, number)
        day = number * YEARS * 364 // self.count + self.chance.randrange(2)
        submitted_at = self.begin + day * DAY + self.chance.randrange(86_400) * DAY / 86_400
        reference = self._reference(commune.province_id, submitted_at.year)
        people = self.chance.randrange(5, 900)
        return Issue(
            client_key=uuid.UUID(int=self.chance.getrandbits(128)),
            reference=reference,
            tracking_code=f"{number:012}",
            kind=self.chance.choice(["challenge", "challenge", "request"]),
            title=title,
            text=" ".join(sentences),
            language=source.language,
            theme_id=source.theme,
            province_id=commune.province_id,
            commune=commune,
            organization=organization,
            author_id=self.authors[organization.pk],
            people=people,
            women=self.chance.randrange(people),
            priority=self.chance.choices([0, 1, 2], [90, 8, 2])[0],
            deferrals=self.chance.choices([0, 1, 2, 3], [85, 10, 4, 1])[0],
            created_at=submitted_at - DAY,
            submitted_at=submitted_at,
            index_text=" ".join(filter(None, map(_index_text, (reference, title, *sentences)))),
            place_text=self.place_texts[commune.pk],
            shingles=_sketch((title, *sentences)),
            **self._course(submitted_at),
        )

    def has_referral(self, issue: Issue) -> bool:
        """Whether an office has it, or had it before it was closed."""
        held = STATES[issue.status][1]
        return held or (issue.status == "closed" and self.chance.random() < 0.2)

    def referral(self, issue: Issue) -> Referral:
        """Its referral, open where the issue is referred."""
        at = issue.submitted_at + 20 * DAY
        is_open = issue.status == "referred"
        due_on = (at + self.chance.randrange(20, 400) * DAY).date()
        return Referral(
            issue=issue,
            authority=self.chance.choice(self.offices[issue.province_id]),
            referred_at=at,
            referred_by=self.coordinator,
            wanted_on=due_on,
            days=20,
            released_at=at,
            handed_over_on=at.date(),
            due_on=due_on,
            ended_at=None if is_open else at + 20 * DAY,
            ended_as="" if is_open else "resolved",
        )

    def _sentences(self, source: Source, number: int) -> list[str]:
        count = min(len(source.sentences), self.chance.randrange(3, 7))
        chosen = self.chance.sample(source.sentences, count)
        return [*chosen, RARE] if number % ONE_RARE_IN == ONE_RARE_IN // 2 else chosen

    def _reference(self, province: str, year: int) -> str:
        self.numbers[province, year] += 1
        return f"{province}-{year}-{self.numbers[province, year]:04}"

    def _course(self, submitted_at: dt.datetime) -> dict[str, object]:
        """How far it came, who may see it."""
        weights = [weight for weight, _held in STATES.values()]
        status = self.chance.choices(list(STATES), weights)[0]
        disclosure = self.chance.choices(["public", "restricted", "confidential"], [40, 45, 15])[0]
        course: dict[str, object] = {"status": status, "disclosure": disclosure}
        course["is_named"] = self.chance.random() < 0.3
        if status in ("resolved", "closed"):
            course |= {"resolved_at": submitted_at + 60 * DAY, "claims": 1}
        if status == "closed":
            closing = self.chance.choice(CLOSINGS)
            course |= {"closed_at": submitted_at + 70 * DAY, "closed_as": closing}
        if disclosure == "public" and status not in ("submitted", "returned"):
            course["published_at"] = submitted_at + 10 * DAY
        return course


def sources() -> list[Source]:
    """Titles and sentences of the demonstration, by theme and language."""
    titles: dict[tuple[str, str], list[str]] = {}
    sentences: dict[tuple[str, str], list[str]] = {}
    for path in sorted(DEMONSTRATION.glob("issues_*.toml")):
        for row in tomllib.loads(path.read_text())["issue"]:
            key = (row["theme"], row["language"])
            titles.setdefault(key, []).append(row["title"])
            parts = [part for part in SENTENCE.split(row["text"]) if part.strip()]
            sentences.setdefault(key, []).extend(parts)
    return [Source(*key, tuple(titles[key]), tuple(sentences[key])) for key in titles]


def _place_text(commune: Locality) -> str:
    issue = Issue(commune=commune, province=commune.province)
    issue.write_index()
    return issue.place_text


@lru_cache(maxsize=10_000)
def _index_text(sentence: str) -> str:
    return khmer_text.index_text(sentence)


@lru_cache(maxsize=10_000)
def _hashes(sentence: str) -> frozenset[bytes]:
    """What a sketch of the sentence alone would hold."""
    sketch = likeness.shingles(sentence)
    width = likeness.WIDTH
    return frozenset(sketch[at : at + width] for at in range(0, len(sketch), width))


def _sketch(sentences: tuple[str, ...]) -> bytes:
    """As ``likeness.shingles`` of all of them, but for the shingles over the ends of sentences."""
    hashes = frozenset().union(*map(_hashes, sentences))
    smallest = sorted(hashes, key=lambda one: int.from_bytes(one, "little"))[: likeness.SIZE]
    return b"".join(smallest)
