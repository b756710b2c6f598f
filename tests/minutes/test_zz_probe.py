import io, re, subprocess, zipfile, uuid
import pytest
from django.urls import reverse
from audit import clock
from minutes import actions
from tests.factories import *
from tests.minutes.story import NOW, Story
pytestmark = pytest.mark.django_db

@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)

def text_of(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type","")
    if "pdf" in kind:
        open("/tmp/zz.pdf","wb").write(body)
        return subprocess.run(["pdftotext","-layout","/tmp/zz.pdf","-"],capture_output=True,text=True).stdout + subprocess.run(["pdfinfo","/tmp/zz.pdf"],capture_output=True,text=True).stdout
    if "wordproc" in kind:
        z = zipfile.ZipFile(io.BytesIO(body))
        return " ".join(z.read(n).decode("utf8","ignore") for n in z.namelist() if n.endswith((".xml",".rels")))
    return body.decode()

MARKS = ["Issue public","Issue restricted","Issue confidential","Issue frozen","Issue concerning","Said of confidential","Said of frozen","Said of concerning","Said of restricted","The weavers","PassageSecret","CommentSecret","AmendSecret","Chair Name"]

def test_probe(client):
    story = Story()
    other_province = ProvinceFactory(code="12")
    people = {
        "anon": None, "coord": story.coordinator, "coord2": coordinator_of(other_province),
        "rep": story.representative, "otherrep": representative_of(OrganizationFactory(provinces=[story.province])),
        "official(concerned)": story.official,
        "official2": None,
        "admin": None,
    }
    off2 = AuthorityFactory(province=story.province)
    InvitationFactory(session=story.session, authority=off2)
    people["official2"] = official_of(off2)
    uninv = AuthorityFactory(province=story.province)
    people["official uninvited"] = official_of(uninv)
    del people["admin"]
    for n in ("confidential","frozen","concerning"):
        story.write("PassageSecret "+n, kind="discussion", item=story.items[n])
    def look(stage):
        print("=====", stage)
        for who, user in people.items():
            client.logout()
            if user: client.force_login(user)
            for name in ("minutes","minutes_pdf","minutes_docx","scan","number","send","approve","publish","amend","withdraw"):
                for q in ("?lang=en",):
                    a = client.get(reverse("minutes:"+name,args=[story.session.pk])+q, headers={"accept-language":"en"})
                    t = text_of(a) if a.status_code==200 else ""
                    if a.status_code in (404,403): 
                        print(who,name,a.status_code); continue
                    print(who,name,a.status_code,[m for m in MARKS if m in t], a.headers.get("Cache-Control"), a.headers.get("ETag"), a.headers.get("Vary"))
                    if name=="minutes_pdf" and who in ("official(concerned)","anon"): print(re.sub(r"\n\s*\n+","\n",t)[:2500])
            for n,item in story.items.items():
                a = client.get(reverse("minutes:comment_item",args=[story.session.pk,item.pk]))
                print(who,"comment_item",n,a.status_code, end="; ")
            print()
    look("draft")
    story.send()
    story.say("CommentSecret", kind="discussion", item=story.items["concerning"])
    look("sent")
    m = story.approve()
    story.amend(text_en="AmendSecret", item=story.items["concerning"])
    look("approved")
    story.publish()
    look("published")
    client.logout()
    print(text_of(client.get(reverse("minutes:verify",args=[m.code]), headers={"accept-language":"en"}))[2000:6000])
    s = client.get(story.session.get_absolute_url(), headers={"accept-language":"en"})
    print("session page anon", s.status_code)
    print("crumb", story.session.published_at)
