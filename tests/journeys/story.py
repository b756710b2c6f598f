"""What all chapters of a journey know: its place, the windows, the words, the mails, the days."""

import email
import email.policy

from audit import clock
from khmer import numbers
from outbox import actions as outbox
from outbox.models import Notice
from reminders import actions as reminders
from tests.browser.screen import DESK, PHONE
from tests.journeys.place import make_place

TYPED = {
    "km": {
        "title": "អណ្ដូងទឹករបស់ភូមិរីងស្ងួត",
        "text": "អណ្ដូងតែមួយរបស់យើងរីងស្ងួតតាំងពីខែមករា។ សូមជីកអណ្ដូងថ្មីមួយ។",
        "question": "តើអណ្ដូងនេះជម្រៅប៉ុន្មាន?",
        "reply": "ជម្រៅសាមសិបម៉ែត្រ។",
        "promise": "មន្ទីរនឹងជីកអណ្ដូងថ្មីមុនរដូវប្រាំង។",
        "answer": "ក្រុមការងារនឹងចុះទៅសប្ដាហ៍ក្រោយ។",
        "done": "យើងបានជីកអណ្ដូងថ្មីមួយ។",
        "done_again": "យើងបានជួសជុលស្នប់រួចហើយ។",
        "not_yet": "ស្នប់មិនទាន់ដំណើរការទេ។",
        "point": "ពាក្យស្វាគមន៍",
        "forum": "វេទិកាសាកល្បង",
        "venue": "សាលាខេត្ត",
        "said_by": "អភិបាលរងខេត្ត",
    },
    "en": {
        "title": "The well of the village has run dry",
        "text": "Our only well has been dry since January. Please dig another one.",
        "question": "How deep is the well?",
        "reply": "It is thirty meters deep.",
        "promise": "The department digs another well before the dry season.",
        "answer": "A team comes next week.",
        "done": "We have dug another well.",
        "done_again": "We have repaired the pump.",
        "not_yet": "The pump does not work yet.",
        "point": "Words of welcome",
        "forum": "Trial forum",
        "venue": "Provincial hall",
        "said_by": "Deputy governor",
    },
}


class Story:
    """One journey in one language; each of its people has a window."""

    def __init__(self, language, window, mail_sink, settings, desk=DESK):
        self.language = language
        self.place = make_place(language)
        self.typed = TYPED[language]
        self.mail_sink = mail_sink
        self.settings = settings
        self.coordinator = window(language, desk)
        self.representative = window(language, PHONE)
        self.official = window(language, PHONE)
        self.issue = self.session = self.referral = None

    def number(self, value):
        """A number as people of the language type and read it."""
        return numbers.to_khmer(value) if self.language == "km" else str(value)

    def status(self):
        self.issue.refresh_from_db()
        return self.issue.status

    def travel(self, days):
        """Let days pass, for the pages and for the engine."""
        self.settings.CLOCK_OFFSET += days * 24 * 60 * 60

    def run_engine(self):
        """What worker and beat do each minute, until nothing is left to do."""
        reminders.plan(now=clock.now())
        while outbox.dispatch_some(now=clock.now(), limit=50):
            pass

    def mails(self, kind, **about):
        """The mails of a kind that lie in the sink, found by the Message-ID of their notice."""
        rows = Notice.objects.filter(kind=kind, **about).values_list("message__message_id")
        wanted = {row[0] for row in rows}
        received = [
            email.message_from_bytes(one.content, policy=email.policy.default)
            for one in self.mail_sink.messages
        ]
        return [one for one in received if one["Message-ID"] in wanted]
