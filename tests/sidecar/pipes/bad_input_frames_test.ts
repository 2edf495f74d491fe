/** Frames that are none: cut off, too long, not UTF-8; and a stdout that is closed. Real processes. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import {
  AskTimeoutError,
  IncarnationEndedError,
  SidecarExitedError,
  SidecarProtocolError,
} from "@outrider/outrider";
import { SidecarMuteError } from "@outrider/outrider/protocol";
import { failureOf, stateOf } from "../../support/probes.ts";
import { answering, TONGUES } from "./bad_input.ts";
import { Probe } from "../health/probe.ts";

const SAY = `printf '%s\\n'`;

for (const tongue of TONGUES) {
  const { name } = tongue;

  Deno.test(`${name}: half an answer before a failure does not count, and the next process gives a whole one`, async () => {
    const marker = await Deno.makeTempFile();
    await using probe = await answering(
      tongue,
      `if [ -s '${marker}' ]; then ${SAY} "$reply"; else echo x > '${marker}'; printf '%s' "\${reply%???}"; exit 3; fi`,
    );
    const error = await failureOf(probe.ref.ask(tongue.ask(1)));
    assertInstanceOf(error, IncarnationEndedError);
    assertInstanceOf(error.cause, SidecarExitedError);
    assertEquals([error.generation, error.cause.exitCode], [1, 3]);
    assertEquals(await probe.ref.ask(tongue.ask(22)), tongue.answer(22, 1));
    await Deno.remove(marker);
  });

  Deno.test(`${name}: half an answer at a good end counts only for a line`, async () => {
    await using probe = await answering(tongue, `printf '%s' "\${reply%??}"; exit 0`, {
      restart: "temporary",
    });
    const outcome = await probe.ref.ask(tongue.ask(123)).catch((error: Error) => error);
    if (name === "lines") assertEquals(outcome, "n1");
    else {
      assertInstanceOf(outcome, IncarnationEndedError);
      assertEquals([outcome.exit.reason, probe.all("malformed").map(({ kind }) => kind)], ["normal", [
        "truncated",
      ]]);
    }
  });

  Deno.test(`${name}: an answer over the cap is dropped and reported, without loss of others`, async () => {
    const long = `[ "$once" ] || { once=1; head -c 3000000 /dev/zero | tr '\\0' x; reply=; }`;
    await using probe = await answering(tongue, `${long}; ${SAY} "$reply"`, {
      maxFrame: 10_000,
      stop: { drain: 0, stdin: 5_000, term: 5_000 },
    });
    const first = failureOf(probe.ref.ask(tongue.ask(1), { timeout: name === "lines" ? 5_000 : 300 }));
    const next = await probe.ref.ask(tongue.ask(2));
    assertEquals(next, tongue.answer(2, 2));
    const error = await first;
    // Which request it answered is known by its order alone.
    if (name === "lines") assertInstanceOf(error, SidecarProtocolError);
    else assertInstanceOf(error, AskTimeoutError);
    assertEquals(probe.all("malformed").map(({ kind }) => kind), ["over_cap"]);
    assertEquals(probe.ref.generation, 1);
  });

  Deno.test(`${name}: invalid UTF-8 is reported, without loss of other answers`, async () => {
    const wrong = name === "lines" ? "" : `printf '{"id":1,"x":"\\377"}\\n'; `;
    const mark = name === "lines" ? `reply="$(printf '\\377')$reply"; ` : "";
    await using probe = await answering(tongue, `${wrong}${mark}${SAY} "$reply"`);
    for (let n = 1; n <= 3; n++) {
      const answer = await probe.ref.ask(tongue.ask(n));
      assertEquals(answer, name === "lines" ? `\ufffdn${n}` : tongue.answer(n, n));
    }
    assertEquals(probe.all("malformed").map(({ kind, total }) => [kind, total]), [["invalid_utf8", 1], [
      "invalid_utf8",
      2,
    ]]);
  });

  Deno.test(`${name}: every answer in single bytes, and many in one piece, are the same answers`, async () => {
    await using probe = await answering(
      tongue,
      `rest=$reply; while [ "$rest" ]; do printf '%.1s' "$rest"; rest=\${rest#?}; done; echo`,
    );
    for (let n = 1; n <= 3; n++) assertEquals(await probe.ref.ask(tongue.ask(n)), tongue.answer(n, n));
  });

  Deno.test(`${name}: a program that closes its stdout and lives on can't answer; all else goes on`, async () => {
    await using probe = await Probe.start({
      command: "sh",
      args: ["-c", 'exec >&-; echo closed >&2; while read -r line; do echo "$line" >&2; done'],
      protocol: tongue.protocol,
      stop: { drain: 0, stdin: 5_000, term: 5_000 },
    });
    await probe.output("closed");
    const hopeless = failureOf(probe.ref.ask(tongue.ask(1)));
    await probe.ref.tell(tongue.ask(2));
    await probe.event("output", ({ line }) => line.includes("n2") || line === '{"n":2}');
    assertInstanceOf(await hopeless, SidecarMuteError); // once it is known that it lives on
    assertInstanceOf(await failureOf(probe.ref.ask(tongue.ask(3))), SidecarMuteError);
    assertEquals(await stateOf(probe.event("exited")), "pending");
    await probe.system.stop();
    assertEquals(probe.steps().filter((step) => step !== "goodbye"), ["drain", "close_stdin"]);
  });
}
