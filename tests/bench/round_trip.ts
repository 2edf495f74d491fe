/**
 * Asks of a sidecar: a request of JSON-RPC, one a line, to a program in C that sends its params back as the result, one
 * at a time and with 256 in flight.
 *
 * Ours is an `ask` of a supervised `ndjson` sidecar, with its timeout. The raw loop does by hand what no loop can leave
 * out: stringify, one write, read up to the newline, parse; with 256 in flight it writes 256 lines at once and then reads
 * 256, so it needs no pairing of responses. The peers from npm are what their users have: MCP's SDK its stdio transport,
 * with the least pairing on top, and vscode-jsonrpc its connection, whose messages stand behind a header.
 */
import { sidecar, type SidecarSpec, start, supervisor } from "@outrider/outrider";
import type { Benchmark, Peer, Running } from "./measure.ts";
import { missingPackages, nodePeer } from "./node_peer.ts";
import { program } from "./programs.ts";

interface Params {
  readonly number: number;
  readonly text: string;
}

interface Request {
  readonly jsonrpc: "2.0";
  readonly method: "echo";
  readonly params: Params;
}

interface Response {
  readonly result: Params;
}

const TEXT = "about as long as a small request";

async function ours(inFlight: number, kit: string): Promise<Running> {
  const { command, args } = await program("echo", kit);
  const echo: SidecarSpec<Request, Response> = sidecar("echo", {
    command,
    args: [...args, "lines"],
    protocol: "ndjson",
  });
  const system = await start(supervisor("root", [echo]));
  const ref = system.ref(echo);
  return {
    async round(amount) {
      let next = 1;
      let sum = 0;
      const caller = async () => {
        while (next <= amount) {
          const params = { number: next++, text: TEXT };
          const { result } = await ref.ask({ jsonrpc: "2.0", method: "echo", params });
          sum += result.number;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, caller));
      return sum;
    },
    close: () => system.stop(),
  };
}

async function raw(inFlight: number, kit: string): Promise<Running> {
  const { command, args } = await program("echo", kit);
  const child = new Deno.Command(command, {
    args: [...args, "lines"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();

  /** Sends the lines of `from` to `to` in one write, gives the sum of the responses. */
  async function batch(from: number, to: number): Promise<number> {
    let text = "";
    for (let id = from; id <= to; id++) {
      const params = { number: id, text: TEXT };
      text += JSON.stringify({ id, jsonrpc: "2.0", method: "echo", params }) + "\n";
    }
    const writing = writer.write(encoder.encode(text));
    let sum = 0;
    let rest = "";
    for (let missing = to - from + 1; missing > 0;) {
      const { value, done } = await reader.read();
      if (done) throw new Error("Cannot go on: the echo has ended");
      const lines = rest + decoder.decode(value, { stream: true });
      let start = 0;
      for (let end; (end = lines.indexOf("\n", start)) >= 0; start = end + 1) {
        sum += (JSON.parse(lines.slice(start, end)) as Response).result.number;
        missing--;
      }
      rest = lines.slice(start);
    }
    await writing;
    return sum;
  }

  return {
    async round(amount) {
      let sum = 0;
      for (let from = 1; from <= amount; from += inFlight) {
        sum += await batch(from, Math.min(from + inFlight - 1, amount));
      }
      return sum;
    },
    async close() {
      await writer.close();
      await reader.cancel();
      await child.status;
    },
  };
}

/** One from npm. */
function npm(
  name: string,
  framing: "lines" | "headers",
  inFlight: number,
): (kit: string) => Promise<Running> {
  return async (kit) => {
    const { command, args } = await program("echo", kit);
    return nodePeer("round_trips.mjs", [name, kit, `${inFlight}`, command, ...args, framing]);
  };
}

function benchmark(
  { work, figure, inFlight, amount, bars }: {
    readonly work: string;
    readonly figure: "rate" | "time";
    readonly inFlight: number;
    readonly amount: number;
    /** For the raw loop, MCP's SDK and vscode-jsonrpc; none: for information. */
    readonly bars: readonly [raw: number, mcp?: number, vscode?: number];
  },
): Benchmark {
  const [rawBar, mcpBar, vscodeBar] = bars;
  const fromNpm = (name: string, open: Peer["open"], toReach?: number): Peer => ({
    name,
    amount: Math.ceil(amount / 10),
    missing: missingPackages,
    open,
    ...toReach === undefined ? {} : { toReach },
  });
  return {
    work,
    figure,
    rounds: 9,
    ours: { name: "ours", amount, open: (kit) => ours(inFlight, kit) },
    peers: [
      { name: "raw Deno.Command loop", amount, toReach: rawBar, open: (kit) => raw(inFlight, kit) },
      fromNpm("MCP SDK, stdio transport", npm("@modelcontextprotocol/sdk", "lines", inFlight), mcpBar),
      fromNpm("vscode-jsonrpc", npm("vscode-jsonrpc", "headers", inFlight), vscodeBar),
    ],
    expected: (amount) => amount * (amount + 1) / 2,
  };
}

export const roundTrips: readonly Benchmark[] = [
  benchmark({
    work: "ask, sidecar, one at a time",
    figure: "time",
    inFlight: 1,
    amount: 2_000,
    bars: [1.25],
  }),
  benchmark({
    work: "ask, sidecar, 256 in flight",
    figure: "rate",
    inFlight: 256,
    amount: 40_960,
    bars: [0.7, 4, 10],
  }),
];
