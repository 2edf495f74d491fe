/**
 * The processor time, and the memory, that a program takes to start and to end, beside an empty Deno program.
 *
 * Wall time depends on what else the machine does, so what counts is the user and system time of the processes, as the
 * shell's `times` gives it: to 10 ms, hence several runs between two readings. Both programs run in turns, and a round
 * that does not count fills Deno's caches; a row for information goes without V8's code cache, which a program has from
 * its third run on.
 */
import {
  cannotCompile,
  type CommandLine,
  compiled,
  executable,
  listening,
  manifest,
  outrider,
  script,
} from "./boot_commands.ts";
import { said } from "./pids.ts";
import { median, type Row, type Work } from "./row.ts";

const ROUNDS = 8;
/** Starts between two readings of the clock. */
const STARTS = 6;
/** Bytes that a program of one actor may have resident beyond an empty one. */
const MORE_MEMORY = 12e6;

const MEASURED =
  'i=0; while [ "$i" -lt "$0" ]; do "$@" >/dev/null </dev/null || exit; i=$((i+1)); done; times';

/** Milliseconds of processor time that one start takes. @throws {Error} if the program fails */
async function processorTime(command: CommandLine): Promise<number> {
  const ofChildren = (await said("sh", ["-c", MEASURED, String(STARTS), ...command])).split("\n").at(-1)!;
  let ms = 0;
  for (const [, minutes, seconds] of ofChildren.matchAll(/(\d+)m([\d.]+)s/g)) {
    ms += Number(minutes) * 60_000 + Number(seconds) * 1_000;
  }
  return ms / STARTS;
}

async function times(work: string, ours: CommandLine, empty: CommandLine): Promise<Row> {
  const both = [ours, empty];
  const took: [ours: number[], theirs: number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const ms = await processorTime(both[i]!);
      if (round > 0) took[i]!.push(ms);
    }
  }
  const ratio = median(took[0].map((ms, round) => ms / took[1][round]!));
  return {
    work,
    peer: "an empty program",
    figure: "time",
    ours: median(took[0]),
    theirs: median(took[1]),
    ratio,
  };
}

async function memory(work: string, ours: CommandLine, empty: CommandLine): Promise<Row> {
  const resident = async ([file, ...args]: CommandLine) => Number(await said(file, [...args, "memory"]));
  const more: number[] = [];
  for (let round = 0; round < ROUNDS; round++) more.push(await resident(ours) - await resident(empty));
  const row = {
    work: `${work}: memory beyond an empty program`,
    figure: "memory",
    peer: "the limit",
  } as const;
  return { ...row, ours: median(more), theirs: MORE_MEMORY, ratio: median(more) / MORE_MEMORY, toReach: 1 };
}

function verb(work: string, toReach: number, command: (kit: string) => Promise<CommandLine>): Work {
  return {
    work,
    run: async (kit) => [{ ...await times(work, await command(kit), script("boot_empty.ts")), toReach }],
  };
}

const status: Work = {
  work: "boot: outrider status",
  async run(kit) {
    await using tree = await listening(kit);
    const row = await times(this.work, outrider("status", tree.socket), script("boot_empty.ts"));
    return [{ ...row, toReach: 2.5 }];
  },
};

const oneActor: Work = {
  work: "boot: a program of one actor",
  async run() {
    const [ours, empty] = [script("boot_program.ts"), script("boot_empty.ts")];
    const uncached = ([file, ...args]: CommandLine) =>
      [file, ...args.toSpliced(1, 0, "--no-code-cache")] as const;
    return [
      { ...await times(this.work, ours, empty), toReach: 1.6 },
      { ...await times(this.work, uncached(ours), uncached(empty)), peer: "both without a code cache" },
      await memory(this.work, ours, empty),
    ];
  },
};

const executables: Work = {
  work: "boot: executables",
  async run(kit) {
    const rows: [work: string, toReach: number][] = [["one actor", 1.6], ["a manifest, --version", 2]];
    const missing = cannotCompile();
    if (missing !== undefined) {
      const peer = `an empty one can't be had here: ${missing}`;
      return rows.map(([work]) => ({ work: `${this.work}: ${work}`, peer, figure: "time", ours: NaN }));
    }
    const empty = await compiled("boot_empty.ts", kit);
    const [file, ...args] = await executable(kit);
    const commands: CommandLine[] = [await compiled("boot_program.ts", kit), [file, ...args, "--version"]];
    const found: Row[] = [];
    for (const [i, [work, toReach]] of rows.entries()) {
      found.push({ ...await times(`${this.work}: ${work}`, commands[i]!, empty), toReach });
    }
    return [...found, await memory(`${this.work}: one actor`, commands[0]!, empty)];
  },
};

/** What a verb and a program of one actor take to start. */
export const boots: readonly Work[] = [
  verb("boot: outrider --version", 2, () => Promise.resolve(outrider("--version"))),
  status,
  verb("boot: outrider check FILE", 4, async (kit) => outrider("check", await manifest(kit))),
  oneActor,
  executables,
];
