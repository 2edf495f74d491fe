import { Mailbox } from "../../../src/actor/mailbox/mailbox.ts";
import type { ResolvedMailbox } from "../../../src/actor/mailbox/options.ts";

/** A mailbox, what became dead letters of it, and all that it holds, taken out. */
export function boxOf(options: ResolvedMailbox): { box: Mailbox; dead: string[]; drain: () => unknown[] } {
  const dead: string[] = [];
  const box = new Mailbox("a", options, (reason, message) => dead.push(`${reason}: ${message}`));
  const drain = () => {
    const items: unknown[] = [];
    while (box.size > 0) items.push(box.take());
    return items;
  };
  return { box, dead, drain };
}
