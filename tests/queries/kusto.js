// Parses and type-checks queries with Kusto's own language service. Standard input: {tables, queries}; standard
// output: for each query its problems, the columns it yields, and its syntax tree. `parsing.py` says the shapes.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const home = path.join(__dirname, "..", "..", ".kusto", "node_modules", "@kusto", "language-service-next");
globalThis.window = globalThis; // the bundles were made for a browser
require(path.join(home, "bridge.min.js"));
require(path.join(home, "Kusto.Language.Bridge.min.js"));
const { KustoCode, GlobalState, Symbols, Syntax } = globalThis.Kusto.Language;

const kinds = new Map(
  Object.entries(Syntax.SyntaxKind)
    .filter(([, number]) => typeof number === "number")
    .map(([name, number]) => [number, name]),
);

function listOf(many) {
  return Array.from({ length: many ? many.Count : 0 }, (_, index) => many.getItem(index));
}

function globalsOf(tables) {
  const symbols = Object.entries(tables).map(([name, columns]) => {
    const told = Object.entries(columns).map(([column, type]) => `${column}: ${type}`);
    return Symbols.TableSymbol.From(`(${told.join(", ")})`).WithName(name);
  });
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("component", symbols));
}

function childrenOf(node) {
  const children = [];
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index);
    if (child) children.push(child);
  }
  return children;
}

function treeOf(node) {
  const kind = kinds.get(node.Kind);
  if (node.IsToken) return { kind, start: node.TextStart, text: node.Text };
  if (kind === "SeparatedElement") return treeOf(node.GetChild(0)); // without its comma or semicolon
  const type = node.ResultType ? node.ResultType.Name : "";
  const yields = kind.endsWith("Operator") && node.ResultType ? node.ResultType.Columns : null;
  const columns = listOf(yields).map((each) => each.Name);
  return { kind, start: node.TextStart, type, columns, children: childrenOf(node).map(treeOf) };
}

function checked(query, globals) {
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const problems = listOf(code.GetDiagnostics()).map((each) => ({
    severity: each.Severity, code: each.Code, message: each.Message, start: each.Start, length: each.Length,
  }));
  const result = code.ResultType;
  const columns = listOf(result && result.Columns).map((each) => ({ name: each.Name, type: each.Type.Name }));
  return { problems, columns, tree: treeOf(code.Syntax) };
}

const { tables, queries } = JSON.parse(fs.readFileSync(0, "utf-8"));
const globals = globalsOf(tables);
process.stdout.write(JSON.stringify(queries.map((query) => checked(query, globals))));
