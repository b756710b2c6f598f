"""What came to the issues of a scene later: talk, steps, other organizations, files, decisions."""

import io
from dataclasses import dataclass

from django.core.files.base import ContentFile
from PIL import Image

from accounts.models import User
from audit import clock
from issues import claims
from issues.models import Batch, Evidence, Issue, Merge, Redirection, SavedView
from tests.browser.scene import LONG, Scene, say_it_in_khmer
from tests.factories import (
    DAY,
    CallFactory,
    EvidenceFactory,
    OrganizationFactory,
    ProtectedPartFactory,
    ProvinceFactory,
    ThemeFactory,
    ago,
    coordinator_of,
    issue_in,
    representative_of,
)
from tests.factories_more import (
    BatchFactory,
    BatchLineFactory,
    CommentFactory,
    CosignFactory,
    FieldCheckFactory,
    MergeFactory,
    PressureFactory,
    RedirectionFactory,
    ReportBackFactory,
    RevisionFactory,
    SavedViewFactory,
    StepFactory,
)

OTHERS = "សមាគមអភិរក្សព្រៃឈើនិងធនធានធម្មជាតិសហគមន៍ខេត្តមណ្ឌលគិរី"
TEXT = "ពួកយើងបានចុះទៅមើលទីតាំងជាក់ស្ដែង ហើយបានជួបជាមួយប្រជាពលរដ្ឋនៅក្នុងភូមិ។"
SIZE = 48_000
FAULTS = {
    "km": "គ្មានប្រធានបទណាមានឈ្មោះនេះទេ។",
    "en": "No theme has this name.",
}


@dataclass(frozen=True)
class Later:
    """Who joined the scene, and the rows that have pages of their own."""

    guide: User
    partner: User
    full: Issue
    joined: Issue
    shown: Issue
    ready: Issue
    asked: Issue
    frozen: Issue
    proposed: Redirection
    recording: Evidence
    batches: dict[str, Batch]
    view: SavedView
    token: str


def make_later(scene: Scene, language: str) -> Later:
    """All of it in a scene that was just made, with everybody reading ``language``."""
    elsewhere = ProvinceFactory(code="16")
    guide = coordinator_of(None, language=language)
    full = _in("referred", scene)
    other = OrganizationFactory(name_km=OTHERS, name_en="Community of the forest")
    partner = representative_of(other, language=language)
    merge = _join(full, scene)
    asked = _ask_to_cosign(scene, other, partner)
    _fill(full, scene, guide)
    SavedViewFactory(user=guide, name="ទទួលយករួច")
    resolved = scene.issues["resolved"]
    ReportBackFactory(issue=resolved, how="ប្រជុំភូមិ", recorded_by=guide)
    CallFactory(issue=resolved, referral=None, by=guide)
    ThemeFactory(code="water", name_km="ទឹក", name_en="Water")
    issue_in("accepted", province=elsewhere, **_words(scene))
    made = Later(
        guide=guide,
        partner=partner,
        full=full,
        joined=merge.source,
        ready=_in("accepted", scene, disclosure="public"),
        shown=_in("referred", scene, disclosure="public", published_at=clock.now()),
        asked=asked,
        frozen=_freeze(scene),
        proposed=RedirectionFactory(referral=_in("referred", scene).referrals.get(), reason=TEXT),
        recording=full.evidence.get(kind="audio"),
        batches=_batches(guide, full, language),
        view=guide.saved_views.get(),
        token=claims.token(resolved.pk, 1, scene.people["representative"].pk),
    )
    say_it_in_khmer()
    return made


def _words(scene, **changes):
    return {"title": LONG, "text": TEXT, "theme": scene.issues["accepted"].theme} | changes


def _in(state, scene, **changes) -> Issue:
    common = {"organization": scene.organization, "author": scene.people["representative"]}
    return issue_in(state, authority=scene.office, **_words(scene, **common), **changes)


def _join(full, scene) -> Merge:
    """Another issue of the same organization goes on in it, and a third stands behind it."""
    source = _in("closed", scene, closed_as="merged", merged_into=full)
    return MergeFactory(target=full, source=source)


def _ask_to_cosign(scene, organization, author) -> Issue:
    """An issue of another organization was merged, which it has not agreed to yet."""
    target = _in("accepted", scene)
    common = {"organization": organization, "author": author, "merged_into": target}
    source = issue_in("closed", closed_as="merged", **_words(scene), **common)
    merge = MergeFactory(target=target, source=source)
    CosignFactory(issue=target, organization=organization, merge=merge, state="asked")
    return source


def _fill(full, scene, guide) -> None:
    """Everything that an issue's page can show."""
    referral = full.referrals.get()
    _in("accepted", scene, follows=full)
    CosignFactory(issue=full, organization=OrganizationFactory(name_km=OTHERS))
    CommentFactory(issue=full, text=TEXT, by=guide, to_offices=True, to_organization=True)
    official = scene.people["official"]
    CommentFactory(referral=referral, text="យើងស្នើសុំពេលបន្ថែមមួយសប្ដាហ៍។", by=official)
    late = {"due_on": clock.today() - 3 * DAY, "authority": scene.office, "added_by": guide}
    StepFactory(issue=full, title="វាស់ព្រំដីជាមួយគ្រួសារ", **late)
    done = {"done_on": clock.today(), "note": "រួចរាល់។", "added_by": guide}
    StepFactory(issue=full, title="ប្រជុំជាមួយសហគមន៍", **done)
    FieldCheckFactory(issue=full, participants="អភិបាលរងស្រុក", findings=TEXT, recorded_by=guide)
    RevisionFactory(issue=full, version=1, title="ផ្លូវខូច", text=TEXT)
    Issue.objects.filter(pk=full.pk).update(version=2, asked="សូមជួសជុលផ្លូវ។")
    full.refresh_from_db()
    CallFactory(referral=referral, by=guide)
    ProtectedPartFactory(issue=full)
    photo = _photo()
    file = ContentFile(photo, name="file")
    EvidenceFactory(issue=full, kind="image", thumbnail=photo, file=file, size=SIZE)
    EvidenceFactory(issue=full, size=SIZE)
    EvidenceFactory(issue=full, kind="audio", is_inside=True, transcript=TEXT, size=SIZE)


def _photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "seagreen").save(out, "JPEG")
    return out.getvalue()


def _freeze(scene) -> Issue:
    frozen = _in("accepted", scene, pressured_at=ago(2))
    PressureFactory(issue=frozen)
    return frozen


def _batches(guide, issue, language) -> dict[str, Batch]:
    """One in each state that has a page of its own without its rows."""
    common = {"by": guide, "language": language}
    faults = [
        {"line": line, "column": "theme", "sentence": FAULTS[language]} for line in (3, 17, 240)
    ]
    found = {
        state: BatchFactory(state=state, **common)
        for state in ("checking", "taking_in", "dropped", "done")
    }
    found["faulty"] = BatchFactory(state="faulty", faults=faults, **common)
    BatchLineFactory(batch=found["done"], issue=issue)
    return found
