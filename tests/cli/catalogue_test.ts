/** docs/errors.md has every code and class of the sources, and no other; its messages are real ones. */
import { type AwaitedLine, missedText } from "../../src/sidecar/health/awaited_line.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { argsFor, type TemplateEntry, templateOf } from "@outrider/outrider/manifest";
import {
  asError,
  DependencyFailedError,
  MessageDroppedError,
  StartCancelledError,
  StartTimeoutError,
  SubscriptionLaggedError,
} from "@outrider/outrider/actor";
import {
  AskTimeoutError,
  GaveUpError,
  IncarnationEndedError,
  MailboxFullError,
  MessageRefusedError,
  PermissionMissingError,
  ProgramNotFoundError,
  StartError,
  SupervisionError,
  UnknownActorError,
} from "@outrider/outrider";
import {
  PipeClosedError,
  ProgramNotExecutableError,
  WorkingDirectoryError,
} from "@outrider/outrider/process";
import { UnencodableMessageError } from "@outrider/outrider/protocol";
import { NoScriptError } from "@outrider/outrider/testing";
import { HelloAnswerError } from "@outrider/outrider/actors/factories";
import { LspCapabilitiesError } from "@outrider/outrider/actors/lsp";
import { McpVersionError } from "@outrider/outrider/actors/mcp";
import {
  SidecarMuteError,
  SidecarNoRepliesError,
  SidecarSchemaError,
  SidecarTooManyAsksError,
} from "../../src/sidecar/messages/message_errors.ts";
import {
  SidecarDeafError,
  SidecarExitedError,
  SidecarNotReadyError,
  SidecarOutputCutError,
  SidecarOverLimitError,
  SidecarProbeError,
  SidecarProtocolError,
  SidecarUnhealthyError,
} from "../../src/sidecar/sidecar_errors.ts";
import { WorkerThrewError } from "../../actors/deno_worker/correlation.ts";
import { EXPLAINED_CODES } from "../../src/cli/explained_codes.ts";
import {
  ExitUnknownError,
  IdentityError,
  ProgramChangedError,
  ProgramTooLargeError,
  ProgramUntrustedError,
} from "../../src/process/process_errors.ts";
import { EnvFileError, SecretFileError, VariableUnsetError } from "../../src/process/environment_errors.ts";
import { PipeTakenError } from "../../src/process/pipes/pipe_errors.ts";
import { NotStartableError } from "../../src/cli/checks/not_startable.ts";
import { checkout } from "./outrider.ts";
import { classesIn, codesIn, messagesIn, numbersIn, plainErrorsIn, sources } from "./sources.ts";

const files = sources();
const page = Deno.readTextFileSync(`${checkout}docs/errors.md`);
const entries = [...EXPLAINED_CODES];

/** Made by their classes alone; those of other codes are written where they are thrown. */
const probe = new SidecarProbeError("api", "readiness", { why: "GET /healthz gave 503" });
const render = { id: "render", args: ["--out", "--config"] };
const refused = (...given: string[]) =>
  assertThrows(() => argsFor(render, given)) as Error & { code: string };
const AWAITED: AwaitedLine = { stream: "stdout", pattern: "ready", lines: [], unfinished: "" };

const samples: readonly (Error & { readonly code: string })[] = [
  new MailboxFullError("db", "x", { capacity: 1000 }),
  new MessageDroppedError("db", "drop-oldest"),
  new AskTimeoutError("db", 5000),
  new IncarnationEndedError("db", 2, { reason: "killed", abandoned: false }),
  new UnknownActorError("dbb", ["db", "workers/w1"]),
  new SubscriptionLaggedError("db", 262_144),
  new MessageRefusedError("clock", "a ticker takes no messages"),
  asError(undefined) as Error & { code: string },
  new ProgramNotFoundError("pgg", { searched: ["/usr/bin", "/bin"] }),
  new ProgramNotExecutableError("./job.sh"),
  new WorkingDirectoryError("cat", { cwd: "/srv/none" }),
  new PermissionMissingError("cat", { missingFlag: "--allow-run=cat" }),
  new PipeClosedError(4711, { reason: "its stdin was closed" }),
  new PipeTakenError(4711),
  new ExitUnknownError(4711, { cause: new Error("No child processes (os error 10)") }),
  new UnencodableMessageError("lines", {
    reason: "it contains a newline and would be two; send the lines one by one",
  }),
  new NotStartableError("tree", [{ path: "web", text: "" }, { path: "db", text: "" }], []),
  new StartError("workers/w1", new Error("the system refuses it")),
  new StartTimeoutError("db", 90_000),
  new StartCancelledError("db"),
  new DependencyFailedError({ id: "migrate", condition: "completed_successfully" }, {
    reason: "crash",
    cause: new SidecarExitedError("migrate", { code: 3, signal: undefined }, []),
  }),
  new GaveUpError("workers", { restarts: 5, within: 60_000 }, new Error("exit code 1")),
  SupervisionError.badCombination("job"),
  SupervisionError.unknownDependency("api", "dbb", ["db", "cache"]),
  new SidecarExitedError("db", { code: 1, signal: undefined }, ["no such table"]),
  new SidecarNotReadyError(
    "db",
    `it did not get ready within 30000 ms; ${missedText(AWAITED, { late: true })}`,
    {
      stderrTail: [],
      awaited: AWAITED,
    },
  ),
  probe,
  new SidecarUnhealthyError("api", { times: 3, stderrTail: [], cause: probe }),
  new SidecarProtocolError("db", { kind: "not_json", bytes: 14, dropped: true, sample: "WARN: not json" }),
  new SidecarDeafError("db", 8_388_608),
  new SidecarOutputCutError("convert", 2000),
  new SidecarSchemaError("db", {
    role: "reply",
    issues: [{ message: "expected a number", path: ["total"] }],
    sample: '{"total":"7"}',
  }),
  new SidecarOverLimitError("db", {
    excess: { limit: "memory", allowed: 2e8, used: 2.5e8, lasted: 5200 },
    stderrTail: [],
  }),
  new SecretFileError("db", { variable: "KEY", file: "/run/key", why: "No such file or directory" }),
  new EnvFileError("web", { file: "/srv/app/.env", why: "there is no such file" }),
  new VariableUnsetError("web", { variable: "PORT", from: "WEB_PORT" }),
  new ProgramUntrustedError(
    "/srv/tmp/outrider-0123456789abcdef/worker",
    "/srv/tmp/outrider-0123456789abcdef belongs to user 1001",
  ),
  new ProgramChangedError("db", { file: "/usr/bin/db", found: "11", expected: "22" }),
  new ProgramTooLargeError("llm", { file: "/opt/llm", size: 4_294_967_296, limit: 1_073_741_824 }),
  new IdentityError("db", { uid: 1000, gid: 1000, why: "Windows has no such numbers" }),
  new SidecarMuteError("db"),
  new SidecarNoRepliesError("clock", "none"),
  new SidecarTooManyAsksError("db", 65_536),
  new WorkerThrewError("workers/w1", "square", new RangeError("too far")),
  new McpVersionError("2023-01-01", ["2025-06-18"]),
  new LspCapabilitiesError("null"),
  new HelloAnswerError("initialize", "result.protocolVersion", "2, not 1"),
  new NoScriptError("workers/w1", ["db"]),
  assertThrows(() => templateOf({ templates: [{ id: "render" } as TemplateEntry] }, "rendr")) as Error & {
    code: string;
  },
  refused("--out", "--all"),
  refused("--out"),
  refused("--out", "--config", "--all"),
];

Deno.test("docs/errors.md has a section for every code in the sources, once, and for no other", () => {
  const found = new Set(files.flatMap((file) => [...codesIn(file), ...numbersIn(file)]));
  assert(found.size > 80, `${found.size}`);
  assertEquals([...page.matchAll(/^### (.+)$/gm)].map(([, code]) => code).sort(), [...found].sort());
});

Deno.test("every class of errors is named by a code, and no other is", () => {
  // Errors are of a subclass of these, never of themselves.
  const found = new Set(
    files.flatMap(classesIn).filter((name) => !["ProcessError", "UnstartableError"].includes(name)),
  );
  assertEquals([...new Set(entries.flatMap(([, { classes }]) => classes))].sort(), [...found].sort());
});

Deno.test("the search of the sources finds codes and classes of each form", () => {
  const file = {
    path: "src/sidecar/json_rpc/x.ts",
    text: [
      'export type MyErrorCode =\n  /** Not "this". */\n  | "one"\n  | "two";\nexport type Other = "no";',
      'export class MyError extends Error {\n  readonly code = "three";',
      'constructor() { super(`Cannot go ${inner({ a: `${1}` })}: ${why}`, {\n code: "four" }) }',
      "// new Error(not this)\nthrow new TypeError(`that`); const BUSY = -32_000; new MyError(this)",
    ].join("\n"),
  };
  assertEquals(codesIn(file).sort(), ["four", "one", "three", "two"]);
  assertEquals(classesIn(file), ["MyError"]);
  assertEquals(numbersIn(file), ["-32000"]);
  assertEquals(plainErrorsIn(file), ["src/sidecar/json_rpc/x.ts: `that`"]);
  const [message] = messagesIn(file);
  assertEquals([message!.test("Cannot go on: it is late"), message!.test("Cannot stay: no")], [true, false]);
});

Deno.test("no error is of a class without a code, but for those that no caller can meet", () => {
  const allowed: Record<string, string> = {
    "src/supervision/explain/dry_run.ts": "an invariant",
    "src/supervision/decide/draft.ts": "an invariant",
    "src/manifest/json_schema.ts": "an invariant",
    "src/options/units.ts": "an invariant: the value was checked before",
    "src/containment/guard.ts": "closes a pipe of its own, and reaches nobody",
    "src/process/ps.ts": "in a warning event, which has words alone",
    "src/testing/process_life.ts": "what Deno throws, word for word",
    "actors/deno_worker/worker.ts": "in the worker's process: its caller gets a WorkerThrewError",
    "actors/deno_worker/correlation.ts": "what the worker threw, revived",
    "src/sidecar/replies/pending_requests.ts": "an invariant",
    "src/sidecar/health/probe_http.ts":
      "why a check failed: the cause of a SidecarProbeError or SidecarUnhealthyError",
    "actors/pool/failure.ts": "a reason to abort, which the pool keeps to itself",
  };
  const found = files.flatMap(plainErrorsIn).filter((error) => !(error.split(":")[0]! in allowed));
  assertEquals(found, []);
});

Deno.test("the examples of docs/errors.md are messages of the code", () => {
  const messages = files.flatMap(messagesIn);
  assert(messages.length > 100);
  for (const [code, { example, classes }] of entries) {
    assert(!example.endsWith("."), code);
    if (classes[0] === "JsonRpcError") continue;
    assert(messages.some((message) => message.test(example)), `${code}: ${example}`);
  }
});

for (const error of samples) {
  Deno.test(`the example of ${error.code} is what ${error.constructor.name} says`, () => {
    const { example, classes } = EXPLAINED_CODES.get(error.code)!;
    assertEquals(error.message, example);
    assert(classes.includes(error.constructor.name));
  });
}

Deno.test("every field that docs/errors.md names is one of the error", () => {
  for (const error of samples) {
    const fields = EXPLAINED_CODES.get(error.code)!.fields;
    const names = fields.map((field) => /^`(\w+)`/.exec(field)![1]!);
    assertEquals(names.filter((name) => !(name in error)), [], error.code);
  }
});

Deno.test("each section of docs/errors.md has the form that outrider errors reads, and nothing else", () => {
  const written = (text: string) => text.replaceAll(/\s+/g, " ").trim();
  const parts = page.split(/^#{2,3} /m).slice(1).filter((part) => part.includes("```text"));
  assertEquals(parts.length, EXPLAINED_CODES.size);
  for (const [index, [, { code, classes, what, example, causes, remedy, fields }]] of entries.entries()) {
    const text = `${code} ${classes.map((name) => `\`${name}\``).join(", ")}. ${what}
      \`\`\`text ${example} \`\`\`
      Likely: ${causes.join("; ")}.
      What to do: ${remedy}
      ${fields.length === 0 ? "" : `Fields: ${fields.join("; ")}.`}`;
    assertEquals(written(parts[index]!), written(text));
    assert(classes.length > 0 && causes.length > 0, code);
    assertMatch(what, /^[A-Z`].*\.$/, code);
    assertMatch(remedy, /\.$/, code);
    for (const cause of causes) assert(!cause.endsWith("."), `${code}: ${cause}`);
  }
});
