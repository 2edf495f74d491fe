/** Lines that a sidecar prints to keep whoever searches them for ever. */
import { assertInstanceOf, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  OptionError,
  type Probes,
  sidecar,
  type SidecarOptions,
  start,
  StartError,
  supervisor,
} from "@outrider/outrider";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

/** Prints `times` × `text` as a line on file descriptor `fd`, then the line `more`, and stays. */
function prints(
  text: string,
  times: number,
  { fd = 1, more = "" } = {},
): Pick<SidecarOptions, "command" | "args" | "stop"> {
  const program = sh(
    `yes "$1" | head -n "$2" | tr -d '\\n' >&"$3"; echo >&"$3"; echo "$4" >&"$3"; exec sleep 600`,
    text,
    String(times),
    String(fd),
    more,
  );
  return { ...program, stop: AT_ONCE };
}

/** Each takes JavaScript's own engine hours on its line. */
const HOSTILE = [
  { pattern: "(a+)+b", text: "a", times: 60_000 },
  { pattern: "^(\\w+\\s?)+:", text: "aaa ", times: 15_000 },
  { pattern: "(listening|listening.*)+port.*ready", text: "listeningport", times: 5_000 },
] as const;

for (const { pattern, text, times } of HOSTILE) {
  for (const [stream, fd] of [["stdout", 1], ["stderr", 2]] as const) {
    Deno.test(`sidecar gets ready when a line on ${stream} is hostile to the pattern ${pattern}`, async () => {
      const pair = { [stream]: `${pattern}|^up$` } as { stdout: string };
      await using probe = new Probe({ ...prints(text, times, { fd, more: "up" }), ready: pair });
      await probe.system.start();
    });
  }

  Deno.test(`sidecar does not hold the loop when no line fits the pattern ${pattern}`, async () => {
    await using probe = new Probe({
      ...prints(text, times),
      ready: { stdout: pattern, within: 500 },
      restart: "temporary",
    });
    assertInstanceOf(await failureOf(probe.system.start()), StartError);
  });

  for (const protocol of [undefined, "lines", "bytes"] as const) {
    for (const handler of ["pattern", "heartbeat"] as const) {
      const name = `${handler} takes its line when one before is hostile to ${pattern}, with ${
        protocol ?? "no protocol"
      }`;
      Deno.test(`probe by ${name}`, async () => {
        const probes: Probes = {
          startup: {
            [handler]: { stdout: `${pattern}|^up$` },
            period: 20_000,
          } as unknown as Probes["startup"],
        };
        await using probe = new Probe({ ...prints(text, times, { more: "up" }), protocol, probes });
        await probe.system.start();
      });
    }
  }
}

const waitingFor = (pattern: RegExp | string): readonly SidecarOptions[] => [
  { command: "cat", ready: { stdout: pattern } },
  { command: "cat", ready: { stderr: pattern } },
  { command: "cat", probes: { readiness: { pattern: { stdout: pattern } } } },
  { command: "cat", probes: { liveness: { heartbeat: { stderr: pattern } } } },
];

Deno.test("sidecar is refused when its pattern can't be matched in linear time", () => {
  for (const pattern of ["ready(?!!)", /(a)\1/]) {
    for (const options of waitingFor(pattern)) {
      const { message } = assertThrows(() => sidecar("s", options), OptionError);
      assertStringIncludes(message, "Cannot wait for a line on std");
    }
  }
  assertThrows(() => sidecar("s", { command: "cat", ready: { stdout: "(" } }), OptionError);
});

Deno.test("sidecar fails to start when its pattern has too many steps", async () => {
  for (const options of waitingFor("[ab]{900}[cd]{900}")) {
    const { message } = await failureOf(start(supervisor("root", [sidecar("s", options)])));
    assertMatch(message, /Cannot wait for a line on std.* it must have 1000 steps at most/);
  }
});
