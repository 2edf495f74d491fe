/**
 * Outrider as a library: a calculator that is another program, and that
 * comes back when a question was too hard for it.
 */
import { sidecar, start, supervisor } from "@outrider/outrider";

const calculator = sidecar("calculator", {
  command: "sh",
  args: ["-c", 'while read -r line; do echo "$(($line))"; done'],
  inheritEnv: ["PATH"],
  protocol: "lines",
});

await using system = await start(supervisor("embed", [calculator]));
const ref = system.ref<string, string>("calculator");

for (const question of ["6 * 7", "1 / 0", "6 * 9"]) {
  try {
    console.log(`${question} = ${await ref.ask(question)}, says generation ${ref.generation}`);
  } catch (error) {
    console.log(`${question}: ${(error as Error).message}`);
  }
}
