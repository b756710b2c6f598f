"""Texts of official papers, as a caller brings them."""

KHMER = {
    "language": "km",
    "digits": list("០១២៣៤៥៦៧៨៩"),
    "page_of": "ទំព័រ {page} នៃ {pages}",
    "head": {
        "kingdom": "ព្រះរាជាណាចក្រកម្ពុជា",
        "motto": "ជាតិ សាសនា ព្រះមហាក្សត្រ",
        "bodies": ["រដ្ឋបាលខេត្តរតនគិរី", "លេខាធិការដ្ឋាន"],
        "number": "លេខ: ០០១២/២៦",
    },
    "title": "លិខិតអញ្ជើញ",
    "note": "",
    "addressee": {"label": "សូមគោរពជូន៖", "lines": ["ឯកឧត្តម អភិបាលរងខេត្ត"]},
    "subject": {"label": "កម្មវត្ថុ៖", "lines": ["សំណើអញ្ជើញចូលរួមកិច្ចប្រជុំ"]},
    "references": [{"label": "យោង៖", "lines": ["- កម្មវិធីវេទិកាឆ្នាំ២០២៦"]}],
    "paragraphs": ["លេខាធិការដ្ឋានមានកិត្តិយសសូមគោរពអញ្ជើញ ឯកឧត្តម ចូលរួមកិច្ចប្រជុំ។"],
    "facts": [{"label": "ទីកន្លែង", "lines": ["សាលាខេត្ត", "ក្រុងបានលុង"]}],
    "closing": ["សូមឯកឧត្តមទទួលនូវការគោរពដ៏ខ្ពង់ខ្ពស់អំពីខ្ញុំ។"],
    "copies": [{"label": "កន្លែងទទួល៖", "lines": ["- ឯកសារ កាលប្បវត្តិ"]}],
    "signature": {
        "dates": ["ថ្ងៃចន្ទ ១៤កើត ខែផល្គុន", "បានលុង ថ្ងៃទី២ ខែមីនា ឆ្នាំ២០២៦"],
        "role": "ប្រធានលេខាធិការដ្ឋាន",
        "name": "",
    },
    "qr_title": "ស្កេនដើម្បីឆ្លើយតប",
    "qr_lines": ["vedika.example", "លេខ: ០០១២/២៦"],
}
ENGLISH = {
    "language": "en",
    "digits": list("0123456789"),
    "page_of": "Page {page} of {pages}",
    "head": {
        "kingdom": "Kingdom of Cambodia",
        "motto": "Nation Religion King",
        "bodies": ["Provincial Administration", "Secretariat"],
        "number": "No. 0012/26",
    },
    "title": "Letter of invitation",
    "note": "Translation",
    "addressee": {"label": "To:", "lines": ["His Excellency", "Deputy Governor"]},
    "subject": {"label": "Subject:", "lines": ["The third session"]},
    "references": [{"label": "References:", "lines": ["The programme"]}],
    "paragraphs": ["The secretariat invites you.", "Please name delegates."],
    "facts": [{"label": "Day", "lines": ["26 March 2026"]}, {"label": "Seats", "lines": ["2"]}],
    "closing": ["With respect."],
    "copies": [{"label": "Copies:", "lines": ["File"]}],
    "signature": {
        "dates": ["14th of Phalgun", "2 March 2026"],
        "role": "Head of secretariat",
        "name": "",
    },
    "qr_title": "Scan to answer:",
    "qr_lines": ["vedika.example", "No. 0012/26"],
}
ADDRESS = "https://vedika.example/reply/3f9c2a7b/"
LETTER = {"parts": [KHMER, ENGLISH], "address": ADDRESS}

SHEET = {
    "language": "en",
    "digits": list("0123456789"),
    "page_of": "Page {page} of {pages}",
    "title": "Attendance sheet",
    "head": ENGLISH["head"],
    "forum": "Forum 2026",
    "session": "Third session",
    "facts": [{"label": "Day", "lines": ["26 March 2026"]}],
    "columns": ["No.", "Person", "Office", "Sex", "Signature", "QR"],
    "qr_title": "Code to check in",
    "rows": [
        {"person": "Deputy Governor", "office": "Province", "sex": "m", "address": ADDRESS},
        {"person": "Director", "office": "Network", "sex": "f", "address": ""},
    ],
    "blanks": 2,
    "totals": [{"label": "Altogether", "all": "total", "women": "of whom women"}],
    "signature": ENGLISH["signature"],
    "footer": "Sheet of the third session",
    "landscape": False,
}

CERTIFICATE = {
    "language": "en",
    "digits": list("0123456789"),
    "head": ENGLISH["head"],
    "title": "Certificate of participation",
    "lead": ["The secretariat certifies that"],
    "person": "Ms Director",
    "office": "Network",
    "lines": ["took part in the third session."],
    "signature": ENGLISH["signature"],
    "qr_title": "To check:",
    "address": ADDRESS,
}


# --- the papers of a session day ------------------------------------------------------------
def _paper(words, language):
    """What every paper of a day opens and ends with, said short."""
    keys = ("language", "digits", "page_of", "head")
    return {key: language[key] for key in keys} | dict(
        zip(("title", "mark", "forum", "dates", "facts", "footer"), words, strict=True)
    )


def labelled(label, *lines):
    """A label and its lines."""
    return {"label": label, "lines": list(lines)}


def grid(heading, columns, *rows):
    """A table under its heading."""
    return {"heading": heading, "columns": columns, "rows": [list(row) for row in rows]}


OPENED = _paper(
    (
        "Minutes of the session in Mondulkiri",
        "Draft",
        "Forum 2026",
        ["3rd waxing day", "26 March 2026"],
        [labelled("Venue", "Provincial hall"), labelled("Chair", "Deputy Governor of Mondulkiri")],
        "Minutes, Mondulkiri",
    ),
    ENGLISH,
)
ITEM = {
    "number": "1",
    "title": "Road to the market",
    "reference": "11-2026-0012",
    "hidden": "",
    "facts": [labelled("Place", "Sen Monorom"), labelled("Officials who spoke", "Director")],
    "discussion": labelled("Discussion", "The road is closed in the rains.", "It was so in 2024."),
    "outcome": labelled("Outcome", "Referred"),
    "text": ["The department inspects the road."],
    "commitment": [labelled("By whom", "Director, Department of Public Works")],
    "offices": grid("", ["Office", "Part", "Due"], ("Public Works", "Answers", "9 April 2026")),
}
HIDDEN = "This item is confidential."
MINUTES = OPENED | {
    "attendance": grid("Attendance", ["Party", "Total", "Of whom women"], ("Province", "7", "2"))
    | {"total": ["Together", "12", "5"]},
    "figures_heading": "The session in figures",
    "figures": [labelled("Addressed", "4"), labelled("Referred", "3")],
    "opening": [{"heading": "Opening", "paragraphs": ["The chair opened the session."]}],
    "sections": [
        {"heading": "Land", "items": [ITEM, ITEM | {"number": "2", "hidden": HIDDEN}]},
        {"heading": "Water", "items": []},
    ],
    "closing": [{"heading": "Closing", "paragraphs": ["The chair closed the session."]}],
    "amendments": grid(
        "Amendments",
        ["No.", "Day", "Text", "Reason"],
        ("1", "2 May", "Answers by 16 April.", "Error"),
    ),
    "signatures": [
        {"role": "Chair", "title": "Deputy Governor", "name": "…", "dates": ["1 April 2026"]},
        {"role": "Co-presider", "title": "Network director", "name": "…", "dates": []},
    ],
    "verification": {"address": ADDRESS, "title": "Scan to check:", "lines": ["SHA-256 0f9a" * 3]},
}
AGENDA_ITEM = {
    "number": "1",
    "slot": "08:10–08:20",
    "minutes": "10",
    "reference": "11-2026-0012",
    "title": "Road to the market",
    "place": "Sen Monorom",
    "presenter": "Farmers of the hills",
    "hidden": "",
    "facts": [labelled("Offices expected", "Public Works", "Rural Development")],
    "matter": ["The road is closed in the rains."],
    "history": ["Raised 3 times since 2018", "12 organizations co-sign"],
}
POINT = AGENDA_ITEM | {
    "number": "",
    "title": "Anthem",
    "reference": "",
    "place": "",
    "presenter": "",
}
POINT |= {"facts": [], "matter": [], "history": []}
AGENDA = OPENED | {
    "title": "Agenda of the session in Mondulkiri",
    "columns": ["No.", "Time", "Item", "Place", "Presenter", "Minutes"],
    "sections": [
        {
            "heading": "Land",
            "sum": "30 minutes",
            "items": [POINT, AGENDA_ITEM, AGENDA_ITEM | {"number": "2", "hidden": HIDDEN}],
        }
    ],
    "sum": "Together 30 minutes",
    "full_heading": "The items",
}
BRIEF = OPENED | {
    "title": "Brief for the session in Mondulkiri",
    "columns": ["", "Raised", "Addressed", "Referred", "Resolved", "Confirmed", "Overdue"],
    "total": ["Together", "61", "20", "31", "14", "9", "8"],
    "groups": [
        {"heading": "By district", "rows": [["Sen Monorom", "9", "3", "5", "2", "1", "7"]]},
        {"heading": "By theme", "rows": [["Land", "8", "2", "6", "1", "0", "4"]]},
    ],
    "overdue": grid(
        "Overdue longest",
        ["Reference", "Place", "Office", "Days"],
        ("11-2025-0007", "Sen Monorom", "Public Works", "74"),
    ),
}
MATRIX = OPENED | {
    "title": "Issue matrix of the session in Mondulkiri",
    "columns": ["Reference", "Place", "Issue", "Outcome", "Authority", "Due"],
    "rows": [
        {
            "reference": "11-2026-0012",
            "place": "Sen Monorom",
            "issue": "Road to the market",
            "outcome": "Referred",
            "authority": "Public Works",
            "due": "9 April 2026",
        }
    ],
}
