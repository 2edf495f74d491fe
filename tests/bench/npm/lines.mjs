/**
 * Lines from a program's stdout through node:readline, run by Node: `lines.mjs events|iterator COMMAND ARGS…`. For each
 * number on a line of stdin it tells the program to go and reads so many lines, and says the sum of their lengths.
 * `node_peer.ts` is at the other end.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const [way, command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
const lines = createInterface({ input: child.stdout });

function byEvents() {
  let sum = 0;
  let missing = 0;
  let done;
  lines.on("line", (line) => {
    sum += line.length;
    if (--missing === 0) done(sum);
  });
  return (amount) => {
    sum = 0;
    missing = amount;
    return new Promise((resolve) => done = resolve);
  };
}

function byIterator() {
  const iterator = lines[Symbol.asyncIterator]();
  return async (amount) => {
    let sum = 0;
    for (let missing = amount; missing > 0; missing--) sum += (await iterator.next()).value.length;
    return sum;
  };
}

const round = way === "events" ? byEvents() : byIterator();
for await (const amount of createInterface({ input: process.stdin })) {
  const rounds = round(Number(amount));
  child.stdin.write("go\n");
  console.log(await rounds);
}
child.stdin.end();
