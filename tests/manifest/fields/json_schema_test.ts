/** The JSON Schema, as an editor sees it. */
import { assert, assertEquals } from "@std/assert";
// Only this test needs a second opinion on JSON Schema; the project itself does not.
// deno-lint-ignore no-import-prefix
import { Ajv } from "npm:ajv@^8";
import { parse as parseJsonc } from "jsonc-parser";
import { parse } from "../../../src/manifest/parse.ts";
import { jsonSchema } from "../../../src/manifest/json_schema.ts";
import { asSidecar, asSupervisor, FILE } from "../probe.ts";

const EXAMPLE = `{
  "$schema": "./outrider.schema.json",
  "name": "quickstart",
  "strategy": "rest_for_one",                       // these three at the root and in any nested supervisor
  "intensity": { "restarts": 5, "within": "3m" },
  "children": [
    { "id": "upper", "command": "tr", "args": ["a-z", "A-Z"], "protocol": "lines" },
    { "id": "workers", "strategy": "one_for_one", "children": [
      { "id": "w1", "command": "deno", "args": ["run", "worker.ts"], "protocol": "ndjson",
        "cwd": ".", "env": { "MODE": "demo" }, "inheritEnv": ["PATH", "HOME"],
        "restart": "transient",                     // permanent (default) | transient | temporary
        "backoff": { "initial": "200ms", "factor": 2, "max": "30s", "jitter": 0.25, "resetAfter": "60s" },
        "ready": { "stdout": "^ready", "within": "10s" },   // or stderr; or "started"
        "mailbox": { "capacity": 1024, "overflow": "wait" },
        "maxFrame": "10MB",
        "stop": { "drain": "1s", "stdin": "2s", "term": "5s" } }
    ] }
  ]
}`;

const valid = new Ajv({ allowUnionTypes: true }).compile(jsonSchema());

Deno.test("the example of the docs is valid to the schema and to the loader", () => {
  assert(valid(parseJsonc(EXAMPLE)), JSON.stringify(valid.errors));
  const { children } = parse(EXAMPLE, { file: FILE });
  assertEquals(asSidecar(asSupervisor(children[1]).children[0]), {
    id: "w1",
    command: "deno",
    args: ["run", "worker.ts"],
    protocol: "ndjson",
    cwd: "/srv",
    env: { MODE: "demo" },
    envFile: [],
    inheritEnv: ["PATH", "HOME"],
    restart: "transient",
    significant: false,
    backoff: { initial: 200, factor: 2, max: 30_000, jitter: 0.25, resetAfter: 60_000 },
    ready: { stdout: "^ready", within: 10_000 },
    mailbox: { capacity: 1024, overflow: "wait" },
    maxFrame: 10_000_000,
    stop: { drain: 1000, goodbye: 2000, stdin: 2000, term: 5000, signal: "SIGTERM", scope: "group" },
    strict: false,
    startWithin: "infinity",
    onDeath: "fail",
    attempts: 3,
  });
});

Deno.test("the numbers that the example shows are the defaults", () => {
  const bare = EXAMPLE.replace(/"backoff"[\s\S]*"stop": \{.*?\} \}/, `"ready": { "stdout": "^ready" } }`)
    .replace(/"intensity".*/, "");
  assertEquals(parse(bare, { file: FILE }), parse(EXAMPLE, { file: FILE }));
});

Deno.test("a misspelt key, a wrong unit and a supervisor of none are invalid", () => {
  const wrong: [string, string][] = [
    [`"command": "tr"`, `"comand": "tr"`],
    [`"jitter"`, `"jiter"`],
    [`"10MB"`, `"10 MB"`],
    [`"wait"`, `"block"`],
    [`"name": "quickstart"`, `"name": "quick start"`],
  ];
  for (const [from, to] of wrong) {
    const text = EXAMPLE.replace(from, to);
    assert(text !== EXAMPLE);
    assert(!valid(parseJsonc(text)), to);
  }
  assert(!valid({ name: "t", children: [{ id: "s", children: [] }] }));
});

Deno.test("every key has a description, and nested objects have readable names", () => {
  const schema = jsonSchema() as { definitions: Record<string, unknown>; $schema: string };
  assertEquals(schema.$schema, "http://json-schema.org/draft-07/schema#");
  assertEquals(Object.keys(schema.definitions).sort(), [
    "Children",
    "Copy",
    "EnvFile",
    "Log",
    "Overrides",
    "Pool",
    "Probes",
    "Sidecar",
    "Supervisor",
    "Template",
    "TemplateOverrides",
  ]);
  const bare: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, inner] of Object.entries(node)) {
      if (path.endsWith("/properties") && !("description" in inner) && !("$ref" in inner)) {
        bare.push(`${path}/${key}`);
      }
      if (key !== "if") walk(inner, `${path}/${key}`); // a condition describes nothing
    }
  };
  walk(schema, "");
  assertEquals(bare, []);
});
