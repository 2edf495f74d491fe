/** The standard input of a sidecar: empty for a job, else a pipe, whose end tells it that the runtime has ended. */
import { assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import {
  launch,
  NO_BACKOFF,
  OptionError,
  sidecar,
  type SidecarOptions,
  supervisor,
} from "@outrider/outrider";
import { buildTree, parse } from "@outrider/outrider/manifest";
import { factories } from "@outrider/outrider/actors/factories";
import { spawn } from "@outrider/outrider/process";
import { PipeClosedError } from "../../src/process/pipes/pipe_errors.ts";
import { commandOf } from "../../src/sidecar/options.ts";
import { ManifestError } from "../../src/manifest/manifest_errors.ts";
import { failureOf } from "../support/probes.ts";
import { Probe, sh } from "./health/probe.ts";

/** Does its work only when it has read stdin to its end, as many command-line tools do. */
const READS_ALL = sh('read -r line; echo "done: [$line]"; exec sleep 1000');

for (const restart of ["temporary", "transient", "on-abnormal"] as const) {
  Deno.test(`a job without a protocol reads an empty stdin when it is ${restart}`, async () => {
    await using probe = await Probe.start({ ...READS_ALL, restart });
    await probe.output("done: []");
    await probe.system.stop();
    assertEquals(probe.steps(), ["SIGTERM"]);
  });
}

const JOB = { command: "sh", args: ["-c", "cat; echo done"] };
const WAITS = { command: "sleep", args: ["1000"] };

for (const condition of ["completed", "completed_successfully"] as const) {
  Deno.test(`a permanent child reads an empty stdin when a sibling waits until it is ${condition}`, async () => {
    const job = sidecar("job", { ...JOB, rules: { prevent: [0] } });
    const web = sidecar("web", { ...WAITS, after: [{ id: "job", condition }] });
    await using app = await launch(supervisor("app", [job, web]), { report: false });
    assertEquals(app.status().map(({ id, state }) => `${id} ${state}`), ["job stopped", "web running"]);
  });
}

Deno.test("a job of a manifest reads an empty stdin, and what waits for it starts", async () => {
  const manifest = parse(
    JSON.stringify({
      name: "app",
      children: [
        { id: "job", ...JOB, restart: { on: "permanent", prevent: [0] } },
        { id: "web", ...WAITS, after: [{ id: "job", condition: "completed_successfully" }] },
      ],
    }),
    { file: `${Deno.cwd()}/app.json` },
  );
  await using app = await launch(buildTree(manifest, factories), { report: false });
  assertEquals(app.status().map(({ id, state }) => `${id} ${state}`), ["job stopped", "web running"]);
});

const PIPES: Readonly<Record<string, Partial<SidecarOptions>>> = {
  "it is a service": {},
  "it is a job that asks for one": { restart: "temporary", stdin: "pipe" },
};
for (const [when, options] of Object.entries(PIPES)) {
  Deno.test(`a sidecar has a pipe, which ends at its stop, when ${when}`, async () => {
    await using probe = await Probe.start({
      ...sh("echo up; trap '' TERM; cat; echo over >&2"),
      stop: { stdin: 60_000 },
      ...options,
    });
    await probe.output("up");
    await probe.system.stop();
    await probe.log.ended;
    assertEquals(probe.all("output").map(({ line }) => line), ["up", "over"]);
    assertEquals(probe.steps(), ["close_stdin"]);
  });
}

Deno.test("a service has an empty stdin when it asks for that", async () => {
  await using probe = await Probe.start({ ...READS_ALL, stdin: "null" });
  await probe.output("done: []");
});

Deno.test("a sidecar is refused when it has a protocol and no stdin", () => {
  const wrong = { command: "cat", protocol: "lines", stdin: "null" } as const;
  const error = assertThrows(() => sidecar("s", wrong), OptionError);
  assertEquals(
    error.message,
    `Cannot make the sidecar 's' without stdin: its protocol writes to stdin; set it to "pipe", or leave out the protocol`,
  );
  const children = [{ id: "s", ...wrong }];
  const { faults: [fault] } = assertThrows(
    () => parse(JSON.stringify({ name: "app", children }), { file: "app.json" }),
    ManifestError,
  );
  assertEquals(fault?.path, "children[0].stdin");
  assertMatch(fault!.message, /set it to "pipe"/);
});

Deno.test("a process refuses what is written to it when its stdin is null", async () => {
  const child = spawn({ ...commandOf({ command: "cat" }), stdin: "null" });
  const reading = child.readStdout(() => {});
  const error = assertThrows(() => child.write("x"), PipeClosedError);
  assertMatch(error.message, /its stdin is "null"; start it with "pipe" to write to it/);
  await child.closeStdin();
  assertEquals((await child.closed).status.code, 0);
  await reading;
});

Deno.test("a sidecar with a protocol ends its input when its writable is closed, and refuses what comes later", async () => {
  await using probe = await Probe.start({
    ...sh("tr a-z A-Z; exec sleep 1000"),
    protocol: "bytes",
    backoff: NO_BACKOFF,
  });
  const out = probe.ref.subscribe();
  const writer = probe.ref.writable().getWriter();
  await writer.write(new TextEncoder().encode("hello"));
  await writer.close();
  assertEquals(new TextDecoder().decode((await out.next()).value), "HELLO");
  const late = probe.ref.writable().getWriter();
  const error = await failureOf(late.write(new TextEncoder().encode("late")));
  assertInstanceOf(error, PipeClosedError);
  assertMatch(error.message, /its stdin was closed; start it again to send more/);
  await probe.ref.tell(new TextEncoder().encode("late"));
  assertEquals((await probe.event("dead_letter")).reason, "refused");
  await out.return();
});
