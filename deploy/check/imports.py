"""Checks the direction of imports and the contents of the API folder. Reads imports.txt and foundation.txt.

usage: imports.py [FOLDER]      FOLDER holds Sources/ (default: this checkout)
       imports.py --self-test   plants one violation of every rule and expects each to be found, and nothing else
"""

import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(\w+)"
)
SQL = re.compile(
    r"\b(?:insert\s+into|delete\s+from|update\s+[\w.\"]+\s+set|create\s+(?:table|index)|alter\s+table|truncate\s+\w+"
    r"|select\s[\s\S]*\sfrom\s+[\w.]+|(?:left|inner|cross)\s+join|for\s+update)\b",
    re.IGNORECASE,
)
REDIS = re.compile(
    r"^(?:X(?:ADD|READ|READGROUP|ACK|CLAIM|AUTOCLAIM|GROUP|DEL|LEN|RANGE|TRIM|PENDING|INFO)|EVAL(?:SHA)?|Z[A-Z]{2,}|H(?:SET|GET|DEL|GETALL|INCRBY)"
    r"|[LR](?:PUSH|POP)|S(?:ADD|REM|MEMBERS|UBSCRIBE)|P?SUBSCRIBE|PUBLISH|SETEX|SETNX|INCR|INCRBY|EXPIRE|FLUSHALL|BLPOP|BRPOP)(?:\s|$)"
)


def table(path):
    """Lines of `key  words…`, without comments."""
    rows = {}
    for line in path.read_text().splitlines():
        words = line.split("#")[0].split()
        if words:
            rows[words[0]] = words[1:]
    return rows


def modules(sources):
    """Our own modules: the folders of Sources/ and Sources/Shared/."""
    found = [p for p in sources.iterdir() if p.is_dir() and p.name != "Shared"]
    shared = sources / "Shared"
    return found + ([p for p in shared.iterdir() if p.is_dir()] if shared.is_dir() else [])


def literals(text):
    """Yields (line number, text) of string literals, single-line and multi-line; comments are left out."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"""(.*?)"""|"((?:\\.|[^"\\\n])*)"', re.DOTALL)
    for match in pattern.finditer(text):
        literal = match.group(1) if match.group(1) is not None else match.group(2)
        if literal is not None:
            yield text.count("\n", 0, match.start()) + 1, literal


def violations(root):
    sources = root / "Sources"
    allowed = table(HERE / "imports.txt")
    foundation = table(HERE / "foundation.txt")
    folders = modules(sources)
    ours = {folder.name for folder in folders}
    for folder in sorted(folders):
        name = folder.relative_to(sources).as_posix()
        may = set(allowed.get(name, []))
        for path in sorted(folder.rglob("*.swift")):
            where = path.relative_to(root).as_posix()
            text = path.read_text()
            for number, line in enumerate(text.splitlines(), 1):
                match = IMPORT.match(line)
                if not match:
                    continue
                module = match.group(1)
                if module in ours and module not in may:
                    yield f"{where}:{number}: {name} may not import {module} (deploy/check/imports.txt)"
                if module in ("Foundation", "FoundationXML", "FoundationNetworking") and where not in foundation:
                    yield f"{where}:{number}: imports {module}; use FoundationEssentials (deploy/check/foundation.txt)"
            if name == "API":
                for number, literal in literals(text):
                    if SQL.search(literal):
                        yield f"{where}:{number}: SQL in the API folder; it belongs to Jobs or Pricing"
                    if REDIS.match(literal.strip()):
                        yield f"{where}:{number}: a Redis command in the API folder; it belongs to Jobs"


def self_test():
    planted = {
        "Sources/Shared/Contract/A.swift": ("import Engines\n", "Contract may not import Engines"),
        "Sources/Shared/Engines/A.swift": ("internal import struct Postgres.Row\n", "Engines may not import Postgres"),
        "Sources/Shared/Postgres/A.swift": ("import CLibpq\nimport Jobs\n", "Postgres may not import Jobs"),
        "Sources/Shared/Redis/A.swift": ("package import CLibpq\n", "Redis may not import CLibpq"),
        "Sources/Shared/Fetch/A.swift": ("@preconcurrency import Redis\n", "Fetch may not import Redis"),
        "Sources/Shared/Jobs/A.swift": ("@testable import API\n", "Jobs may not import API"),
        "Sources/Shared/Stray/A.swift": ("import Contract\n", "Stray may not import Contract"),
        "Sources/Worker/A.swift": ("import Scheduler\n", "Worker may not import Scheduler"),
        "Sources/Scheduler/A.swift": ("import Foundation\n", "imports Foundation"),
        "Sources/API/A.swift": ('let q = "insert into job_live values ($1)"\n', "SQL in the API folder"),
        "Sources/API/B.swift": ('let q = """\n    SELECT id\n      FROM job_live WHERE x\n    """\n', "API/B.swift:1: SQL"),
        "Sources/API/C.swift": ('try await redis.send("XADD", key)\n', "a Redis command"),
        # Nothing of this may be reported:
        "Sources/API/D.swift": ('// insert into x; "XADD"\nimport Jobs\nlet s = "choose a region"\n', None),
        "Sources/Shared/CLibpq/module.modulemap": ("module CLibpq {}\n", None),
        "Sources/Shared/Schema/A.swift": ("import Postgres\nimport FoundationEssentials\n", None),
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, (text, _) in planted.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        found = list(violations(root))
    wanted = [message for _, message in planted.values() if message]
    missed = [message for message in wanted if not any(message in line for line in found)]
    surplus = [line for line in found if not any(message in line for message in wanted)]
    for message in missed:
        print(f"self-test: planted but not found: {message}")
    for line in surplus:
        print(f"self-test: found though correct: {line}")
    return not missed and not surplus


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(0 if self_test() else 1)
    reports = list(violations(Path(sys.argv[1]) if sys.argv[1:] else HERE.parent.parent))
    print("\n".join(reports), end="\n" if reports else "")
    sys.exit(1 if reports else 0)
