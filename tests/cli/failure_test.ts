import { assertEquals } from "@std/assert";
import { isOfDisk } from "../../src/cli/exit.ts";
import { seeAlso } from "../../src/cli/failure.ts";
import { isExpected, reasonOf } from "../../src/cli/talk/answer.ts";
import { asError } from "../../src/actor/exit.ts";
import { IncarnationEndedError } from "../../src/actor/actor_errors.ts";
import { GaveUpError, StartError } from "../../src/supervision/supervision_errors.ts";
import { OutriderError } from "../../src/outrider_error.ts";
import { BITING, bitingErrors } from "../actor/biting.ts";

/** An error of this package, with any code. */
class Coded extends OutriderError {
  constructor(readonly code: string, cause?: unknown) {
    super(code, { cause });
  }
}

Deno.test("a failure points to the page of the error that is behind those which pass it on", () => {
  const exited = new Coded("sidecar_exited");
  const gaveUp = new GaveUpError("/", { restarts: 1, within: 1 }, new StartError("db", exited));
  const pages: [Error, string[]][] = [
    [exited, ["sidecar_exited"]],
    [new StartError("/", new StartError("db", exited)), ["sidecar_exited"]],
    [gaveUp, ["sidecar_exited"]],
    [new StartError("/", new Error("mine")), ["start_failed"]],
    [Object.assign(new Error("mine", { cause: exited }), { code: "mine" }), ["sidecar_exited"]],
    [new Coded("sidecar_exited", new Coded("program_not_found")), ["sidecar_exited"]],
    [new Error("mine"), []],
    [bitingErrors.ring!(), []],
    [bitingErrors.endless!(), []],
  ];
  for (const [error, codes] of pages) {
    assertEquals(seeAlso(error).map((line) => line.split(" ").at(-1)), codes, error.message);
  }
});

Deno.test("a command says why it failed when the error, or its cause, bites", () => {
  for (const [name, make] of Object.entries(BITING)) {
    const error = asError(make());
    seeAlso(error);
    assertEquals([isOfDisk(make()), isExpected(error)], [false, false], name);
    assertEquals(typeof reasonOf(error), "string", name);
    const ended = new IncarnationEndedError("a", 1, { reason: "crash", cause: make() as Error });
    assertEquals(typeof reasonOf(ended), "string", name);
  }
});
