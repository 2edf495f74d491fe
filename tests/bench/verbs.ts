/**
 * The requests of verbs to a running tree of 500 children, each of which has printed 1,200 lines: from the begin of the
 * connection to the first answer, the median of 15, beside a limit. `outrider up` is a process of its own.
 */
import { ControlClient } from "../../src/control/client.ts";
import type { StreamRequest } from "../../src/control/protocol.ts";
import { outrider } from "./boot_commands.ts";
import { median, type Row, type Work } from "./row.ts";

const CHILDREN = 500;
const LINES = 1_200;
const ROUNDS = 15;
/** Milliseconds. */
const LIMIT = 100;

const work = `verbs at ${CHILDREN} children`;

/** The first item of a stream, or its end where there is none. */
const first = (request: StreamRequest) => async (client: ControlClient) => {
  for await (const _ of client.stream(request, { credit: 1 })) break;
};

const requests: Readonly<Record<string, (client: ControlClient) => Promise<unknown>>> = {
  status: (client) => client.request({ method: "status" }),
  ps: (client) => Promise.all([client.request({ method: "status" }), client.request({ method: "usage" })]),
  why: (client) => client.request({ method: "why", child: `c${CHILDREN / 2}` }),
  "logs -n 100": first({ method: "logs", last: 100 }),
  "logs --since": first({ method: "logs", since: 0 }),
  "logs --grep, found in none": first({ method: "logs", last: 100, grep: "no such line" }),
  events: async (client) => {
    const request = { method: "events", path: "c0" } satisfies StreamRequest;
    const events = client.stream(request, { credit: 1 });
    const next = events.next();
    await client.request({ method: "signal", child: "c0", signal: "SIGCONT" });
    await next;
    await events.return?.(undefined);
  },
};

async function took(socket: string, ask: (client: ControlClient) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const client = await ControlClient.open(socket);
    await ask(client);
    times.push(performance.now() - began);
    client.close();
    await client.closed;
  }
  return median(times);
}

export const verbs: Work = {
  work,
  async run() {
    const folder = await Deno.makeTempDir({ prefix: "outrider_bench_" });
    const [file, socket] = [`${folder}/outrider.json`, `${folder}/socket`];
    const children = Array.from({ length: CHILDREN }, (_, index) => ({
      id: `c${index}`,
      after: [],
      command: "sh",
      args: ["-c", `seq ${LINES}; exec sleep 600`],
    }));
    await Deno.writeTextFile(file, JSON.stringify({ name: "many", children }));
    const [program, ...args] = outrider("up", file, "--log-level", "warn", "--control", socket);
    const up = new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "inherit" }).spawn();
    try {
      await allHavePrinted(socket);
      const rows: Row[] = [];
      for (const [name, ask] of Object.entries(requests)) {
        const ours = await took(socket, ask);
        const limit = { peer: "the limit", theirs: LIMIT, ratio: ours / LIMIT, toReach: 1 };
        rows.push({ work: `${work}: ${name}`, figure: "time", ours, ...limit });
      }
      return rows;
    } finally {
      up.kill("SIGTERM");
      await up.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
};

/** Resolves when the last line of each child is in memory. */
async function allHavePrinted(socket: string): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const client = await ControlClient.open(socket).catch(() => undefined);
    if (client === undefined) continue;
    let last = 0;
    const request = { method: "logs", grep: `^${LINES}$` } satisfies StreamRequest;
    for await (const item of client.stream<{ lines?: unknown[] }>(request, { credit: 8 })) {
      last += item.lines?.length ?? 0;
    }
    client.close();
    await client.closed;
    if (last === CHILDREN) return;
  }
}
