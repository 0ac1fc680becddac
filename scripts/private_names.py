"""Names that clash when two files are compiled as one."""

import re

BLANK = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
                   r"|^[ \t]*#[^\n]*", re.S | re.M)
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), *(\w+)\)", re.M)
# What these declare may be declared again; a member function, after "::", is none of the file.
REPEATABLE = re.compile(r"\s*(?:using [\w:\"]+;|using \w+ =|using namespace\b|namespace \w+ =|"
                        r"static_assert\b)")
NO_NAMES = {"", "const", "TEST", "TEST_F", "TEST_P", "INSTANTIATE_TEST_SUITE_P"}
DECLARED = re.compile(r"(?<!::)\b([A-Za-z_]\w*)\s*(?:final\b|[(=\[{;]|:(?!:))")


def private_names(text):
    """Of a source's text: names of its unnamed namespaces, with the named ones around, its tests and
    macros."""
    names = {f"{a}_{b}" for a, b in TEST.findall(text)}
    names |= set(re.findall(r"^#define (\w+)", text, re.M))
    code = BLANK.sub("", text)
    for opening in re.finditer(r"\bnamespace \{", code):
        around = re.findall(r"\bnamespace ([\w:]+) \{", code[:opening.start()])[-1:]
        depth, begin = 0, opening.end()
        for match in re.compile(r"[{};]").finditer(code, opening.end()):
            if depth == 0 and match.group(0) != "}" and not REPEATABLE.match(code, begin):
                name = DECLARED.search(code, begin, match.end())
                names.add("::".join([*around, name.group(1)]) if name else "")
            depth += {"{": 1, "}": -1, ";": 0}[match.group(0)]
            if depth < 0:
                break
            if depth == 0:
                begin = match.end()
    if re.search(r"\bint (?:main|LLVMFuzzerTestOneInput)\(|\bBENCHMARK_MAIN\b", code):
        names.add("main")
    return {name for name in names if name.rsplit("::", 1)[-1] not in NO_NAMES}
