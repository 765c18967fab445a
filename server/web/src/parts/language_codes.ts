/** Languages in which films are made or subtitled, by ISO 639-2/T. */

export const LANGUAGE_CODES = [
  "afr", "ara", "bel", "ben", "bul", "cat", "ces", "cym", "dan", "deu", "ell", "eng", "est", "eus", "fas", "fil", "fin", "fra",
  "gle", "glg", "heb", "hin", "hrv", "hun", "hye", "ind", "isl", "ita", "jpn", "kat", "kor", "lav", "lit", "mkd", "msa", "nld",
  "nor", "pol", "por", "ron", "rus", "slk", "slv", "spa", "sqi", "srp", "swe", "tam", "tel", "tha", "tur", "ukr", "urd", "vie",
  "yue", "zho",
] as const;
