"""Validates templates against the JSON Schema of the language, and that it refuses wrong ones."""

import json
import pathlib
import sys

import jsonschema

root = pathlib.Path(sys.argv[1])
schema = json.loads((root / "configs/schema/template.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)

FLOW = {"message": "m", "every": "1s"}
WRONG = [
    {"flows": {"f": FLOW}},
    {"spate": 2, "flows": {"f": FLOW}},
    {"spate": 1, "flowz": {"f": FLOW}},
    {"spate": 1, "flows": {"f": {"steps": [{"sned": "m"}]}}},
    {"spate": 1, "flows": {"f": {"steps": [{"send": "m", "wait": "1s"}]}}},
    {"spate": 1, "flows": {"f": {"message": "m", "every": "1 parsec"}}},
    {"spate": 1, "messages": {"m": {"packet": [{"udp": {"dst_prt": 1}}]}}},
]

right = sorted((root / "configs").glob("*.json"))
right += sorted((root / "tests/fuzz/seeds/template").glob("*.json"))
failed = 0
for path in right:
    for error in validator.iter_errors(json.loads(path.read_text())):
        print(f"{path}: {error.json_path}: {error.message}")
        failed += 1
for template in WRONG:
    if validator.is_valid(template):
        print(f"accepted: {json.dumps(template)}")
        failed += 1
print(f"{len(right)} templates, {len(WRONG)} wrong ones, {failed} failures")
sys.exit(1 if failed or not right else 0)
