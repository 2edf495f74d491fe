/** How long all recorded scenarios of Erlang/OTP's supervisor take to replay: the test run as a whole, Deno's start included. */
import type { Work } from "./row.ts";

const LIMIT_MS = 10_000;

async function once(): Promise<number> {
  const path = (relative: string) => new URL(relative, import.meta.url).pathname;
  const map = path("../support/npm/import_map.json");
  const args = [
    "test",
    "-q",
    "--no-check",
    `--import-map=${map}`,
    "--allow-read",
    "--allow-env",
    path("../supervision/otp/"),
  ];
  const start = performance.now();
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const ms = performance.now() - start;
  if (!success) {
    throw new Error(`Cannot time the scenarios: ${new TextDecoder().decode(stdout).slice(-2_000)}`);
  }
  return ms;
}

export const scenarios: Work = {
  work: "all recorded OTP scenarios replayed",
  runs: 1,
  /** @throws {Error} if a scenario does not come out as recorded */
  async run() {
    const ms = await once();
    const limit = { peer: "the limit", theirs: LIMIT_MS, toReach: 1 };
    return [{ work: this.work, figure: "time", ours: ms, ratio: ms / LIMIT_MS, ...limit }];
  },
};
