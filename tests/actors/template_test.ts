/** Sidecars from templates: what is given arrives as it is, and what is refused starts nothing. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  ArgumentError,
  type TemplateEntry,
  templateOf,
  UnknownTemplateError,
} from "@outrider/outrider/manifest";
import { dynamicSupervisor, start, supervisor } from "@outrider/outrider";
import { fromTemplate, startSidecar } from "@outrider/outrider/actors/template";
import { resolveManifest } from "../manifest/probe.ts";

const SCRIPT = `read go; for word; do printf '[%s]' "$word"; done; echo; exec cat`;

function template(args: unknown): TemplateEntry {
  const shows = { id: "shows", command: "sh", args, protocol: "lines" };
  return templateOf(
    resolveManifest({ name: "t", children: [], templates: [shows] }, { file: "/srv/outrider.json" }),
    "shows",
  );
}

const jobs = supervisor("root", [dynamicSupervisor("jobs")]);

Deno.test("each argument arrives as it was given, whatever a shell would make of it", async () => {
  await using system = await start(jobs);
  const given = ["$(touch pwned)", "; ls", "", "a b", "'\"\\", "`id`", "-x", "*", "ü"];
  await startSidecar(system, {
    template: template(true),
    under: "jobs",
    args: ["-c", SCRIPT, "name", ...given],
  });
  const shown = await system.ref("jobs/shows").ask("go");
  assertEquals(shown, given.map((word) => `[${word}]`).join(""));
});

Deno.test("a forbidden argument starts nothing", async () => {
  await using system = await start(jobs);
  const rules = ["-c", SCRIPT, "name", { validator: "[a-z]+" }];
  const wanted = { template: template(rules), under: "jobs", args: ["-c", SCRIPT, "name", "a;b"] };
  const { index } = await assertRejects(() => startSidecar(system, wanted), ArgumentError);
  assertEquals([index, system.countChildren("jobs").active], [3, 0]);
  await startSidecar(system, { ...wanted, id: "one", args: ["-c", SCRIPT, "name", "ab"] });
  await startSidecar(system, { ...wanted, id: "two", args: ["-c", SCRIPT, "name", "cd"] });
  assertEquals(await system.ref("jobs/two").ask("go"), "[cd]");
  assertEquals(system.whichChildren("jobs").map(({ id }) => id), ["one", "two"]);
});

Deno.test("a script that is a rule is not replaced by another: given is compared, not put in its place", () => {
  const rules = template(["-c", SCRIPT]);
  const { value } = assertThrows(() => fromTemplate(rules, { args: ["-c", "exit 1"] }), ArgumentError);
  assertEquals(value, '"exit 1"');
});

Deno.test("the manifest says which templates there are", () => {
  const find = (id: string) => templateOf({ templates: [template([])] }, id);
  assertEquals(find("shows").command, "sh");
  const { message } = assertThrows(() => find("show"), UnknownTemplateError);
  assertEquals(message, `Cannot find the template "show" in the manifest: did you mean "shows"?`);
});
