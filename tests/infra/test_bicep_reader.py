"""The reader of templates reads what stands there, and guesses nothing."""

from pathlib import Path

from tests.infra.bicep import Expression, Loop, Resource, Template, template, walk
from tests.infra.meaning import meaning

TEXT = """
targetScope = 'subscription'
@description('How it\\'s told.')
@allowed(['a', 'b'])
param kind string = 'a'
@secure()
param token string
param names array = []
var facts = loadJsonContent('facts.json')
var both = [for name in facts.names: name.text]
var joined = '${facts.first}-x'
resource store 'Microsoft.Storage/storageAccounts@2023-05-01' = if (kind == 'a') {
  // checkov:skip=CKV_1: because
  name: joined
  properties: {
    on: true
    days: 7
    nothing: null
    scopes: [
      subscription().id
      'a/b'
    ]
    held: kind == 'a' ? 'yes' : token
  }
}
resource parts 'Microsoft.Storage/storageAccounts/parts@2023-05-01' = [for (part, at) in facts.names: if (at > 0) {
  parent: store
  name: part.text
}]
resource old 'Microsoft.Web/sites@2024-04-01' existing = {
  name: 'old'
}
module inner 'inner.bicep' = {
  name: 'inner'
  scope: resourceGroup('rg')
  params: {
    id: store.id
  }
}
output id string = store.id
"""


def read(folder: Path) -> Template:
    (folder / "facts.json").write_text('{"first": "one", "names": [{"text": "p"}, {"text": "q"}]}')
    path = folder / f"{folder.name}.bicep"
    path.write_text(TEXT)
    return template(path)


def resource(read: Template, name: str) -> Resource:
    return next(each for each in read.resources if each.name == name)


def test_parameters_say_whether_they_must_be_given_and_what_they_mean(tmp_path: Path) -> None:
    told = read(tmp_path)

    assert {each.name: (each.type, each.required, each.default) for each in told.parameters.values()} == {
        "kind": ("string", False, "a"),
        "token": ("string", True, None),
        "names": ("array", False, []),
    }
    assert (told.parameters["kind"].description, told.parameters["token"].secure) == ("How it's told.", True)
    assert told.scope == "subscription"


def test_literals_of_a_resource_are_values_and_the_rest_stays_text(tmp_path: Path) -> None:
    store = resource(read(tmp_path), "store")

    properties = store.body["properties"]
    assert isinstance(properties, dict)
    assert (properties["on"], properties["days"], properties["nothing"]) == (True, 7, None)
    assert [getattr(each, "text", each) for each in properties["scopes"]] == ["subscription().id", "a/b"]  # type: ignore[union-attr]
    assert (store.api_version, store.condition) == ("2023-05-01", "kind == 'a'")


def test_literals_inside_an_expression_are_found(tmp_path: Path) -> None:
    held = resource(read(tmp_path), "store").body["properties"]["held"]  # type: ignore[call-overload,index]

    assert isinstance(held, Expression)
    assert "yes" in list(walk(held))


def test_existing_resources_are_none_of_our_own(tmp_path: Path) -> None:
    told = read(tmp_path)

    assert [each.name for each in told.own()] == ["store", "parts"]
    assert resource(told, "old").existing


def test_modules_tell_their_file_what_they_are_given_and_where_they_go(tmp_path: Path) -> None:
    (inner,) = read(tmp_path).modules

    assert (inner.path, inner.scope, list(inner.params)) == ("inner.bicep", "resourceGroup('rg')", ["id"])


def test_what_stands_in_files_is_put_in(tmp_path: Path) -> None:
    told = read(tmp_path)

    assert isinstance(told.variables["both"], Loop)
    assert meaning(told, told.variables["both"]) == ["p", "q"]
    assert meaning(told, resource(told, "store").body["name"]) == "one-x"


def test_what_only_azure_knows_stays_as_it_is(tmp_path: Path) -> None:
    told = read(tmp_path)

    assert meaning(told, told.outputs["id"]) == told.outputs["id"]
    assert [each.loop[0] for each in told.own() if each.loop] == ["part"]
