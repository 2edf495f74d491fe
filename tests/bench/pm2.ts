/**
 * pm2, the process manager that most Node programs are kept running with, from npm through `npx`: used here and
 * nowhere else. Its daemon has a home of its own in a temporary folder, and is ended by its own `pm2 kill`.
 */
import type { Running } from "./measure.ts";
import { Pids, said } from "./pids.ts";

const PM2 = ["-y", "pm2@7"];
/** pm2 gives up a program that died 16 times soon after its start, unless told otherwise. */
const KEEP_ON = ["--max-restarts", "1000000", "--restart-delay", "0"];

/** Why pm2 can't be had here; `undefined` if it can. */
export async function missingPm2(): Promise<string | undefined> {
  const pids = await Pids.open();
  const env = { PM2_HOME: pids.folder };
  try {
    // Even to tell its version it starts its daemon.
    await said("npx", [...PM2, "--version"], env);
    await said("npx", [...PM2, "kill"], env);
  } catch (error) {
    return (error as Error).message.split("\n").at(-1);
  } finally {
    await pids.close();
  }
}

/** The program that says its pid, kept running by pm2. */
export async function pm2(): Promise<Running> {
  const pids = await Pids.open();
  const env = { PM2_HOME: pids.folder };
  const close = async () => {
    await said("npx", [...PM2, "kill"], env);
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
