"""Scenes of the character sets (PS3.5 6.1): a query in one, and an answer in it."""

# ruff: noqa: RUF001 - letters of other alphabets look like Latin ones

from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
    PatientRootQueryRetrieveInformationModelFind,
)

from captures.entities import PORT, accept, associate, check, implicit, make_acceptor
from captures.images import make_item
from captures.peers import tap

Match = tuple[str | list[str], str, str, str]
"""Specific character sets, then a patient's name, comments and a telephone number or address in them."""

FIND = PatientRootQueryRetrieveInformationModelFind

JAPANESE: list[Match] = [
    (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "本日は晴天なり。\r\nOK 次へ", "東京\\Kyoto 京都"),
    (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", "ｶﾝｼﾞｬ 患者", "ﾄｳｷｮｳ"),
    # Among the second bytes of these are those of a backslash, a caret and an equals sign.
    (["", "ISO 2022 IR 87"], "Kishimoto^Haruno=本学^五十枝=", "党 府 春", "本\\五\\出"),
    (["", "ISO 2022 IR 87", "ISO 2022 IR 159"], "Taro^Kyuu=丂田^太郎=", "丂", "東京"),
]
KOREAN: list[Match] = [
    (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동", "좋은 날씨\r\nfine 맑음", "서울\\Busan 부산"),
]
CHINESE: list[Match] = [
    ("GB18030", "Wang^XiaoDong=王^小东=", "今天\r\n很好", "北京\\上海"),
    # The second bytes of 誠 and 診 are those of a backslash; 𠀀 has four bytes.
    ("GB18030", "Zhang^Cheng=張^誠=", "診 𠀀 €", "診\\診"),
    ("GBK", "Zhang^Cheng=張^誠=", "診", "診\\診"),
]
CYRILLIC: list[Match] = [
    ("ISO_IR 144", "Иванов^Иван^Иванович", "Первая строка\r\nвторая", "Москва\\Тверь"),
    (["ISO 2022 IR 100", "ISO 2022 IR 144"], "Müller^Люк", "Größe: Ж", "Köln\\Тверь"),
]
LATIN: list[Match] = [
    ("ISO_IR 100", "Buc^Jérôme", "Äneas\r\nRüdiger", "Besançon\\Köln"),
    ("ISO_IR 101", "Wałęsa^Łukasz", "Żółw", "Łódź"),
    ("ISO_IR 148", "Şahin^Işıl", "ğ", "İzmir"),
]
UNICODE: list[Match] = [
    ("ISO_IR 192", "Wang^XiaoDong=王^小東=", "Zwölf Boxkämpfer\r\nüber 😀", "Ελλάδα\\תל אביב"),
    ("ISO_IR 192", "Yamada^Tarou=山田^太郎=やまだ^たろう", "e\u0301 is é", "München"),
]
OTHERS: list[Match] = [
    ("ISO_IR 126", "Διονυσιος", "Ένα", "Αθήνα"),
    ("ISO_IR 127", "قباني^لنزار", "واحد", "عمان"),
    ("ISO_IR 138", "שרון^דבורה", "אחת", "חיפה"),
    ("ISO_IR 166", "นามสกุล^ชื่อ", "หนึ่ง", "กรุงเทพ"),
    ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ", "ｲﾁ", "ﾄｳｷｮｳ"),
]


def make_identifier(match: Match) -> Dataset:
    """Build an identifier of a patient, at the patient level."""
    terms, name, comments, address = match
    identifier = make_item(SpecificCharacterSet=terms, QueryRetrieveLevel="PATIENT", PatientID="SYN-0001")
    identifier.PatientName = name
    identifier.PatientAddress = address.split("\\")[0]
    identifier.OtherPatientNames = name
    identifier.PatientTelephoneNumbers = address.split("\\")
    identifier.PatientComments = comments
    return identifier


def ask(association: Association, match: Match, message_id: int) -> None:
    """Ask for the patient by name, in the same character set."""
    wanted = make_identifier(match)
    for keyword in ("OtherPatientNames", "PatientTelephoneNumbers", "PatientComments", "PatientAddress", "PatientID"):
        setattr(wanted, keyword, None)
    *pending, (final, _) = association.send_c_find(wanted, FIND, message_id)
    check(final)
    check(pending[0][0], 0xFF00)


def ask_for_all(pcap: Path, matches: list[Match]) -> None:
    """Ask for each patient and get an answer."""
    answers = iter(matches)

    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset]]:
        yield 0xFF00, make_identifier(next(answers))

    contexts = implicit(FIND)
    with (
        accept(make_acceptor(contexts), handlers=[(evt.EVT_C_FIND, answer)]),
        tap(pcap, PORT),
        associate(contexts) as association,
    ):
        for message_id, match in enumerate(matches, 1):
            ask(association, match, message_id)


def ask_in_latin(pcap: Path) -> None:
    """Ask and answer in Latin alphabets No. 1, 2 and 5 (ISO_IR 100, 101, 148)."""
    ask_for_all(pcap, LATIN)


def ask_in_cyrillic(pcap: Path) -> None:
    """Ask and answer in Cyrillic (ISO_IR 144), and in Latin and Cyrillic with escape sequences."""
    ask_for_all(pcap, CYRILLIC)


def ask_in_japanese(pcap: Path) -> None:
    """Ask and answer in Japanese (ISO 2022 IR 13, 87, 159), with names in three component groups."""
    ask_for_all(pcap, JAPANESE)


def ask_in_korean(pcap: Path) -> None:
    """Ask and answer in Korean (ISO 2022 IR 149), with a name in three component groups."""
    ask_for_all(pcap, KOREAN)


def ask_in_chinese(pcap: Path) -> None:
    """Ask and answer in Chinese (GB18030, GBK), with second bytes that look like backslashes."""
    ask_for_all(pcap, CHINESE)


def ask_in_unicode(pcap: Path) -> None:
    """Ask and answer in UTF-8 (ISO_IR 192)."""
    ask_for_all(pcap, UNICODE)


def ask_in_others(pcap: Path) -> None:
    """Ask and answer in Greek, Arabic, Hebrew, Thai and katakana (ISO_IR 126, 127, 138, 166, 13)."""
    ask_for_all(pcap, OTHERS)


SCENES = {
    "charset-latin": ask_in_latin,
    "charset-cyrillic": ask_in_cyrillic,
    "charset-japanese": ask_in_japanese,
    "charset-korean": ask_in_korean,
    "charset-chinese": ask_in_chinese,
    "charset-utf-8": ask_in_unicode,
    "charset-others": ask_in_others,
}
