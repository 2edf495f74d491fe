/** Calls through the gateway while its servers are killed. */
import { assert, assertEquals } from "@std/assert";
import { checkout } from "../outrider.ts";
import { GatewayProcess, ManifestFolder } from "./gateway_process.ts";

const CALLS = 2_000;
const LANES = 16;
const SERVERS = ["a", "b", "c"];

Deno.test({
  name:
    "outrider mcp answers each of 2,000 calls, or fails it with its cause, when servers are killed meanwhile",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = new ManifestFolder(
      SERVERS.map((id) => ({
        id,
        command: "sh",
        args: [`${checkout}tests/gateway/echo.sh`],
        protocol: "mcp",
        backoff: { initial: 1, max: 5 },
      })),
      { intensity: { restarts: 1_000, within: "1s" } },
    );
    await using gateway = new GatewayProcess([folder.file, "--log-level", "error"]);
    await gateway.initialize();
    const pids = new Map<string, number>();
    const counts = { answered: 0, cut: 0, kills: 0 };
    let next = 0;
    const lane = async () => {
      while (next < CALLS) {
        const n = next++;
        const server = SERVERS[n % SERVERS.length]!;
        const answer = await gateway.call(`${server}__echo`, { n });
        if (typeof answer === "string") {
          counts.answered++;
          const [own, pid] = answer.split(" ").map(Number);
          assertEquals(own, n);
          pids.set(server, pid!);
        } else {
          counts.cut++;
          const { code, data } = answer as { code: number; data: { signal?: string; generation: number } };
          assertEquals([code, data.signal, data.generation > 0], [-32000, "SIGKILL", true]);
        }
        if (n % 50 === 49) counts.kills += kill(pids, server);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    assertEquals(counts.answered + counts.cut, CALLS);
    assert(counts.kills >= 20, JSON.stringify(counts));
    assert(counts.answered > CALLS / 2, JSON.stringify(counts));
    const { result } = await gateway.ask("tools/list");
    assertEquals((result as { tools: unknown[] }).tools.length, SERVERS.length);
    for (const server of SERVERS) {
      assertEquals(typeof await gateway.call(`${server}__echo`, { n: 1 }), "string");
    }
    assertEquals((await gateway.end()).code, 0);
  },
});

/** Kills the server that answered last, once; how many that were. */
function kill(pids: Map<string, number>, server: string): number {
  const pid = pids.get(server);
  pids.delete(server);
  if (pid === undefined) return 0;
  try {
    Deno.kill(pid, "SIGKILL");
    return 1;
  } catch {
    return 0; // it has been killed already, and its answer came late
  }
}
