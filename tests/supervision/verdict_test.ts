import { assertEquals } from "@std/assert";
import { type DeathCause, type DeathKind, deathOf, type Exit } from "../../src/actor/exit.ts";
import {
  type DatedDeath,
  decideRestart,
  RESTARTS,
  type RestartType,
  type RestartVerdict,
} from "../../src/supervision/restart/restart_rules.ts";

const verdictOn = (...given: Parameters<typeof decideRestart>) => decideRestart(...given).verdict;
const cause = new Error("boom");
const ends: readonly Exit[] = [
  { reason: "normal" },
  { reason: "shutdown" },
  { reason: "shutdown", cause },
  { reason: "crash", cause },
  { reason: "killed", abandoned: false },
  { reason: "killed", abandoned: true },
];
/** Erlang/OTP's own three. */
const verdicts = {
  permanent: ["restart", "restart", "restart", "restart", "restart", "restart"],
  transient: ["keep", "keep", "keep", "restart", "restart", "restart"],
  temporary: ["forget", "forget", "forget", "forget", "forget", "forget"],
} as const;

for (const restart of Object.keys(verdicts) as (keyof typeof verdicts)[]) {
  Deno.test(`a ${restart} child is treated as by OTP, whatever its end`, () => {
    assertEquals<readonly RestartVerdict[]>(
      ends.map((exit) => verdictOn({ restart }, deathOf(exit))),
      verdicts[restart],
    );
  });
}

const kinds: readonly DeathKind[] = [
  "completed",
  "exit_code",
  "signal",
  "exception",
  "killed",
  "not_ready",
  "unhealthy",
  "over_limit",
  "protocol",
  "unstartable",
];
/** One column a kind, in the order above; written by hand, so that the table can't just be compared with itself. */
const table: Readonly<Record<RestartType, string>> = {
  "permanent": "RRRRRRRRR.",
  "transient": ".RRRRRRRR.",
  "temporary": "..........",
  "on-success": "R.........",
  "on-abnormal": "..RRRRRRR.",
  "on-abort": "..RRR.....",
  "on-watchdog": "......R...",
};

for (const restart of Object.keys(RESTARTS) as RestartType[]) {
  Deno.test(`a ${restart} child is restarted after these causes of death and no others`, () => {
    const row = kinds.map((kind) => verdictOn({ restart }, { kind }) === "restart" ? "R" : ".");
    assertEquals(row.join(""), table[restart]);
  });
}

const code = (n: number): DeathCause => ({ kind: "exit_code", code: n });
const signal = (name: string): DeathCause => ({ kind: "signal", code: 128, signal: name });

Deno.test("prevent wins over everything, force over the restart type", () => {
  const child = { restart: "transient", rules: { prevent: [78, "SIGABRT"], force: [0, 78] } } as const;
  assertEquals(verdictOn(child, code(1)), "restart");
  assertEquals(verdictOn(child, code(78)), "keep");
  assertEquals(verdictOn(child, signal("SIGABRT")), "keep");
  assertEquals(verdictOn(child, { kind: "completed", code: 0 }), "restart");
});

Deno.test("what ended by a signal does not match by its exit code", () => {
  assertEquals(verdictOn({ restart: "permanent", rules: { prevent: [128] } }, signal("SIGSEGV")), "restart");
});

Deno.test("a missing program is never tried again, not even by force", () => {
  assertEquals(
    verdictOn({ restart: "permanent", rules: { force: [1] } }, { kind: "unstartable", code: 1 }),
    "keep",
  );
});

Deno.test("a full tally is final: three deaths by code 78 within a minute", () => {
  const child = {
    restart: "permanent",
    rules: { tallies: [{ of: [78], deaths: 3, within: 60_000 }] },
  } as const;
  const at = (ms: number, death = code(78)): DatedDeath => ({ at: ms, death });
  assertEquals(verdictOn(child, code(78), [at(0), at(1)]), "restart");
  assertEquals(verdictOn(child, code(78), [at(0), at(1), at(60_000)]), "keep");
  assertEquals(verdictOn(child, code(78), [at(0), at(1), at(60_001)]), "restart");
  assertEquals(verdictOn(child, code(78), [at(0), at(1, code(1)), at(2)]), "restart");
});
