/**
 * Processes that are killed while they are written to. Deno tells of a pipe that broke under a write in more than one
 * place, and each of them has ended the runtime once; `deno task soak` does the same a thousand times for each row.
 */
import { assert, assertEquals } from "@std/assert";
import { IncarnationEndedError, NO_BACKOFF, sidecar, supervisor, System } from "@outrider/outrider";
import { alive } from "../process/fixture.ts";
import { type Conversation, CONVERSATIONS } from "../soak/conversations.ts";
import { Lives } from "../soak/lives.ts";

/** For each group. */
const KILLS = 10;
/** Messages to one child that have come to nothing yet. */
const MOST_OPEN = 32;
/** Far beyond what any of this takes: an ask that runs into it was not settled by anything else. */
const TIMEOUT_MS = 120_000;

const groups = (["one_for_one", "one_for_all"] as const).flatMap((strategy) =>
  [undefined, 4].map((maxInFlight) => ({
    strategy,
    maxInFlight,
    id: `${strategy}-${maxInFlight ?? "any"}`,
  }))
);

for (const conversation of CONVERSATIONS) {
  Deno.test(`${conversation.name}: every ask settles and every child runs again when it is killed under write load`, async () => {
    const intensity = { restarts: 1_000_000, within: 1_000 };
    const root = supervisor(
      "root",
      groups.map(({ id, strategy, maxInFlight }) =>
        supervisor(
          id,
          ["a", "b"].map((child) =>
            sidecar(child, {
              command: "cat",
              protocol: conversation.protocol,
              backoff: NO_BACKOFF,
              ...(maxInFlight !== undefined && { maxInFlight }),
            })
          ),
          { strategy, intensity },
        )
      ),
      { intensity },
    );
    const system = new System(root);
    const lives = new Lives(system.events());
    await system.start();
    try {
      await Promise.all(groups.map(({ id }) => plague(system, lives, { id, conversation })));
    } finally {
      await system.stop();
      await lives.ended;
    }
    for (const { path, pid } of lives.all) assert(!alive(pid), `process ${pid} of ${path} is left`);
  });
}

/** Kills the children of a group in turn, while each is sent messages; each comes back before the next is killed. */
async function plague(
  system: System,
  lives: Lives,
  { id, conversation }: { id: string; conversation: Conversation },
): Promise<void> {
  const paths = [`${id}/a`, `${id}/b`];
  const over = new AbortController();
  const loads = paths.map((path) => load(system, path, { conversation, signal: over.signal }));
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const victim = await lives.ready(paths[kill % 2]!);
      for (let turns = kill % 5; turns > 0; turns--) await turn();
      Deno.kill(victim.pid, "SIGKILL");
      await lives.ready(victim.path, victim.generation);
    }
  } finally {
    over.abort();
  }
  assertEquals((await Promise.all(loads)).flat(), []);
}

/** Has a message sent in each turn of the event loop, until `signal` aborts; what was wrong with what came of them. */
async function load(
  system: System,
  path: string,
  { conversation, signal }: { conversation: Conversation; signal: AbortSignal },
): Promise<string[]> {
  const wrong: string[] = [];
  const open = new Set<Promise<void>>();
  for (let n = 0; !signal.aborted; n++) {
    if (open.size < MOST_OPEN) {
      const sent: Promise<void> = send(system, path, { conversation, n }).then((why) => {
        open.delete(sent);
        if (why !== undefined) wrong.push(why);
      });
      open.add(sent);
    }
    await turn();
  }
  await Promise.all(open);
  return wrong;
}

function turn(): Promise<void> {
  return new Promise((go) => setTimeout(go));
}

/** What is wrong with what message `n` came to: neither its own answer nor the end of the process that had it. */
async function send(
  system: System,
  path: string,
  { conversation: { message, isAnswer, answers }, n }: { conversation: Conversation; n: number },
): Promise<string | undefined> {
  const ref = system.ref(path);
  // For one a write that the pipe takes at once, for the other now and then more than it holds.
  const bytes = path.endsWith("b") && n % 25 === 0 ? 100_000 : 20;
  try {
    if (!answers) return void await ref.tell(message(n, bytes));
    const reply = await ref.ask(message(n, bytes), { timeout: TIMEOUT_MS });
    if (!isAnswer(reply, n)) return `message ${n} to ${path} has another's answer`;
  } catch (error) {
    if (!(error instanceof IncarnationEndedError)) return `message ${n} to ${path}: ${error}`;
  }
}
