"""The page that a browser sees while the server starts: no script, nothing loaded, reloads itself."""

import base64
import hashlib
from html import escape

from app.texts import START_TEXTS
from server.kernel.phases import Phase, PhaseName

_ORDER: tuple[PhaseName, ...] = ("postgres", "migrate", "modules", "ready")

# Colours of the look: server/web/src/look/tokens.json
_STYLE = """
:root{color-scheme:dark light;--ground:#0c1016;--surface:#141a22;--line:#2a3442;--text:#eef2f7;--muted:#a9b4c3;
--accent:#e0ae4e;--good:#58b978}
@media(prefers-color-scheme:light){:root{--ground:#f6f7f9;--surface:#fff;--line:#d9dee6;--text:#10151c;--muted:#465162;
--accent:#8a5a00;--good:#1b7f3f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--ground);color:var(--text);
font:16px/1.45 Inter,system-ui,sans-serif}
main{width:100%;max-width:420px;padding:32px;background:var(--surface);border:1px solid var(--line);border-radius:16px}
h1{margin:0 0 8px;font-size:25px;line-height:1.15}
p{margin:0 0 24px;color:var(--muted)}
ol{margin:0;padding:0;list-style:none}
li{padding:8px 0 8px 28px;position:relative;color:var(--muted)}
li::before{content:"";position:absolute;left:4px;top:15px;width:10px;height:10px;border-radius:50%;
border:2px solid var(--line)}
li.done::before{background:var(--good);border-color:var(--good)}
li.now{color:var(--text);font-weight:600}
li.now::before{border-color:var(--accent)}
progress{display:block;width:100%;height:4px;margin-top:8px;appearance:none;border:0;border-radius:2px;
background:var(--line);accent-color:var(--accent)}
progress::-webkit-progress-bar{background:var(--line);border-radius:2px}
progress::-webkit-progress-value{background:var(--accent);border-radius:2px}
progress::-moz-progress-bar{background:var(--accent);border-radius:2px}
""".replace("\n", "")

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def status_page(phase: Phase, language: str, *, failure: str | None = None) -> bytes:
    """Return the page; the style is bound by its hash in `POLICY`. With a failure it stays as it is."""

    def say(code: str) -> str:
        return escape(START_TEXTS.text(language, f"start.{code}", {}).detail)

    steps = "".join(
        f'<li class="{_mark(name, phase)}">{say(name)}{_bar(phase, say(name)) if name == phase.name else ""}</li>'
        for name in _ORDER
    )
    title = "stopping" if phase.name == "stopping" else "title"
    refresh = '<meta http-equiv="refresh" content="1">'
    said = say("wait")
    if failure is not None:
        title, refresh, said = "failed", "", escape(failure)
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"{refresh}<title>Revenge</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{say(title)}</h1><p>{said}</p><ol>{steps}</ol></main></body></html>"
    ).encode()


def _mark(name: PhaseName, phase: Phase) -> str:
    if name == phase.name:
        return "now"
    is_done = phase.name in _ORDER and _ORDER.index(name) < _ORDER.index(phase.name)
    return "done" if is_done else "later"


def _bar(phase: Phase, label: str) -> str:
    if not phase.total_count:
        return ""
    count = f"{phase.done_count}/{phase.total_count}"
    return f' {count}<progress max="{phase.total_count}" value="{phase.done_count}" aria-label="{label} {count}"></progress>'
