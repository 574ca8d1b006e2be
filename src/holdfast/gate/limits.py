"""The largest that is read; docs/results.md says them, and each is held before anything is unpacked or kept."""

KIB, MIB, GIB = 2**10, 2**20, 2**30

STUDY_BYTES = MIB
"""Bytes of a study file."""
STUDY_DEPTH = 20
"""Sections and lists inside one another in a study file."""
DIGITS = 4300
"""Digits of a number in TOML or JSON; Python itself refuses longer ones."""
OWN_JSON_BYTES = 64 * MIB
"""Bytes of a JSON file of a result, such as its manifest."""
OWN_JSON_DEPTH = 30
"""Objects and lists inside one another in a JSON file of a result."""
UNPACKED_BYTES = 4 * GIB
"""Bytes that one packed file (gz, zip, xlsx, Parquet, a block of draws) may unpack to."""
UNPACKED_RATIO = 250
"""Times its own size that a packed text or sheet of more than `UNPACKED_FREE` may unpack to; tables reach about 50."""
UNPACKED_FREE = 100 * MIB
"""Bytes that a packed file may unpack to whatever its own size."""
RASTER_PIXELS = 10**11
"""Pixels of a raster, all bands; the whole earth at 100 m has 7 x 10^10."""
BLOCK_PIXELS = 2**28
"""Pixels of one block (strip or tile) of a raster, which is read as a whole."""
DOWNLOAD_BYTES, DOWNLOAD_SECONDS = GIB, 600.0
"""Bytes, and seconds, that fetching one file from an address may take."""
TEXT_MEMORY, JSON_MEMORY = 6, 10
"""Bytes of memory that reading takes for each byte of a table in text, and of JSON."""
SHARE_OF_MACHINE = 0.8
"""Share of the memory or disk that is there which one file or run may need."""
