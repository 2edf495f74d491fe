/** What a user hands in as a list or an object is read once: what was checked is what is used, each time. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  actor,
  OptionError,
  sidecar,
  type SidecarOptions,
  SupervisionError,
  supervisor,
} from "@outrider/outrider";
import { commandOf } from "../../../src/sidecar/options.ts";
import { Planted } from "../../actors/planted.ts";

/** `first` when it is read for the first time, and `then` from then on. */
function changing<Value>(first: Value, then: Value): { get(): Value; enumerable: true } {
  let reads = 0;
  return { get: () => reads++ === 0 ? first : then, enumerable: true };
}

Deno.test("a sidecar is started as it was described when the description changes afterwards", async () => {
  const options = {
    command: "sh",
    args: ["-c", 'printf "%s\\n" "$0 $WORD"', "first"],
    env: { WORD: "one" } as Record<string, string>,
    inheritEnv: ["PATH"],
    protocol: "lines" as const,
    restart: "temporary" as const,
  };
  const spec = sidecar("s", options);
  options.args[2] = "other";
  options.env.WORD = "two";
  options.inheritEnv.push("HOME");
  await using planted = new Planted([spec]);
  const reading = planted.ref.subscribe();
  await planted.system.start();
  assertEquals((await reading.next()).value, "first one");
  await reading.return();
});

Deno.test("a command is a frozen copy, each part of which was read once", () => {
  const args = Object.defineProperty(["--width"], 1, changing("800", "; rm -rf /"));
  const env = Object.defineProperty({}, "KEY", changing({ file: "/run/key" }, { file: "/etc/shadow" }));
  const launcher = Object.defineProperty([] as string[], 0, changing("nice", "sudo"));
  const options = Object.defineProperties({ command: "x", args, env, launcher }, {
    sha256: changing<string | undefined>("a".repeat(64), undefined),
    uid: changing(7, 0),
  }) as SidecarOptions;
  const command = commandOf(options);
  for (let again = 0; again < 2; again++) {
    assertEquals(command.args, ["--width", "800"]);
    assertEquals(command.env, { KEY: { file: "/run/key" } });
    assertEquals([command.launcher, command.sha256, command.uid], [["nice"], "a".repeat(64), 7]);
  }
  for (const part of [command.args, command.env, command.env.KEY, command.launcher, command.inheritEnv]) {
    assert(Object.isFrozen(part));
  }
  const late = Object.defineProperty({}, "PATH", changing<unknown>({ file: "/run/path" }, "/bin"));
  assertThrows(() => commandOf({ command: "x", env: late } as SidecarOptions), OptionError, "PATH");
});

Deno.test("a supervisor has the children that were checked when its list gives others later", () => {
  const [a, b, c] = ["a", "b", "c"].map((id) => actor(id, () => ({ receive() {} })));
  const list = Object.defineProperty([a!, c!], 1, changing(b!, a!));
  assertEquals(supervisor("root", list).children.map(({ id }) => id), ["a", "b"]);
  const twice = Object.defineProperty([a!, c!], 1, changing(a!, b!));
  assertThrows(() => supervisor("root", twice), SupervisionError, "same id");
  const grows = [a!];
  const spec = supervisor("root", grows);
  grows.push(b!);
  assertEquals(spec.children.length, 1);
});
