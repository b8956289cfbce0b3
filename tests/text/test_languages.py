"""Languages: told from the text where nobody says it, and read with what is known of each."""

from __future__ import annotations

import pytest

from tests.builders import document, texts
from tests.processes import printed
from worker.pipeline import Recipe, read
from worker.text.languages import detect, empty_words, grammar, stemmer, stop_words
from worker.text.words import stem, written

SAID = {
    "ar": "أعلنت وزارة الصحة يوم الاثنين أن عدد المصابين ارتفع في المدينة. وقال الوزير إن المستشفيات مستعدة.",
    "cs": "Ministerstvo zdravotnictví v pondělí oznámilo, že počet nemocných v Praze stoupl. Nemocnice jsou připravené.",
    "da": "Sundhedsministeriet meddelte mandag, at antallet af syge i København er steget. Hospitalerne er klar.",
    "de": "Das Gesundheitsministerium teilte am Montag mit, dass die Zahl der Kranken gestiegen ist. Der Fluss trat über.",
    "el": "Το υπουργείο Υγείας ανακοίνωσε τη Δευτέρα ότι ο αριθμός των ασθενών αυξήθηκε. Τα νοσοκομεία είναι έτοιμα.",
    "en": "The ministry of health said on Monday that the number of patients had risen. The hospitals are ready.",
    "es": "El ministerio de Sanidad anunció el lunes que el número de enfermos ha subido. Los hospitales están listos.",
    "fi": "Terveysministeriö ilmoitti maanantaina, että sairaiden määrä on noussut. Sairaalat ovat valmiina.",
    "fr": "Le ministère de la Santé a annoncé lundi que le nombre de malades avait augmenté. Les hôpitaux sont prêts.",
    "he": "משרד הבריאות הודיע ביום שני כי מספר החולים עלה. בתי החולים ערוכים לקלוט אותם.",
    "hi": "स्वास्थ्य मंत्रालय ने सोमवार को कहा कि मरीजों की संख्या बढ़ गई है। अस्पताल तैयार हैं।",
    "hu": "Az egészségügyi minisztérium hétfőn közölte, hogy nőtt a betegek száma. A kórházak felkészültek.",
    "it": "Il ministero della Salute ha annunciato lunedì che il numero dei malati è aumentato. Gli ospedali sono pronti.",
    "ja": "厚生労働省は月曜日、患者の数が増えたと発表した。病院は準備ができている。",
    "ko": "보건복지부는 월요일 환자 수가 늘었다고 밝혔다. 병원들은 준비가 되어 있다.",
    "nl": "Het ministerie van Volksgezondheid meldde maandag dat het aantal zieken is gestegen. De ziekenhuizen zijn klaar.",
    "pl": "Ministerstwo Zdrowia poinformowało w poniedziałek, że liczba chorych wzrosła. Szpitale są gotowe.",
    "pt": "O ministério da Saúde anunciou na segunda-feira que o número de doentes aumentou. Os hospitais estão prontos.",
    "ro": "Ministerul Sănătății a anunțat luni că numărul bolnavilor a crescut. Spitalele sunt pregătite.",
    "ru": "Министерство здравоохранения сообщило в понедельник, что число больных выросло. Больницы готовы.",
    "sv": "Socialdepartementet meddelade på måndagen att antalet sjuka har ökat. Sjukhusen är beredda.",
    "th": "กระทรวงสาธารณสุขแถลงเมื่อวันจันทร์ว่าจำนวนผู้ป่วยเพิ่มขึ้น โรงพยาบาลพร้อมรับมือ",
    "tr": "Sağlık Bakanlığı pazartesi günü hasta sayısının arttığını açıkladı. Hastaneler hazır.",
    "uk": "Міністерство охорони здоров'я повідомило в понеділок, що кількість хворих зросла. Лікарні готові.",
    "zh": "卫生部星期一宣布，病人人数增加了。医院已经做好准备。市长说，情况得到控制。河水没有上涨。",
}


@pytest.mark.parametrize("language", SAID)
def test_a_text_s_language_is_told(language: str) -> None:
    """25 languages, by two sentences each."""
    assert language == detect([SAID[language]])


@pytest.mark.parametrize("language", SAID)
def test_a_text_of_each_language_is_read(language: str) -> None:
    """Its sentences are cut, ordered, ranked and quoted, and not a letter is lost."""
    said = (SAID[language], SAID[language] + " 2026", "12 345.")
    found = document(*said, title=SAID[language][:30], language=language)
    reading = read(found, Recipe(sentences=1))
    assert len(reading.summary.sentences) == 1
    assert reading.summary.sentences[0].text in "".join(said)
    assert len(reading.sentences) + len(reading.repeats) >= 2


def test_little_text_is_of_the_default_language() -> None:
    """From a word or from numbers nobody can tell."""
    assert detect(["Update"]) == "en"
    assert detect(["1234 5678"] * 50) == "en"
    assert detect([]) == "en"


def test_the_detector_is_loaded_only_where_nobody_says_the_language() -> None:
    """It takes 122 MB."""
    program = (
        "import sys; from worker.text.languages import detect, stop_words; from worker.pipeline import Recipe, read; "
        "from tests.builders import NEWS, document; read(document(*NEWS), Recipe()); print('py3langid' in sys.modules)"
    )
    assert printed(program) == "False\n"


def test_words_without_spaces_are_pairs_of_characters() -> None:
    """Chinese, Japanese and Thai."""
    assert written("卫生部宣布") == ("卫生", "生部", "部宣", "宣布")
    assert written("2026年") == ("2026", "年")
    assert written("หมอ") == ("หม", "มอ")
    assert written("東京でiPhoneを") == ("東京", "京で", "iPhone", "を")


def test_marks_belong_to_their_word() -> None:
    """A vowel sign ends no word in Hindi, nor an accent in two code points."""
    assert written("मंत्रालय ने") == ("मंत्रालय", "ने")
    assert written("cafe\u0301 noir") == ("cafe\u0301", "noir")


def test_apostrophes_are_left_out_and_elisions_cut() -> None:
    """ "don't" reads like "dont", as in texts that have lost it; "l'homme" is the man."""
    assert written("don’t 'quote' “it”") == ("dont", "quote", "it")
    assert written("L’homme qu'il a vu aujourd'hui") == ("L", "homme", "qu", "il", "a", "vu", "aujourdhui")
    assert stem("Harbours") == stem("harbour") == "harbou"


def test_without_a_list_the_most_frequent_words_are_the_empty_ones() -> None:
    """Dutch has no list: what stands in many sentences says little."""
    said = ["De boot van Pell ligt in de haven.", "De storm kwam van het noorden.", "De kade van steen brak in de nacht.",
            "De schipper en de loods gingen van boord."]  # fmt: skip
    assert stop_words("nl") == frozenset()
    assert {"van", "de"} <= empty_words("nl", said)
    assert not {"storm", "boot", "Pell", "pell"} & empty_words("nl", said)
    assert empty_words("en", said) == stop_words("en")


def test_an_unknown_language_is_read_without_help() -> None:
    """No stem is cut off, no word leans."""
    assert stemmer("xx")("Harbours") == "harbours"
    assert grammar("xx").pronouns == frozenset()
    assert texts(read(document("Zzz yyy xxx www vvv.", language="xx"), Recipe()).summary.sentences)
