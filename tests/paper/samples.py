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
