/**
 * One session of MCP whose server is killed at random: the client connects once, and its session is there at the end.
 *
 * @module
 */
import { Client } from "npm:@modelcontextprotocol/client@2.4.0";
import type { App } from "@outrider/outrider";
import type { McpSession } from "@outrider/outrider/actors/mcp";
import type { Lives } from "../lives.ts";
import { callEach, type LaneFigures, LANES, runLane } from "./lanes.ts";

/** Milliseconds within which a killed server has a successor that is ready. */
const BACK_WITHIN_MS = 60_000;
/** Milliseconds that a server is left alone at most, counted from the start of its process. */
const LONGEST_LIFE_MS = 1_000;

/** What a session needs. */
export interface SoakedSession {
  readonly app: App;
  readonly spec: McpSession;
  readonly lives: Lives;
  readonly kills: number;
  readonly random: () => number;
  readonly figures: LaneFigures;
  /** Told of what is not as it should be. */
  readonly onBroken: (what: string) => void;
}

/** Connects, calls while the server is killed, calls once more, closes. */
export async function soakSession(session: SoakedSession): Promise<void> {
  const { app, spec, figures, random, kills } = session;
  const onBroken = (what: string) => session.onBroken(`${spec.id}: ${what}`);
  const client = new Client({ name: "soak", version: "1.0.0" }, { capabilities: { sampling: {} } });
  let isClosing = false;
  client.onclose = () => isClosing || onBroken("the session is lost");
  client.onerror = (error) => {
    // The SDK takes up a notification a microtask later than a response, so progress right before a result is too late.
    if (error.message.startsWith("Received a progress notification for an unknown token")) {
      figures.lateProgress++;
    } else if (!isClosing) onBroken(`the client is told of ${error}`);
  };
  client.setRequestHandler("sampling/createMessage", async ({ params }) => {
    figures.questions++;
    await pause(random() * 5);
    const content = params.messages[0]!.content as { readonly type: "text"; readonly text: string };
    return { role: "assistant", model: "none", content };
  });
  client.setNotificationHandler("notifications/tools/list_changed", () => void figures.listsChanged++);
  await client.connect(spec.transport(app.ref(spec)));

  let calls = 0;
  let isOver = false;
  const lane = { client, figures, random, onBroken };
  const next = () => ++calls;
  const lanes = Array.from({ length: LANES }, () => runLane(lane, next, () => isOver));
  for (let kill = 0; kill < kills; kill++) {
    if (!await killOnce(session, onBroken)) break;
  }
  isOver = true;
  await Promise.all(lanes);
  await callEach(lane, next);
  isClosing = true;
  await client.close();
}

/** Kills the process that is there, ready or not, after a while; fulfilled when there is another: `false` if none comes. */
async function killOnce(
  { lives, spec, random }: SoakedSession,
  onBroken: (what: string) => void,
): Promise<boolean> {
  await pause(random() * LONGEST_LIFE_MS);
  const life = lives.at(spec.id)!;
  try {
    Deno.kill(life.pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  // A process of the session may be killed in its handshake as well, so that one that exists is enough now and then.
  const isReady = random() < 0.7;
  const until = performance.now() + BACK_WITHIN_MS;
  while (performance.now() < until) {
    const now = lives.at(spec.id)!;
    if (now.generation > life.generation && (now.ready || !isReady)) return true;
    await pause(5);
  }
  onBroken(`nothing came after generation ${life.generation} within ${BACK_WITHIN_MS} ms`);
  return false;
}

function pause(ms: number): Promise<void> {
  return new Promise((go) => setTimeout(go, ms));
}
