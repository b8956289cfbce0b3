"""Languages: which one a text is in, and what is known of each: stems, stop words, words that lean on others.

A language is named by its two-letter code. What is not known of one is done without: no stem is cut
off, and the stop words are the most frequent words of the text itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from worker.text.words import written

#: The one taken where neither the feed, the file nor the text itself says another.
DEFAULT = "en"
#: Bytes of letters too few to tell a language by: py3langid takes "Update" for Norwegian. A Chinese
#: character tells as much as three Latin letters, and is three bytes long.
_FEWEST = 40
#: So much of a long text tells its language as well as all of it.
_ENOUGH = 500
#: Below this probability the detector guesses.
_SURE = 0.8
#: A word in more of the sentences than this says little, and so do the most frequent ones.
_EVERYWHERE, _MOST_FREQUENT = 0.15, 40

#: sumy's lists of stop words, by language.
_LISTS = dict(
    pair.split(":")
    for pair in (
        "ar:arabic cs:czech de:german en:english es:spanish fr:french he:hebrew it:italian ja:japanese ko:korean "
        "pl:polish pt:portuguese sk:slovak sv:swedish th:thai uk:ukrainian zh:chinese"
    ).split()
)


@dataclass(frozen=True)
class Grammar:
    """Words of a language that show how a sentence stands to those around it; in lower case."""

    pronouns: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    connectives: frozenset[str] = frozenset()
    pointers: frozenset[str] = frozenset()
    definite: frozenset[str] = frozenset()
    indefinite: frozenset[str] = frozenset()


def _grammar(*lists: str) -> Grammar:
    return Grammar(*(frozenset(words.split()) for words in lists))


_GRAMMARS = {
    "en": _grammar(
        "he she they it his her their its him them hers himself herself",
        "i we our my us me you your im ive dont youre were thats",
        "but and however meanwhile also so then yet still instead moreover furthermore though although thus nor "
        "nevertheless therefore besides similarly likewise otherwise",
        "this that these those such",
        "the",
        "a an another",
    ),
    "fr": _grammar(
        "il elle ils elles lui leur leurs son sa ses celui celle ceux celles",
        "je nous notre nos mon ma mes on vous votre vos jai cest j",
        "mais et or cependant ainsi donc puis enfin toutefois pourtant alors car néanmoins aussi",
        "ce cet cette ces cela ceci",
        "le la les l",
        "un une des",
    ),
    "de": _grammar(
        "er sie es ihm ihn ihr ihre ihrer ihrem ihren sein seine seiner seinem seinen",
        "ich wir mir mich uns unser unsere mein meine du dein deine euch",
        "aber und doch jedoch dennoch auch außerdem zudem deshalb daher darum dann dabei dagegen allerdings trotzdem",
        "dies diese dieser dieses diesem diesen jene jener jenes das dafür damit davon",
        "der die das den dem des",
        "ein eine einen einem einer eines",
    ),
    "es": _grammar(
        "él ella ellos ellas ello su sus le les lo",
        "yo nosotros nuestro nuestra mi mis tú tu usted me nos",
        "pero y sin embargo además también así entonces luego aunque mientras pues",
        "este esta estos estas ese esa esos esas esto eso aquel aquella",
        "el la los las",
        "un una unos unas",
    ),
    "it": _grammar(
        "lui lei egli ella essi esse loro suo sua suoi sue",
        "io noi nostro nostra mio mia mi ci tu voi",
        "ma e però tuttavia inoltre anche così quindi dunque allora poi infatti intanto",
        "questo questa questi queste quello quella quelli quelle ciò",
        "il lo la i gli le l",
        "un uno una",
    ),
    "pt": _grammar(
        "ele ela eles elas seu sua seus suas lhe",
        "eu nós nosso nossa meu minha você me",
        "mas e porém contudo entretanto além também assim então depois portanto",
        "este esta estes estas esse essa esses essas isto isso aquele aquela",
        "o a os as",
        "um uma uns umas",
    ),
    "nl": _grammar(
        "hij zij ze het hem haar hun zijn",
        "ik wij we ons onze mijn mij jij je u",
        "maar en echter toch ook bovendien daarnaast daarom dus dan toen intussen",
        "dit dat deze die zulke daar daarmee",
        "de het",
        "een",
    ),
    "sv": _grammar(
        "han hon de den det hans hennes deras dess dem",
        "jag vi vår min mitt mig oss du ni",
        "men och dock ändå också dessutom därför så sedan samtidigt",
        "detta denna dessa",
        "den det de",
        "en ett",
    ),
    "pl": _grammar(
        "on ona ono oni one jego jej ich",
        "ja my nasz nasza mój moja mnie nas",
        "ale i jednak także również więc zatem potem ponadto natomiast",
        "to ten ta te ci tamten",
    ),
    "cs": _grammar(
        "on ona ono oni jeho její jejich",
        "já my náš naše můj moje mě nás",
        "ale a však také proto tedy pak navíc přesto",
        "to ten ta tento tato toto tyto",
    ),
    "ru": _grammar(
        "он она оно они его её ее их ему ей им",
        "я мы наш наша мой моя нас меня вы",
        "но и однако также поэтому затем потом кроме при",
        "это этот эта эти тот та те такой",
    ),
    "uk": _grammar(
        "він вона воно вони його її їх їхній",
        "я ми наш наша мій моя нас мене ви",
        "але і та однак також тому потім крім проте",
        "це цей ця ці той такий",
    ),
    "tr": _grammar(
        "o onlar onun onların ona",
        "ben biz bizim benim siz",
        "ama ve ancak fakat ayrıca böylece sonra",
        "bu şu bunlar şunlar",
    ),
}


def grammar(language: str) -> Grammar:
    """What is known of a language's function words; nothing of most."""
    return _GRAMMARS.get(language, Grammar())


@lru_cache(maxsize=64)
def stemmer(language: str) -> Callable[[str], str]:
    """The stemmer of sumy for a language; one that leaves words alone where there is none."""
    from sumy.nlp.stemmers import Stemmer, null_stemmer

    try:
        stem = Stemmer(language)
        stem("words")  # sumy's Polish one wants a package that it does not bring, and says so only here
    except (LookupError, ValueError):
        stem = null_stemmer
    return lru_cache(maxsize=100_000)(stem)


@lru_cache(maxsize=64)
def stop_words(language: str) -> frozenset[str]:
    """The stop words that sumy has for a language: 17 of them; else none.

    Its lists are read as they lie there: its own way to them takes 40 MB for the names of all languages.
    """
    if language not in _LISTS:
        return frozenset()
    listed = files("sumy").joinpath(f"data/stopwords/{_LISTS[language]}.txt").read_text(encoding="utf-8")
    return frozenset(line.rstrip() for line in listed.splitlines() if line)


def empty_words(language: str, texts: Iterable[str]) -> frozenset[str]:
    """The words that tell nothing: the language's stop words, or the most frequent ones of these texts."""
    return stop_words(language) or _frequent(texts)


def _frequent(texts: Iterable[str]) -> frozenset[str]:
    """The words in lower case that stand in more than a seventh of the texts, 40 at most."""
    rows = [{word for word in written(text) if word.islower()} for text in texts]
    counts = Counter(word for row in rows for word in row)
    ranked = sorted(counts.items(), key=lambda found: (-found[1], found[0]))[:_MOST_FREQUENT]
    return frozenset(word for word, count in ranked if count > max(2, _EVERYWHERE * len(rows)))


def detect(texts: Iterable[str]) -> str:
    """The two-letter code of the language that the texts are in; DEFAULT where one cannot tell.

    py3langid (Lui and Baldwin 2012): 500 characters take 0.6 ms. Loaded at the first call
    (122 MB): who names the language of a source never pays for it.
    """
    sample = ""
    for text in texts:
        sample = f"{sample} {text}"
        if len(sample) > _ENOUGH:
            break
    if len("".join(filter(str.isalpha, sample)).encode("utf-8", "replace")) < _FEWEST:
        return DEFAULT
    language, probability = _detector().classify(sample[:_ENOUGH])
    return str(language) if probability >= _SURE else DEFAULT


@lru_cache(maxsize=1)
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
