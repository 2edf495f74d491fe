/**
 * Calls of the official SDK's client to a server that is killed meanwhile: each is answered with its own answer, or fails
 * with the connection that was closed.
 *
 * @module
 */
import { type Client, ProtocolError } from "npm:@modelcontextprotocol/client@2.4.0";
import { count } from "../figures.ts";

/** Calls that a session has open at the same time. */
export const LANES = 6;
/** Milliseconds within which a call has to be settled by something else than its timeout. */
const SETTLED_MS = 60_000;
/** JSON-RPC's code of a call whose server has ended. */
const CONNECTION_CLOSED = -32_000;

/** What the lanes of some sessions came to. */
export interface LaneFigures {
  /** The calls that were answered, by kind. */
  readonly answered: Record<string, number>;
  /** Calls that failed with the end of the server. */
  cut: number;
  /** Notifications of progress. */
  progress: number;
  /** Those that the SDK dropped, as it had taken the result before. */
  lateProgress: number;
  /** Questions of the server that the client answered. */
  questions: number;
  /** Times that the client was told of lists that may have changed. */
  listsChanged: number;
  /** Calls that have come to nothing yet. */
  open: number;
}

/** None yet. */
export function noLaneFigures(): LaneFigures {
  return { answered: {}, cut: 0, progress: 0, lateProgress: 0, questions: 0, listsChanged: 0, open: 0 };
}

/** A lane's surroundings. */
export interface LaneOptions {
  readonly client: Client;
  readonly figures: LaneFigures;
  readonly random: () => number;
  /** Told of what is not as it should be. */
  readonly onBroken: (what: string) => void;
}

type Call = (n: number, options: LaneOptions) => Promise<boolean>;

/** The kinds of calls; each tells whether its answer is right. */
const CALLS: Readonly<Record<string, Call>> = {
  "echo": (n, lane) => toolSays(lane, "echo", { message: `${n}` }, (text) => text === `Echo: ${n}`),
  "get-sum": (n, lane) =>
    toolSays(lane, "get-sum", { a: n, b: 1 }, (text) => text === `The sum of ${n} and 1 is ${n + 1}.`),
  async "long"(_, lane) {
    const steps = 1 + Math.floor(lane.random() * 3);
    let last = 0;
    let isRising = true;
    const onprogress = ({ progress }: { readonly progress: number }) => {
      lane.figures.progress++;
      isRising &&= progress > last;
      last = progress;
    };
    const given = { duration: steps * 0.005, steps };
    const right = (text: string) => text.includes(`Steps: ${steps}.`) && isRising && last <= steps;
    return await toolSays(lane, "trigger-long-running-operation", given, right, onprogress);
  },
  "sampling": (n, lane) =>
    toolSays(
      lane,
      "trigger-sampling-request",
      { prompt: `<${n}>`, maxTokens: 10 },
      (text) => text.includes(`<${n}>`),
    ),
  async "tools/list"(_, { client }) {
    const { tools } = await client.listTools(undefined, { timeout: SETTLED_MS });
    return tools.some(({ name }) => name === "echo");
  },
  async "ping"(_, { client }) {
    await client.ping({ timeout: SETTLED_MS });
    return true;
  },
  async "cancelled"(n, { client, random }) {
    const abort = new AbortController();
    const options = { timeout: SETTLED_MS, signal: abort.signal };
    const call = client.callTool({ name: "echo", arguments: { message: `${n}` } }, options);
    setTimeout(() => abort.abort("no longer wanted"), random() * 10);
    try {
      return textOf(await call) === `Echo: ${n}`;
    } catch (error) {
      if (abort.signal.aborted && !isClosed(error)) return true;
      throw error;
    }
  },
};
const KINDS = Object.keys(CALLS);

/** Makes one call after another until `isOver`; each is numbered by `next`. */
export async function runLane(lane: LaneOptions, next: () => number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const kind = KINDS[Math.floor(lane.random() * KINDS.length)]!;
    await callOnce(kind, next(), lane);
  }
}

/** Makes one call of each kind; that one fails with its server is wrong, too: nothing is killed any more. */
export async function callEach(lane: LaneOptions, next: () => number): Promise<void> {
  for (const kind of KINDS) {
    const isCut = await callOnce(kind, next(), lane);
    if (isCut) lane.onBroken(`a call of ${kind} is cut off, though nothing is killed any more`);
  }
}

/** Makes one call; whether it has failed with its server. */
async function callOnce(kind: string, n: number, lane: LaneOptions): Promise<boolean> {
  const { figures, onBroken } = lane;
  figures.open++;
  try {
    if (await CALLS[kind]!(n, lane)) count(figures.answered, kind);
    else onBroken(`call ${n} of ${kind} has a wrong answer`);
  } catch (error) {
    if (isClosed(error)) {
      figures.cut++;
      return true;
    }
    onBroken(`call ${n} of ${kind}: ${error}`);
  } finally {
    figures.open--;
  }
  return false;
}

/** Calls a tool; whether its text is right. */
async function toolSays(
  { client }: LaneOptions,
  name: string,
  given: Record<string, unknown>,
  right: (text: string) => boolean,
  onprogress?: (progress: { readonly progress: number }) => void,
): Promise<boolean> {
  const options = { timeout: SETTLED_MS, ...onprogress && { onprogress } };
  return right(textOf(await client.callTool({ name, arguments: given }, options)));
}

function textOf({ content }: { readonly content?: unknown }): string {
  return (content as readonly { readonly text?: string }[] | undefined)?.[0]?.text ?? "";
}

/** Whether a call has failed with the end of its server, and says which. */
function isClosed(error: unknown): boolean {
  if (!(error instanceof ProtocolError) || error.code !== CONNECTION_CLOSED) return false;
  const { reason } = (error.data ?? {}) as { readonly reason?: unknown };
  return typeof reason === "string";
}
