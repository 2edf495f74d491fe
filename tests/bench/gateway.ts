/**
 * Calls of a tool through `outrider mcp`, beside the same calls through a hop in Deno that only copies bytes; and the
 * memory of a gateway in front of ten servers. The server is a raw one in Deno (`tests/gateway/server.ts`), and so is the
 * client, in this process: what they cost is in both.
 */
import type { Benchmark, Contender, Running } from "./measure.ts";
import { said } from "./pids.ts";
import type { Row, Work } from "./row.ts";

const root = new URL("../../", import.meta.url).pathname;
const IN_FLIGHT = 64;
const SERVERS = 10;
/** Bytes that the gateway in front of ten servers may have resident: idle, and after load. */
const [IDLE_LIMIT, LOADED_LIMIT] = [90e6, 130e6];
/** Calls that are the load. */
const LOAD = 10_000;

const server = [
  "run",
  "--quiet",
  "--no-config",
  "--no-lock",
  "--allow-read",
  `${root}tests/gateway/server.ts`,
];
const outrider = [
  "run",
  "--quiet",
  "--allow-all",
  `--import-map=${root}tests/support/npm/import_map.json`,
  `${root}src/cli/main.ts`,
];

interface Answer {
  readonly id: number;
  readonly method?: string;
  readonly result?: { readonly content?: readonly { readonly text: string }[] };
}

/** A client on the pipes of a program. */
class BenchClient {
  readonly process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #encoder = new TextEncoder();
  #lastId = 0;

  constructor(args: readonly string[]) {
    this.process = new Deno.Command(Deno.execPath(), {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#input = this.process.stdin.getWriter();
    void this.#read();
  }

  async begin(): Promise<this> {
    const clientInfo = { name: "bench", version: "1" };
    await this.ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
    this.#say({ method: "notifications/initialized" });
    return this;
  }

  ask(method: string, params: object): Promise<Answer> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#say({ id, method, params });
    });
  }

  /** Calls the tool; the number that it has echoed. */
  async call(name: string, n: number): Promise<number> {
    const { result } = await this.ask("tools/call", { name, arguments: { n } });
    return JSON.parse(result!.content![0]!.text).n;
  }

  async close(): Promise<void> {
    await this.#input.close();
    await this.process.status;
  }

  #say(message: object): void {
    void this.#input.write(this.#encoder.encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const answer: Answer = JSON.parse(line);
        if (answer.method !== undefined) continue;
        this.#waiting.get(answer.id)?.(answer);
        this.#waiting.delete(answer.id);
      }
    }
  }
}

/** A client of a gateway in front of so many servers. */
async function throughGateway(kit: string, count: number): Promise<BenchClient> {
  const children = Array.from({ length: count }, (_, index) => ({
    id: `s${index}`,
    command: Deno.execPath(),
    args: server,
    protocol: "mcp",
  }));
  const file = `${kit}/gateway-${count}.json`;
  await Deno.writeTextFile(file, JSON.stringify({ name: "bench", children }));
  return await new BenchClient([...outrider, "mcp", file]).begin();
}

function running(client: BenchClient, tool: string, lanes: number): Running {
  return {
    async round(amount) {
      let sum = 0;
      let next = 0;
      const lane = async () => {
        while (next < amount) {
          const echoed = await client.call(tool, next++);
          sum += echoed;
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      return sum;
    },
    close: () => client.close(),
  };
}

function benchmark(
  { work, figure, lanes, amount, toReach }:
    & Pick<Benchmark, "work" | "figure">
    & { readonly lanes: number; readonly amount: number; readonly toReach: number },
): Benchmark {
  const ours: Contender = {
    name: "outrider mcp",
    amount,
    open: async (kit) => running(await throughGateway(kit, 1), "s0__echo", lanes),
  };
  const hop = ["run", "--quiet", "--no-config", "--no-lock", "--allow-run", `${root}tests/bench/hop.ts`];
  return {
    work,
    figure,
    rounds: 9,
    ours,
    peers: [{
      name: "a hop that copies bytes",
      amount,
      toReach,
      open: async () => {
        const client = await new BenchClient([...hop, Deno.execPath(), ...server]).begin();
        return running(client, "echo", lanes);
      },
    }, {
      name: "no hop",
      amount,
      open: async () => running(await new BenchClient(server).begin(), "echo", lanes),
    }],
    expected: (amount) => amount * (amount - 1) / 2,
  };
}

export const gatewayCalls: readonly Benchmark[] = [
  benchmark({
    work: "MCP tool call through the gateway, one at a time",
    figure: "time",
    lanes: 1,
    amount: 400,
    toReach: 1.6,
  }),
  benchmark({
    work: `MCP tool call through the gateway, ${IN_FLIGHT} in flight`,
    figure: "rate",
    lanes: IN_FLIGHT,
    amount: 4_000,
    toReach: 0.5,
  }),
];

const memoryWork = `MCP gateway in front of ${SERVERS} servers`;

export const gatewayMemory: Work = {
  work: memoryWork,
  async run(kit) {
    const client = await throughGateway(kit, SERVERS);
    try {
      await client.ask("tools/list", {});
      const idle = await residentOf(client.process.pid);
      let next = 0;
      const lane = async () => {
        while (next < LOAD) {
          const n = next++;
          await client.call(`s${n % SERVERS}__echo`, n);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
      const loaded = await residentOf(client.process.pid);
      const row = (what: string, ours: number, limit: number): Row => ({
        work: `${memoryWork}: ${what}`,
        figure: "memory",
        peer: "the limit",
        ours,
        theirs: limit,
        ratio: ours / limit,
        toReach: 1,
      });
      return [row("idle", idle, IDLE_LIMIT), row(`after ${LOAD} calls`, loaded, LOADED_LIMIT)];
    } finally {
      await client.close();
    }
  },
};

/** Bytes of a process that are resident. */
async function residentOf(pid: number): Promise<number> {
  return Number(await said("ps", ["-o", "rss=", "-p", `${pid}`])) * 1_024;
}
