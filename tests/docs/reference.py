"""Keeps the reference parts of docs/ equal to the headers.

Usage: reference.py check|update <top of the tree>

A page says which header it documents between two comments, and this script writes what stands between them:

    <!-- reference: core/lock.hpp -->
    ...
    <!-- end of reference -->

From the header it takes the public declarations of namespace coweave, each with its `///` comment. `check` prints what is
out of date and exits with 1 if anything is; so does a public header of core that no page documents.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

BEGIN = re.compile(r"^<!-- reference: (?P<header>[\w/.]+)(?: (?P<only>[\w ,]+))? -->$")
END = "<!-- end of reference -->"

# Headers of core that are no part of what users write against.
INTERNAL = {
    "alarm", "callable", "callback", "check", "handle", "object", "observer", "ready_queue", "recycler", "ref", "ring", "slot",
    "text", "timers", "waiter", "delay", "done_handle", "ensure_future", "mailbox", "thread_job",
    "turn",
}


class Entry(NamedTuple):
    """A declaration, or several in a row that share a comment."""
    owner: str  # the class, or empty
    declarations: list[str]
    comment: list[str]


def end_of(declaration: str) -> int | None:
    """Where its ";" or the "{" of its body stands; None if it goes on in the next line."""
    depth = 0
    for index, character in enumerate(declaration):
        depth += character in "(["
        depth -= character in ")]"
        if depth == 0 and character in ";{":
            return index
    return None


def tidy(declaration: str) -> str:
    """The declaration as a user needs it: without template head, attributes, initialisers and body."""
    text = re.sub(r"\[\[[\w:]+\]\]\s*", "", " ".join(declaration.split()))
    text = re.sub(r"^template ?<(?:[^<>]|<[^<>]*>)*> ?", "", text)
    if text.startswith("requires"):
        # The clause is an expression in parentheses, or a concept with its arguments.
        text = re.sub(r"^requires ?(?:\((?:[^()]|\([^()]*\))*\)|[\w:]+<[^>]*>) ?", "", text)
    if (end := end_of(text)) is not None:
        text = text[:end]
    if match := re.search(r"\)(?: const| noexcept)* : ", text):  # a constructor's initialisers
        text = text[:match.start() + 1]
    text = re.sub(r"^(?:(?:explicit|inline|constexpr|virtual|friend) )+", "", text)
    text = re.sub(r"\s*\b(?:noexcept|override|final)\b(?!\()", "", text)
    text = re.sub(r"\bdetail::|\bcoweave::", "", text)
    text = re.sub(r",? ?std::source_location at = std::source_location::current\(\)", "", text)
    return text.rstrip("=; ")


def is_plumbing(declaration: str) -> bool:
    """Copying, destroying and what the compiler calls: nothing to document."""
    return bool(re.search(r"= de(lete|fault)|Ref<|Callback(Base)?&|ThreadJob&|ThreadsafeCall|ContextRef|Handle& handle|Timer& timer|"
                          r"^void (enqueue|arm)\(|TaskState|TaskBase&|FutureState|operator=|operator co_await|await_(ready|suspend|resume|transform)|^~|^friend |"
                          r"^using (?!.*=)|coweave_awaiter|^class |^struct |static_assert", declaration)
                or re.match(r"^(\w+)\(\s*(const )?\1(<\w+>)?\s*&&? ?\w*\)", declaration))


CLASS = re.compile(r"^(?:template ?<.*> )?(?:requires .* )?(?:class|struct) (?:\[\[\w+\]\] )?(?P<name>\w+)(?P<rest>[^;({]*)\{(?P<empty>\};)?$")


def declarations(header: str) -> list[Entry]:
    entries: list[Entry] = []
    depth = 0         # of namespaces
    owner, public = "", False
    comment: list[str] = []
    pending = ""      # a declaration that goes on in the next line
    shared = False    # what follows at once shares the comment of what stands before
    body_depth = 0    # braces of a body that is being skipped

    for line in header.splitlines():
        text = line.strip()
        if text.startswith("///"):
            if not pending and not body_depth:
                comment.append(text[3:].removeprefix(" "))
                shared = False
            continue
        code = re.sub(r'"(?:\\.|[^"\\])*"|//.*', "", text).strip()
        if body_depth:
            body_depth += code.count("{") - code.count("}")
            continue
        if not pending and (match := re.match(r"^(?:inline )?namespace ([\w:]*)\s*\{", text)):
            if "detail" in match[1] and not text.endswith("}"):
                body_depth = 1
            elif not text.endswith("}"):
                depth += 1
            comment.clear()
            continue
        if not code or code.startswith("#"):
            comment.clear()
            shared = False
            continue
        if not owner and not pending and code == "}":
            depth -= 1
            continue
        if depth == 0:
            comment.clear()
            continue
        if owner and code == "};" and not pending:
            owner = ""
            continue
        if owner and code in ("public:", "protected:", "private:"):
            public = code == "public:"
            comment.clear()
            continue
        pending = f"{pending} {code}".strip()
        end = end_of(re.sub(r"^(template ?<(?:[^<>]|<[^<>]*>)*> ?)?(requires\b)?", lambda m: " " * len(m[0]), pending))
        if end is None:
            continue
        declaration, pending = pending, ""
        if not owner and (match := CLASS.match(declaration)):
            if comment:
                entries.append(Entry(match["name"], [f"class {match['name']}"], list(comment)))
            if not match["empty"]:
                owner, public = match["name"], bool(re.search(r"(^|> )struct ", declaration))
            comment.clear()
            continue
        body_depth = declaration.count("{") - declaration.count("}")
        if owner and not public:
            comment.clear()
            continue
        short = tidy(declaration)
        if not short or is_plumbing(short):
            comment.clear()
            continue
        if comment or not (shared and entries):
            entries.append(Entry(owner, [short], list(comment)))
        else:
            entries[-1].declarations.append(short)
        shared = True
        comment.clear()
    return entries


def brief(header: str) -> list[str]:
    lines = header.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("///"))
    text = []
    for line in lines[start:]:
        if not line.startswith("///"):
            break
        text.append(line[3:].removeprefix(" "))
    return text


def reference(header: str, only: set[str]) -> list[str]:
    """The Markdown for a header."""
    out: list[str] = ["", *brief(header), ""]
    owner = ""
    for entry in declarations(header):
        name = entry.owner or re.split(r"[(<]", entry.declarations[0])[0].split()[-1]
        if only and name not in only:
            continue
        if entry.declarations == [f"class {entry.owner}"]:
            owner = entry.owner
            out += [f"#### class `{owner}`", "", *entry.comment, ""]
            continue
        if entry.owner and entry.owner != owner:
            owner = entry.owner
            out += [f"#### class `{owner}`", ""]
        out += ["```cpp", *[f"{declaration};" for declaration in entry.declarations], "```"]
        out += entry.comment or []
        out.append("")
    return out


def refreshed(page: Path, top: Path) -> tuple[str, set[str]]:
    """The page as it should be, and the headers that it documents."""
    out: list[str] = []
    headers: set[str] = set()
    inside = False
    for line in page.read_text().splitlines():
        if match := BEGIN.match(line):
            header = top / match["header"]
            if not header.is_file():
                sys.exit(f"{page}: there is no header {match['header']}")
            only = set(re.split(r"[ ,]+", match["only"])) if match["only"] else set()
            headers.add(match["header"])
            out += [line, *reference(header.read_text(), only)]
            inside = True
        elif line == END:
            if not inside:
                sys.exit(f"{page}: an end of reference without its beginning")
            out.append(line)
            inside = False
        elif not inside:
            out.append(line)
    if inside:
        sys.exit(f"{page}: a reference has no end")
    return "\n".join(out) + "\n", headers


def main() -> int:
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "update"):
        sys.exit(__doc__)
    top = Path(sys.argv[2])
    documented: set[str] = set()
    findings = []
    for page in sorted((top / "docs").rglob("*.md")):
        text, headers = refreshed(page, top)
        documented |= headers
        if text == page.read_text():
            continue
        if sys.argv[1] == "update":
            page.write_text(text)
            print(f"updated {page.relative_to(top)}")
        else:
            findings.append(f"{page.relative_to(top)}: its reference differs from the headers; run ./dev docs")
    for header in sorted((top / "core").glob("*.hpp")):
        if header.stem not in INTERNAL and f"core/{header.name}" not in documented:
            findings.append(f"core/{header.name}: no page of docs/ documents it")
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
