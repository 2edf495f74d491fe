/**
 * pm2, the process manager that most Node programs are kept running with, from npm through `npx`: used here and
 * nowhere else. Its daemon has a home of its own in a temporary folder, and is ended by its own `pm2 kill`, also when
 * the benchmark is killed.
 */
import type { Running } from "./measure.ts";
import { Pids, said } from "./pids.ts";

const PM2 = ["-y", "pm2@7"];
/** pm2 gives up a program that died 16 times soon after its start, unless told otherwise. */
const KEEP_ON = ["--max-restarts", "1000000", "--restart-delay", "0"];

/** Ends the daemon of that home when it is called, or when this program has ended without. */
function daemonEnd(home: string): () => Promise<void> {
  const guardian = new Deno.Command("sh", {
    args: ["-c", 'cat; exec npx "$@" kill', "sh", ...PM2],
    env: { PM2_HOME: home },
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return async () => {
    await guardian.stdin.close();
    await guardian.status;
  };
}

/** Why pm2 can't be had here; `undefined` if it can. */
export async function missingPm2(): Promise<string | undefined> {
  const pids = await Pids.open();
  const endDaemon = daemonEnd(pids.folder);
  try {
    // Even to tell its version it starts its daemon.
    await said("npx", [...PM2, "--version"], { PM2_HOME: pids.folder });
  } catch (error) {
    return (error as Error).message.split("\n").at(-1);
  } finally {
    await endDaemon();
    await pids.close();
  }
}

/** The program that says its pid, kept running by pm2. */
export async function pm2(): Promise<Running> {
  const pids = await Pids.open();
  const env = { PM2_HOME: pids.folder };
  const endDaemon = daemonEnd(pids.folder);
  const close = async () => {
    await endDaemon();
    await pids.close();
  };
  try {
    const { command, args } = pids.program;
    const program = ["start", command, "--name", "said", "--interpreter", "none", ...KEEP_ON, "--", ...args];
    await said("npx", [...PM2, ...program], env);
    const restarts = await pids.restarts();
    return { round: (amount) => restarts(amount), close };
  } catch (error) {
    await close();
    throw error;
  }
}
