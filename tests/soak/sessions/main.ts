/**
 * `deno task soak:sessions [--sessions=20] [--editors=4] [--harms=10] [--seed=NUMBER]`: clients of MCP's official SDK,
 * half of them in the era without a handshake, and clients on `vscode-jsonrpc`, on servers that are killed and hang at
 * random; each has six calls open at a time, closes now and then, and connects anew. Ends with exit code 1, the seed and
 * what has happened as soon as an answer is wrong, something hangs, a session is lost, or a process is left.
 */
import { type ChildSpec, launch, NO_BACKOFF, supervisor } from "@outrider/outrider";
import { lspSession } from "@outrider/outrider/actors/lsp";
import { mcpSession } from "@outrider/outrider/actors/mcp";
import { everything, jsonServer } from "../../actors/servers.ts";
import { seeded } from "../../chaos/garden.ts";
import { sum } from "../figures.ts";
import { Lives } from "../lives.ts";
import { WHOSE } from "../plot.ts";
import { Witness } from "../witness.ts";
import { LspSoakClient } from "./lsp_client.ts";
import { McpSoakClient } from "./mcp_client.ts";
import { type Breach, noOutcomes, type Outcomes, settleInTime, type SoakReport } from "./outcomes.ts";
import { LANES, type SoakClient, soakSession } from "./session.ts";

const PLENTY = { restarts: 1_000_000, within: 1_000 };
/** A stop waits for nobody for long. */
const STOP = { drain: 100, stdin: 200, term: 2_000 };
const checkout = new URL("../../../", import.meta.url).pathname;

const KINDS = {
  small: {
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-config", new URL("./server.ts", import.meta.url).pathname],
  },
  sdk: {
    command: Deno.execPath(),
    args: [
      ...["run", "--quiet", "--no-config", "--frozen", `--lock=${checkout}deno.lock`, "--allow-env"],
      new URL("./sdk_server.ts", import.meta.url).pathname,
    ],
    inheritEnv: everything.inheritEnv,
  },
  everything,
  json: jsonServer,
} as const;
type Kind = keyof typeof KINDS;
const OF_MCP = ["small", "sdk", "everything", "sdk"] as const;

const { sessions, editors, harms, seed } = given(Deno.args);
console.log(
  `${sessions} sessions of MCP, ${editors} of LSP; ${harms} harms and ${LANES} lanes in each; --seed=${seed}`,
);

const run = crypto.randomUUID();
const over = new AbortController();
const broken: Record<Breach, string[]> = { wrong: [], hung: [], lost: [] };
const onBroken = (breach: Breach, what: string) => {
  broken[breach].push(what);
  over.abort();
};
for (const type of ["unhandledrejection", "error"] as const) {
  globalThis.addEventListener(type, (event) => {
    event.preventDefault();
    const { reason, error = reason } = event as PromiseRejectionEvent & ErrorEvent;
    onBroken("wrong", `${type}: ${error?.stack ?? error}`);
  });
}

const outcomes = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, noOutcomes()])) as Record<
  Kind,
  Outcomes
>;
const plan = Array.from({ length: sessions + editors }, (_, index) => {
  const kind: Kind = index < sessions ? OF_MCP[index % OF_MCP.length]! : "json";
  const id = `${kind}-${index}`;
  // In some sessions, some calls may be made twice.
  const isMarked = index % 3 === 0;
  const options = { ...KINDS[kind], env: { [WHOSE]: `${run}:${id}` }, backoff: NO_BACKOFF, stop: STOP };
  return kind === "json" ? ofLsp(kind, id, options, isMarked) : ofMcp(kind, id, options, isMarked);
});
const root = supervisor("soak", plan.map(({ spec }) => spec), { intensity: PLENTY });
const following = Promise.withResolvers<Lives>();
// A report has the events from the first on.
const app = await launch(root, {
  report(events) {
    const lives = new Lives(events);
    following.resolve(lives);
    return lives.ended;
  },
});
const lives = await following.promise;
await Promise.all(plan.map(async ({ kind, spec, connect }, index) => {
  const report: SoakReport = {
    outcomes: outcomes[kind],
    random: seeded(seed + index),
    onBroken: (breach, what) => {
      const { generation, pid, ready } = lives.at(spec.id)!;
      const at = `${new Date().toISOString()}, generation ${generation}${
        ready ? "" : ", not ready"
      }, pid ${pid}`;
      onBroken(breach, `${spec.id} (${at}): ${what}`);
    },
  };
  let calls = 0;
  const next = () => ++calls;
  await soakSession({
    ...report,
    system: app,
    path: spec.id,
    lives,
    harms,
    signal: over.signal,
    connect: () => connect(report, next),
  });
}));
try {
  await settleInTime(app.stop(), "the stop of the tree");
  await lives.ended;
} catch (error) {
  onBroken("hung", String(error));
}
const left = await new Witness(run).all();
for (const { pid, path } of left) {
  onBroken("lost", `process ${pid} of ${path} is left`);
  Deno.kill(pid, "SIGKILL");
}

for (const [kind, { answered, failed, cancelled, left, harms, met }] of Object.entries(outcomes)) {
  const line = (name: string, counts: Record<string, number>) =>
    console.log(
      `${"".padEnd(11)} ${name}: ${
        Object.entries(counts).map((each) => each.join(" ")).join(", ") || "none"
      }`,
    );
  console.log(
    `${kind.padEnd(11)} ${sum(answered)} answered, ${sum(failed)} failed with their server, ` +
      `${cancelled} cancelled, ${left} left by their client`,
  );
  line("answered", answered);
  line("failed", failed);
  line("harms", harms);
  line("met", met);
}
const restarts = lives.all.filter(({ generation }) => generation > 1).length;
console.log(
  `restarts    ${restarts}, of which ${lives.all.filter(({ ready }) => !ready).length} never got ready`,
);
console.log(Object.entries(broken).map(([breach, all]) => `${breach} ${all.length}`).join(", "));
if (over.signal.aborted) {
  console.error(`\nBroken, with --seed=${seed}:`);
  for (const [breach, all] of Object.entries(broken)) {
    for (const what of all.slice(0, 10)) console.error(`  ${breach}: ${what}`);
  }
  Deno.exit(1);
}
console.log("Nothing is broken.");

interface Planned {
  readonly kind: Kind;
  readonly spec: ChildSpec;
  connect(report: SoakReport, next: () => number): Promise<SoakClient>;
}

function ofMcp(
  kind: Kind,
  id: string,
  options: Parameters<typeof mcpSession>[1],
  isMarked: boolean,
): Planned {
  const idempotent = isMarked ? { methods: ["tools/list"], tools: ["echo", "get-sum"] } : undefined;
  const spec = mcpSession(id, { ...options, idempotent });
  const connect: Planned["connect"] = (...report) =>
    McpSoakClient.connect(spec.transport(app.ref(spec)), ...report);
  return { kind, spec: spec as ChildSpec, connect };
}

function ofLsp(
  kind: Kind,
  id: string,
  options: Parameters<typeof lspSession>[1],
  isMarked: boolean,
): Planned {
  const idempotent = isMarked ? ["textDocument/documentSymbol"] : [];
  const spec = lspSession(id, { ...options, idempotent });
  const connect: Planned["connect"] = (...report) =>
    LspSoakClient.connect(spec.transports(app.ref(spec)), ...report);
  return { kind, spec: spec as ChildSpec, connect };
}

function given(args: readonly string[]) {
  const valueOf = (name: string, otherwise: number) => {
    const arg = args.find((each) => each.startsWith(`--${name}=`));
    return arg === undefined ? otherwise : Number(arg.slice(name.length + 3));
  };
  const values = {
    sessions: valueOf("sessions", 20),
    editors: valueOf("editors", 4),
    harms: valueOf("harms", 10),
    seed: valueOf("seed", crypto.getRandomValues(new Uint32Array(1))[0]!),
  };
  const isKnown = args.every((arg) => /^--(sessions|editors|harms|seed)=\d+$/.test(arg));
  if (isKnown && Object.values(values).every(Number.isSafeInteger)) return values;
  console.error(
    "usage: deno task soak:sessions [--sessions=20] [--editors=4] [--harms=10] [--seed=NUMBER]",
  );
  Deno.exit(2);
}
