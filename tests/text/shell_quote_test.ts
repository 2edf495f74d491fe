import { assertEquals } from "@std/assert";
import { shellQuote } from "../../src/text/shell_quote.ts";

for (
  const argument of [
    "./prog\n",
    "./prog\n\n",
    "\n",
    "a\nb",
    "\u001b[1m\n",
    "it's\n",
    "%d\\012\n",
    "-n\n",
    "",
    "\r\n",
    "x\t",
  ]
) {
  Deno.test(`a shell gets ${JSON.stringify(argument)} as it is when it reads it quoted`, async () => {
    const args = ["-c", `printf '%s.' ${shellQuote(argument)}`];
    const { stdout } = await new Deno.Command("sh", { args }).output();
    assertEquals(new TextDecoder().decode(stdout), `${argument}.`);
  });
}
