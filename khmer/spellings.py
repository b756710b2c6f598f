"""Accepted spellings of one word: the table by which a search finds each of them by every other.

The key is the first spelling, to which a search brings the others. Khmer spellings are found inside
a text. Latin ones are found as whole words, in which a space stands for a hyphen or an apostrophe
too; so each inflection of an English word must be listed: by the whole word ``cashew``, brought to
its Khmer spelling, ``khmer.text.tsquery`` no longer finds ``cashews`` as the word's continuation.

Left out on purpose, for they would find too much: Kandal (កណ្ដាល is also "in the middle"), Preah
Vihear (ព្រះវិហារ is also any temple hall), Kep (កែប stands in កែបន្ថែម), "Orang" (a Malay word),
អូជុំ (stands in វីដេអូជុំវិញ), rubber (កៅស៊ូ is also a tarred road).
"""

PROVINCES = {
    "រតនគិរី": (
        "រតនៈគិរី",
        "ratanakiri",
        "ratanakkiri",
        "ratanak kiri",
        "ratanak kiry",
        "ratana kiri",
        "rattanakiri",
        "rattanakkiri",
        "rattanak kiri",
        "rattana kiri",
        "rotanakiri",
        "rotanak kiri",
    ),
    "មណ្ឌលគិរី": (
        "មណ្ឌលគីរី",
        "មណ្ដលគិរី",
        "mondulkiri",
        "mondolkiri",
        "mondul kiri",
        "mondol kiri",
        "mundulkiri",
    ),
    "ស្ទឹងត្រែង": (
        "stung treng",
        "stungtreng",
        "steung treng",
        "stoeung treng",
        "stoeng treng",
        "stueng treng",
        "stueng traeng",
    ),
    "ភ្នំពេញ": ("phnom penh", "phnompenh"),
    "បន្ទាយមានជ័យ": ("banteay meanchey", "banteay mean chey"),
    "បាត់ដំបង": ("battambang", "batdambang", "bat dambang"),
    "កំពង់ចាម": ("kampong cham", "kompong cham"),
    "កំពង់ឆ្នាំង": ("kampong chhnang", "kompong chhnang"),
    "កំពង់ស្ពឺ": ("kampong speu", "kompong speu", "kampong spueu"),
    "កំពង់ធំ": ("kampong thom", "kompong thom", "kampong thum"),
    "កោះកុង": ("koh kong", "kaoh kong"),
    "ក្រចេះ": ("kratie", "kratié", "kracheh"),
    "ព្រៃវែង": ("prey veng", "prey veaeng"),
    "ពោធិ៍សាត់": ("ពោធិសាត់", "pursat", "pouthisat"),
    "សៀមរាប": ("siem reap", "siemreap", "siem reab"),
    "ព្រះសីហនុ": ("preah sihanouk", "sihanoukville"),
    "តាកែវ": ("takeo", "takev"),
    "ឧត្តរមានជ័យ": ("oddar meanchey", "oddar mean chey", "otdar meanchey", "otdar mean chey"),
    "ត្បូងឃ្មុំ": ("tboung khmum", "tbong khmum", "tbong khmom", "tboung khmom"),
}

# Of the three founding provinces.
DISTRICTS = {
    "កែវសីមា": ("កែវសីម៉ា", "kaev seima", "keo seima", "keo sema", "kev seima"),
    "កោះញែក": ("kaoh nheaek", "koh nhek", "koh nheak", "koh nhaek", "kaoh nhek"),
    "អូររាំង": ("អូរាំង", "ou reang", "o reang", "oreang", "o raing", "oraing", "o rang", "ou rang"),
    "ពេជ្រាដា": (
        "pechreada",
        "pech chreada",
        "pichreada",
        "pich chreada",
    ),
    "សែនមនោរម្យ": (
        "saen monourom",
        "saen monorom",
        "saen meaknourum",
        "sen monorom",
        "senmonorom",
        "sen monorum",
        "sen monourom",
    ),
    "អណ្ដូងមាស": ("andoung meas", "andong meas", "andaung meas"),
    "បានលុង": ("ban lung", "banlung"),
    "បរកែវ": ("bar kaev", "bar keo", "bar kev", "barkeo", "barkaev", "bor keo", "borkeo", "bokeo"),
    "កូនមុំ": ("koun mom", "kon mum", "kon mom", "koun mum", "kounmom"),
    "លំផាត់": ("លុំផាត់", "lumphat", "lomphat", "lum phat", "lom phat"),
    "អូរជុំ": ("ou chum", "o chum", "ochum"),
    "អូរយ៉ាដាវ": (
        "អូយ៉ាដាវ",
        "ou ya dav",
        "ou yadav",
        "ou yadao",
        "o ya dav",
        "o yadav",
        "o yadao",
        "o yadaw",
        "oyadav",
        "oyadao",
        "oyadaw",
    ),
    "តាវែង": ("ta veaeng", "ta veng", "taveng", "taveaeng"),
    "វើនសៃ": ("veun sai", "voeun sai", "veunsai", "voeunsai", "voen sai"),
    "សេសាន": ("sesan", "se san"),
    "សៀមបូក": ("siem bouk", "siem bok", "siembouk"),
    "សៀមប៉ាង": ("siem pang", "siempang"),
    "ថាឡាបរិវ៉ាត់": (
        "thala barivat",
        "thalabarivat",
        "thala borivat",
        "thalaborivat",
        "thala boriwat",
    ),
    "បុរីអូរស្វាយសែនជ័យ": (
        "បូរីអូរស្វាយសែនជ័យ",
        "borei ou svay senchey",
        "borei ou svay sen chey",
        "borei o svay senchey",
        "borei o svay sen chey",
        "borey o svay senchey",
        "borey o svay sen chey",
    ),
}

# Written with or without a subscript, and two ways of the same sound.
WORDS = {
    "ចម្ការ": ("ចំការ",),
    "បណ្ណ": ("ប័ណ្ណ",),
    "គម្រោង": ("គំរោង",),
    "សម្រាប់": ("សំរាប់",),
    "សម្រេច": ("សំរេច",),
    "សម្រួល": ("សំរួល",),
    "ចម្រើន": ("ចំរើន",),
    "ចម្លើយ": ("ចំលើយ",),
    "តម្រូវ": ("តំរូវ",),
    "កម្រិត": ("កំរិត",),
    "ទម្រង់": ("ទំរង់",),
    "បម្រើ": ("បំរើ",),
    "កម្លាំង": ("កំលាំង",),
    "តម្លៃ": ("តំលៃ",),
    "សម្ភារ": ("សំភារ",),
    "សម្អាត": ("សំអាត",),
    "សម្រាម": ("សំរាម",),
    "សម្រាក": ("សំរាក",),
    "ជម្លោះ": ("ជំលោះ",),
    "ជម្រាប": ("ជំរាប",),
    "ជម្រើស": ("ជំរើស",),
    "ជម្រក": ("ជំរក",),
    "កម្រៃ": ("កំរៃ",),
    "ចម្ងាយ": ("ចំងាយ",),
    "ទម្ងន់": ("ទំងន់",),
}

# One thing, one Khmer word and one English word that mean nothing else.
THINGS = {
    "គ្រុនចាញ់": ("malaria",),
    "គ្រុនឈាម": ("dengue", "dengue fever"),
    "ដំឡូងមី": ("cassava",),
    "ស្វាយចន្ទី": ("cashew", "cashews", "cashew nut", "cashew nuts"),
    "សំបុត្រកំណើត": ("birth certificate", "birth certificates"),
    "សម្បទានសេដ្ឋកិច្ច": ("economic land concession", "economic land concessions"),
    "សម្បទានសង្គមកិច្ច": ("social land concession", "social land concessions"),
    "ព្រៃសហគមន៍": ("community forest", "community forests", "community forestry"),
}

SPELLINGS = {**PROVINCES, **DISTRICTS, **WORDS, **THINGS}
