"""Random Avro schemas and values of them, and those values as JSON, all from one seed. Used by avro_random.py.

Names in maps are without NUL characters, which Avro C cannot have there.
"""

import random
import struct

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LETTERS = "abcxyzÄß文🙂\u0000\u001f\"\\/\u007f\u2028 "


class RandomSchemas:
    """schema() gives records; unions are [null, T] unless `wide`, where branches can be told apart by their Python type."""

    def __init__(self, seed: int, wide: bool):
        self._random = random.Random(seed)
        self._wide = wide
        self._names = 0
        self._named: list[dict] = []
        self.definitions: dict[str, dict] = {}

    def schema(self) -> dict:
        record = self._record(3)
        record["fields"].append({"name": "number", "type": "int"})  # confluent-kafka refuses a value without a single octet
        return record

    def _name(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    def _define(self, schema: dict) -> dict:
        schema["namespace"] = "random.test"
        self.definitions["random.test." + schema["name"]] = schema
        return schema

    def _record(self, depth: int) -> dict:
        record = self._define({"type": "record", "name": self._name("Record"), "fields": []})
        for number in range(self._random.randint(0 if depth < 3 else 1, 6)):
            record["fields"].append({"name": f"field{number}", "type": self._type(depth - 1)})
        if depth > 0 and self._random.random() < 0.2:  # a list of itself
            record["fields"].append({"name": "next", "type": ["null", "random.test." + record["name"]], "default": None})
        self._named.append(record)
        return record

    def _type(self, depth: int, unions: bool = True):
        kinds = PRIMITIVES + ["enum", "fixed", "reference"]
        if depth > 0:
            kinds = kinds + ["array", "map", "record"] * 2
        if unions:
            kinds = kinds + ["union"] * 3
        kind = self._random.choice(kinds)
        if kind == "array":
            return {"type": "array", "items": self._type(depth - 1)}
        if kind == "map":
            return {"type": "map", "values": self._type(depth - 1)}
        if kind == "record":
            return self._record(depth - 1)
        if kind == "union":
            return self._union(depth)
        return self._leaf(kind)

    def _leaf(self, kind: str):
        if kind == "reference":
            return "random.test." + self._random.choice(self._named)["name"] if self._named else "string"
        if kind == "enum":
            schema = {"type": "enum", "name": self._name("Enum"), "symbols": [f"S{n}" for n in range(self._random.randint(1, 70))]}
        elif kind == "fixed":
            schema = {"type": "fixed", "name": self._name("Fixed"), "size": self._random.randint(1, 20)}
        else:
            return kind
        self._named.append(self._define(schema))
        return schema

    def _union(self, depth: int) -> list:
        if not self._wide:
            branches = ["null", self._other_than_null(depth)]
            self._random.shuffle(branches)
        else:
            branches, classes = [], set()
            for _ in range(self._random.randint(1, 4)):
                known = len(self._named)
                branch = self._type(depth - 1, unions=False)
                family = self._family(branch).replace("array", "bytes")  # fastavro takes octets for an array
                if family not in classes:
                    classes.add(family)
                    branches.append(branch)
                else:
                    del self._named[known:]  # what it defines is nowhere
        return branches

    def _other_than_null(self, depth: int):
        while (branch := self._type(depth - 1, unions=False)) == "null":
            pass
        return branch

    def _family(self, schema) -> str:
        kind = kind_of(self.resolve(schema))
        return {"int": "number", "long": "number", "float": "number", "double": "number", "fixed": "bytes", "enum": "string",
                "map": "record"}.get(kind, kind)

    def resolve(self, schema):
        return self.definitions.get(schema, schema) if isinstance(schema, str) else schema

    # ---- values ----

    def value(self, schema, depth: int = 0):
        schema = self.resolve(schema)
        r, kind = self._random, kind_of(schema)
        if kind == "union":
            return self.value("null" if depth > 8 and "null" in schema else r.choice(schema), depth + 1)
        if kind == "record":
            return {field["name"]: self.value(field["type"], depth + 1) for field in schema["fields"]}
        if kind == "array":
            return [self.value(schema["items"], depth + 1) for _ in range(self._count(depth))]
        if kind == "map":
            return {self._text().replace("\0", ""): self.value(schema["values"], depth + 1) for _ in range(self._count(depth))}
        if kind == "enum":
            return r.choice(schema["symbols"])
        if kind == "fixed":
            return r.randbytes(schema["size"])
        return {"null": lambda: None, "boolean": lambda: r.random() < 0.5, "int": lambda: self._whole(31), "long": lambda: self._whole(63),
                "float": lambda: as_float(r.choice([0.0, -0.0, 1.5, 3.4e38, 1e-45, r.uniform(-1000, 1000)])),
                "double": lambda: r.choice([0.0, 1e308, 5e-324, r.uniform(-1e6, 1e6), r.random()]),
                "bytes": lambda: r.randbytes(r.choice([0, 1, 5, 300])), "string": self._text}[kind]()

    def _count(self, depth: int) -> int:
        return self._random.choice([0, 1, 2, 5]) if depth < 5 else 0

    def _whole(self, bits: int) -> int:
        return self._random.choice([0, -1, 1, 2**bits - 1, -2**bits, self._random.randint(-2**bits, 2**bits - 1), self._random.randint(-200, 200)])

    def _text(self) -> str:
        return "".join(self._random.choices(LETTERS, k=self._random.choice([0, 1, 3, 8, 70])))

    # ---- JSON ----

    def to_json(self, schema, value, tagged: bool):
        schema = self.resolve(schema)
        kind = kind_of(schema)
        if kind == "union":
            branch = next(each for each in schema if self._fits(each, value))
            inside = self.to_json(branch, value, tagged)
            return inside if value is None or not tagged else {self._tag(branch): inside}
        if kind == "record":
            return {field["name"]: self.to_json(field["type"], value[field["name"]], tagged) for field in schema["fields"]}
        if kind == "array":
            return [self.to_json(schema["items"], each, tagged) for each in value]
        if kind == "map":
            return {name: self.to_json(schema["values"], each, tagged) for name, each in value.items()}
        return value.decode("latin1") if kind in ("bytes", "fixed") else value

    def rounded(self, schema, value):
        """JSON with each number of type float as the float that it stands for."""
        schema = self.resolve(schema)
        kind = kind_of(schema)
        if kind == "float":
            return as_float(value)
        if kind == "record":
            return {field["name"]: self.rounded(field["type"], value[field["name"]]) for field in schema["fields"]}
        if kind == "array":
            return [self.rounded(schema["items"], each) for each in value]
        if kind == "map":
            return {name: self.rounded(schema["values"], each) for name, each in value.items()}
        if kind == "union" and value is not None:
            if isinstance(value, dict) and len(value) == 1:
                for branch in schema:
                    if self._tag(branch) in value:
                        return {self._tag(branch): self.rounded(branch, value[self._tag(branch)])}
            [branch] = [each for each in schema if each != "null"]
            return self.rounded(branch, value)
        return value

    def _fits(self, schema, value) -> bool:
        families = {bool: "boolean", int: "number", float: "number", bytes: "bytes", str: "string", list: "array", dict: "record",
                    type(None): "null"}
        return self._family(schema) == families[type(value)]

    def _tag(self, schema) -> str:
        schema = self.resolve(schema)
        return f"{schema['namespace']}.{schema['name']}" if kind_of(schema) in ("record", "enum", "fixed") else kind_of(schema)


def kind_of(schema) -> str:
    return "union" if isinstance(schema, list) else schema["type"] if isinstance(schema, dict) else schema


def as_float(value: float) -> float:
    return struct.unpack("<f", struct.pack("<f", value))[0]
