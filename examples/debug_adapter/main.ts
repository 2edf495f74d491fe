/**
 * Debugs a Python program: stops in a function, looks at a variable, and lets it run on to its end.
 */
import { sidecar, start, supervisor } from "@outrider/outrider";
import { debugAdapter } from "./debug_adapter.ts";

const path = new URL("program.py", import.meta.url).pathname;
const debugpy = sidecar("debugpy", {
  command: Deno.args[0] ?? "python3",
  args: ["-m", "debugpy.adapter"],
  protocol: debugAdapter({ adapterID: "debugpy" }),
  restart: "temporary", // a debuggee that ran half way is not run again
});

await using system = await start(supervisor("root", [debugpy]));
const ref = system.ref(debugpy);
const events = ref.subscribe();
const ask = (command: string, args?: unknown) => ref.ask({ command, arguments: args }, { timeout: 30_000 });

/** The body of the next event of that name; what the program prints on the way is shown. */
async function until(name: string) {
  for (;;) {
    const { value } = await events.next();
    if (value?.event === "output" && value.body.category === "stdout") {
      Deno.stdout.writeSync(new TextEncoder().encode(value.body.output));
    }
    if (value === undefined || value.event === name) return value?.body;
  }
}

// `launch` is answered when the configuration is done, and that begins with the event `initialized`.
const launched = ask("launch", { program: path, console: "internalConsole" });
await until("initialized");
const { breakpoints } = await ask("setBreakpoints", { source: { path }, breakpoints: [{ line: 5 }] });
await ask("configurationDone");
await launched;

const { threadId, reason } = await until("stopped");
const { stackFrames: [{ id: frameId, name, line }] } = await ask("stackTrace", { threadId });
const { result } = await ask("evaluate", { frameId, expression: "result" });
console.log(`${reason} in ${name}, line ${line}, verified: ${breakpoints[0].verified}; result is ${result}`);
await ask("continue", { threadId });
await until("terminated");
