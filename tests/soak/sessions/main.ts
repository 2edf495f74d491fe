/**
 * `deno task soak:sessions [--sessions=20] [--kills=10] [--seed=NUMBER]`: clients of MCP's official SDK on servers that
 * are killed at random, half of them small ones and half those with everything; each has six calls open at a time. Exit
 * code 1, with the seed and what broke, if an answer is wrong, a call is not settled, a session is lost, or a process is
 * left.
 */
import { type ChildSpec, launch, NO_BACKOFF, supervisor } from "@outrider/outrider";
import { mcpSession } from "@outrider/outrider/actors/mcp";
import { everything } from "../../actors/servers.ts";
import { seeded } from "../../chaos/garden.ts";
import { sum } from "../figures.ts";
import { Lives } from "../lives.ts";
import { WHOSE } from "../plot.ts";
import { Witness } from "../witness.ts";
import { type LaneFigures, LANES, noLaneFigures } from "./lanes.ts";
import { soakSession } from "./session.ts";

const PLENTY = { restarts: 1_000_000, within: 1_000 };
/** A stop waits for nobody for long. */
const STOP = { drain: 100, stdin: 200, term: 2_000 };

const KINDS = {
  small: {
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-config", new URL("./server.ts", import.meta.url).pathname],
  },
  everything,
} as const;
type Kind = keyof typeof KINDS;

const { sessions, kills, seed } = given(Deno.args);
console.log(`${sessions} sessions, ${kills} kills in each, ${LANES} lanes, --seed=${seed}`);

const run = crypto.randomUUID();
const broken: string[] = [];
const onBroken = (what: string) => broken.push(what);
for (const type of ["unhandledrejection", "error"] as const) {
  globalThis.addEventListener(type, (event) => {
    event.preventDefault();
    const { reason, error = reason } = event as PromiseRejectionEvent & ErrorEvent;
    onBroken(`${type}: ${error?.stack ?? error}`);
  });
}

const figures: Record<Kind, LaneFigures> = { small: noLaneFigures(), everything: noLaneFigures() };
const specs = Array.from({ length: sessions }, (_, index) => {
  const kind: Kind = index % 2 === 0 ? "small" : "everything";
  const id = `${kind}-${index}`;
  const env = { [WHOSE]: `${run}:${id}` };
  return { kind, spec: mcpSession(id, { ...KINDS[kind], env, backoff: NO_BACKOFF, stop: STOP }) };
});
const root = supervisor("soak", specs.map(({ spec }) => spec as ChildSpec), { intensity: PLENTY });
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
await Promise.all(specs.map(async ({ kind, spec }, index) => {
  const random = seeded(seed + index);
  await soakSession({ app, spec, lives, kills, random, figures: figures[kind], onBroken });
}));
await app.stop();
await lives.ended;
const left = await new Witness(run).all();
broken.push(...left.map(({ pid, path }) => `process ${pid} of ${path} is left`));
for (const { pid } of left) Deno.kill(pid, "SIGKILL");

for (const [kind, { answered, cut, open, ...told }] of Object.entries(figures)) {
  if (open > 0) broken.push(`${kind}: ${open} calls were never settled`);
  const each = Object.entries(answered).map(([name, amount]) => `${name} ${amount}`).join(", ");
  console.log(`${kind.padEnd(11)} ${sum(answered)} answered, ${cut} failed with their server; ${each}`);
  const { progress, lateProgress, questions, listsChanged } = told;
  console.log(
    `${
      " ".repeat(11)
    } progress ${progress} (${lateProgress} more dropped by the SDK), questions of the server ` +
      `${questions}, list_changed ${listsChanged}`,
  );
}
const restarts = lives.all.filter(({ generation }) => generation > 1).length;
console.log(
  `restarts    ${restarts}, of which ${lives.all.filter(({ ready }) => !ready).length} never got ready`,
);
if (broken.length > 0) {
  console.error(`\nBroken, with --seed=${seed}:`);
  for (const what of broken.slice(0, 20)) console.error(`  ${what}`);
  Deno.exit(1);
}
console.log("Nothing is broken.");

function given(args: readonly string[]): { sessions: number; kills: number; seed: number } {
  const valueOf = (name: string, otherwise: number) => {
    const arg = args.find((each) => each.startsWith(`--${name}=`));
    return arg === undefined ? otherwise : Number(arg.slice(name.length + 3));
  };
  const values = {
    sessions: valueOf("sessions", 20),
    kills: valueOf("kills", 10),
    seed: valueOf("seed", crypto.getRandomValues(new Uint32Array(1))[0]!),
  };
  const isKnown = args.every((arg) => /^--(sessions|kills|seed)=\d+$/.test(arg));
  if (isKnown && Object.values(values).every(Number.isSafeInteger)) return values;
  console.error("usage: deno task soak:sessions [--sessions=20] [--kills=10] [--seed=NUMBER]");
  Deno.exit(2);
}
