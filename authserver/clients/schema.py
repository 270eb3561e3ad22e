"""The JSON Schema of clients.yaml, for editors and for the reference.

The text under each field becomes its description. pydantic can do that (`use_attribute_docstrings`), but reads the
sources whenever a class is made: 50 ms more at each start, which has no use for them.
"""

import ast
import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema

from authserver.clients.entries.document import ClientsDocument

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class DescribedSchema(GenerateJsonSchema):
    """A generator that takes the docstring under a field for its description."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        for model in (each for each in schema["cls"].__mro__ if each.__module__.startswith("authserver.")):
            for name, text in field_docstrings(model).items():
                found["properties"][name]["description"] = text
        return found


def field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The string that stands under each field which the class itself declares."""
    (node,) = (each for each in ast.parse(inspect.getsource(model)).body if isinstance(each, ast.ClassDef))
    found = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else None
        if isinstance(field, ast.AnnAssign) and isinstance(text, str):
            found[ast.unparse(field.target)] = inspect.cleandoc(text)
    return found


def json_schema() -> dict[str, Any]:
    """The JSON Schema of clients.yaml."""
    return {"$schema": SCHEMA_DIALECT, **ClientsDocument.model_json_schema(schema_generator=DescribedSchema)}
