/**
 * One session whose process is harmed at random: clients connect, call, and close with calls open; the last one has an
 * answer to each of its calls at the end.
 *
 * @module
 */
import { count } from "../figures.ts";
import { harmOnce, linger, type SessionHarm } from "./harms.ts";
import { HungError, settleInTime } from "./outcomes.ts";

/** Calls that a client has open at the same time. */
export const LANES = 6;

/** A client while it is connected. */
export interface SoakClient {
  /** Makes one call, of any kind; whether it has failed with its server. */
  callOnce(): Promise<boolean>;
  /** Makes one call of each kind; gives the kinds that have failed with their server. */
  callEach(): Promise<readonly string[]>;
  /** Closes. */
  close(): Promise<void>;
}

/** What a session needs. */
export interface SoakedSession extends SessionHarm {
  /** How often its process is harmed. */
  readonly harms: number;
  /** Nothing is begun any more. */
  readonly signal: AbortSignal;
  /** Connects another client. */
  connect(): Promise<SoakClient>;
}

/** Has client after client until the process was harmed often enough. */
export async function soakSession(session: SoakedSession): Promise<void> {
  const { outcomes, random, onBroken, signal } = session;
  const harm = (isConnecting?: boolean) => harmOnce(session, isConnecting);
  let left = session.harms;
  try {
    while (!signal.aborted) {
      let some = Math.min(left, 1 + Math.floor(random() * 5));
      left -= some;
      const isEarly = some > 0 && random() < 0.3;
      if (isEarly) some--;
      const [client] = await Promise.all([
        settleInTime(session.connect(), "connecting"),
        isEarly && harm(true),
      ]);
      const isLast = left === 0;
      let isOver = false;
      const lanes = Array.from({ length: LANES }, async () => {
        // A client that asks again at once, while there is no process to ask, has the thread for itself.
        while (!isOver) if (await client.callOnce()) await linger(5);
      });
      for (; some > 0 && !signal.aborted; some--) await harm();
      await linger(random() * 300);
      isOver = true;
      if (isLast && !signal.aborted) {
        await Promise.all(lanes);
        for (const kind of await client.callEach()) {
          onBroken(
            "wrong",
            `a call of ${kind} has failed with its server, though nothing is harmed any more`,
          );
        }
      }
      await settleInTime(client.close(), "closing");
      await Promise.all(lanes);
      if (isLast) return;
      count(outcomes.harms, "connected anew");
      if (random() < 0.5) await linger(random() * 300);
    }
  } catch (error) {
    onBroken(error instanceof HungError ? "hung" : "lost", String((error as Error)?.stack ?? error));
  }
}
