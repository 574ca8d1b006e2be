"""The register of inputs: what every file of a result is, whose it is, and what nobody has said of it."""

from collections.abc import Mapping, Sequence

from holdfast.types import InputFile

ASKED = ("source", "licence", "date", "link", "purpose", "owner", "collection", "personal")
CONSENT = "consent"
UNKNOWN = "not stated"
WORDS: Mapping[object, str] = {None: UNKNOWN, True: "yes", False: "no"}


def register_rows(files: Sequence[InputFile], said: Mapping[str, Mapping[str, object]]) -> list[dict[str, object]]:
    """One row per input: table, file, rows, digest, and what is said and not said of it.

    Parameters
    ----------
    files : sequence of InputFile
        What a result was made from.
    said : mapping
        Table to what the study's register says of it: ``purpose``, ``owner``, ``collection``, ``personal``, ``consent``.

    Returns
    -------
    list of dict
        ``table``, ``file``, ``rows``, ``sha256``, `ASKED`, ``consent`` and ``missing``: what is not stated, consent only where the data
        are personal.

    Examples
    --------
    >>> file = InputFile("areas", "tracts.csv", "ab", 3, source="Census", licence="public domain", date="2018")
    >>> row = register_rows([file], {"areas": {"purpose": "statistics", "owner": "bureau", "personal": True}})[0]
    >>> row["missing"]
    'link, collection, consent'
    """
    rows = []
    for file in files:
        own = dict(said.get(file.table, {}))
        about: dict[str, object] = {k: getattr(file, k) if hasattr(file, k) else own.get(k) for k in ASKED}
        about[CONSENT] = own.get(CONSENT)
        missing = [k for k in ASKED if about[k] in (None, "")]
        missing += [CONSENT] if about["personal"] and not about[CONSENT] else []
        shown = {k: WORDS.get(v, v) if v != "" else UNKNOWN for k, v in about.items()}
        identity = {"table": file.table, "file": file.file, "rows": file.rows, "sha256": file.sha256}
        rows.append({**identity, **shown, "missing": ", ".join(missing)})
    return rows
