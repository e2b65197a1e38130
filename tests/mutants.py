"""mutants.py --sarif SCHEMA LOG: whether LOG is what SCHEMA demands.
mutants.py --write COUNT SEED SITE...: write the sites of the next line as 0.yaml, 1.yaml and so on.
mutants.py SCHEMA COUNT SEED SITE...: whether the schema and the loader agree about COUNT sites, made from SITEs by one or two mistakes each.

A validator that knows nothing of timetier judges each site by the schema, and `$TIMETIER check` by the loader.  A schema sees one
value at a time, and a number in quotes as a text (the loader reads it as a number): what a name refers to, what two keys say together, and what a file holds is beyond it.  BEYOND has these findings.
"""

import itertools
import json
import os
import random
import re
import subprocess
import sys

import jsonschema
import yaml

# Findings of the loader that no schema can have.
BEYOND = {
    "unknown-name": "what a name refers to is elsewhere in the file",
    "duplicate-name": "two places have to be compared",
    "duplicate-address": "two places have to be compared",
    "source-loop": "tiers have to be followed",
    "poll-order": "two keys have to be compared",
    "key-state": "keys.yaml has no schema",
    "key-file-open": "the file's mode is not in it",
    "unreadable-file": "whether a file is there is not in it",
}
# Parts of findings with other rules that are beyond a schema, too, and why.
BEYOND_TEXTS = {
    r"keys\.yaml:": "keys.yaml has no schema",
    r"cannot be called all": "it is a name like others",
    r"address or DNS name|not an IP address|not an address|numbers up to 255|is not a network|prefix|host bits": "an address has numbers up to 255 and a structure",
    r"`(offset|error_bound|limit|confirm_within)` is .* not between": "a duration's size needs its unit",
    r"https://ADDRESS:PORT": "the address in it has a structure",
    r"range|names \d+ hosts|hosts of|is not a host name": "a range's size, its brackets, and what it expands to",
    r"is not user@host|hosts are not reached at one address": "a text with an address in it",
    r"\bday\b": "how many days a month has",
}
WORDS = ["", "x", "-1", "0", "1", "5", "17", "18", "99999999", "1.5", "true", "maybe", "5ms", "5", "5 parsecs", "0s", "10%", "101%",
         "0%", "192.0.2.7", "192.0.2.0/24", "2001:db8::7", "300.1.1.1", "core", "all", "chrony", "ntpd", "mesh", "ring", "a b", "_x",
         "https://192.0.2.9:8123", "http://192.0.2.9:8123", "linear-24h", "2027-06-30", "2027-13-30", "root@host:22", "-", "~x"]


class Core(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as its version 1.2 resolves plain scalars, and as editors do: yes, 1:30 and 2027-06-30 are texts."""


    @classmethod
    def is_text(cls, plain):
        return not any(pattern.match(plain) for rows in cls.yaml_implicit_resolvers.values() for _, pattern in rows)


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (("bool", r"^(true|false)$", "tf"), ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
                            ("float", r"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+)$", "-+.0123456789"), ("null", r"^(~|null|)$", ["~", "n", ""]), ("merge", "^<<$", "<")):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def scalar(text, quoted=False):
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style='"' if quoted else None)


def places(node, found):
    """Every (map or list, index) below node: a value that can be changed."""
    if isinstance(node, yaml.MappingNode):
        for at, (_, value) in enumerate(node.value):
            found.append((node, at))
            places(value, found)
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            found.append((node, at))
            places(value, found)
    return found


def copy(node):
    if isinstance(node, yaml.MappingNode):
        return yaml.MappingNode(node.tag, [(scalar(key.value), copy(value)) for key, value in node.value], flow_style=False)
    if isinstance(node, yaml.SequenceNode):
        return yaml.SequenceNode(node.tag, [copy(value) for value in node.value], flow_style=False)
    return yaml.ScalarNode("tag:yaml.org,2002:str", node.value, style=node.style)


def mistake(root, chance):
    """One mistake, as somebody makes who edits a file.  Returns what it was."""
    node, at = chance.choice(places(root, []))
    of_map = isinstance(node, yaml.MappingNode)
    key = node.value[at][0] if of_map else None
    value = node.value[at][1] if of_map else node.value[at]
    kind = chance.choice(["value", "value", "value", "gone", "list", "map", "empty list", "empty map", "typo", "new key", "first of list",
                          "null", "quoted"])
    new = value
    if kind == "value":
        new = scalar(chance.choice(WORDS))
    elif kind == "quoted" and isinstance(value, yaml.ScalarNode) and Core.is_text(value.value):
        new = scalar(value.value, True)
    elif kind == "list":
        new = yaml.SequenceNode("tag:yaml.org,2002:seq", [copy(value)], flow_style=False)
    elif kind == "map":
        new = yaml.MappingNode("tag:yaml.org,2002:map", [(scalar("name"), copy(value))], flow_style=False)
    elif kind == "empty list":
        new = yaml.SequenceNode("tag:yaml.org,2002:seq", [], flow_style=True)
    elif kind == "empty map":
        new = yaml.MappingNode("tag:yaml.org,2002:map", [], flow_style=True)
    elif kind == "null":
        new = scalar("~")
    elif kind == "first of list" and isinstance(value, yaml.SequenceNode) and value.value:
        new = copy(value.value[0])
    elif kind == "gone":
        del node.value[at]
        return "%s gone" % (key.value if key else at)
    if of_map and kind == "typo":
        key = scalar(key.value[:-1] + "x")
    if of_map and kind == "new key":
        node.value.append((scalar(chance.choice(["colour", "pool", "stratum", "name", "until", "daemon"])), scalar(chance.choice(WORDS))))
        names = [each.value for each, _ in node.value]
        if names[-1] in names[:-1]:  # the same key twice is a matter of YAML, and parsers differ
            node.value.pop()
    node.value[at] = (key, new) if of_map else new
    return "%s: %s" % (key.value if key else at, kind)


def loader_says(path):
    """The shape errors that the loader finds; None: the file is no YAML."""
    run = subprocess.run([os.environ["TIMETIER"], "check", "--json", "-q", "-f", path], stdout=subprocess.PIPE, check=False)
    found = json.loads(run.stdout)["findings"]
    return [each for each in found if each["severity"] == "error" and each["number"] is None and each["rule"] not in BEYOND]


def schema_says(validator, text):
    """A list of the first error, or an empty one: that there is one is all that is compared."""
    try:
        data = yaml.load(text, Loader=Core)
    except yaml.YAMLError as error:  # as a merge of what is no map
        return [jsonschema.ValidationError(str(error))]
    return list(itertools.islice(validator.iter_errors(data), 1))


def is_beyond(finding):
    text = "%s:%s" % (os.path.basename(finding["file"]), finding["text"])
    return any(re.search(part, text) for part in BEYOND_TEXTS)


def sarif(schema, log):
    """Whether @log is what @schema demands; returns the exit status."""
    schema = json.load(open(schema))
    errors = list(jsonschema.validators.validator_for(schema)(schema).iter_errors(json.load(open(log))))
    for error in errors:
        print("/".join(str(part) for part in error.absolute_path), error.message[:200])
    return 1 if errors else 0


def mutants(count, seed, paths):
    """COUNT sites with what was done to each, the same for the same SEED."""
    sites = [yaml.compose(open(path).read(), Loader=yaml.SafeLoader) for path in paths]
    chance = random.Random(seed)
    for _ in range(count):
        root = copy(chance.choice(sites))
        what = [mistake(root, chance) for _ in range(chance.choice([1, 1, 2]))]
        yield yaml.serialize(root, Dumper=Plain), what


def main():
    if sys.argv[1] == "--sarif":
        return sarif(*sys.argv[2:])
    if sys.argv[1] == "--write":
        for number, (text, _) in enumerate(mutants(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])):
            open("%d.yaml" % number, "w").write(text)
        return 0
    schema, count, seed = json.load(open(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    refused = accepted = beyond = faults = 0
    for number, (text, what) in enumerate(mutants(count, seed, sys.argv[4:])):
        open("site.yaml", "w").write(text)
        wrong = loader_says("site.yaml")
        errors = schema_says(validator, text)
        shape = [each for each in wrong if not is_beyond(each)]
        if wrong and not shape:
            beyond += 1
        elif bool(shape) != bool(errors):
            faults += 1
            print("FAIL site %d of seed %d (%s): the loader %s, and the schema %s" % (
                number, seed, ", ".join(what), "says: line %d: %s" % (shape[0]["line"], shape[0]["text"]) if shape else "accepts it",
                "says: %s: %.200s" % ("/".join(str(part) for part in errors[0].absolute_path), errors[0].message) if errors else "accepts it"))
        refused += bool(shape and errors)
        accepted += not wrong and not errors
    print("%d sites: %d refused by both, %d accepted by both, %d beyond a schema, %d differ" % (count, refused, accepted, beyond, faults))
    return 0 if faults == 0 and refused > count / 4 and accepted > count / 10 else 1


class Plain(yaml.emitter.Emitter, yaml.serializer.Serializer, yaml.representer.SafeRepresenter, yaml.resolver.BaseResolver):
    """Writes a scalar as it is, where YAML allows it: 5 stays 5."""

    def __init__(self, stream, **options):
        yaml.emitter.Emitter.__init__(self, stream, width=1000, allow_unicode=True)
        yaml.serializer.Serializer.__init__(self)
        yaml.representer.SafeRepresenter.__init__(self)
        yaml.resolver.BaseResolver.__init__(self)


if __name__ == "__main__":
    sys.exit(main())
