/**
 * The protocol of `git cat-file --batch`: a name a line goes out; back comes a line with the object's length, and then the
 * object, whatever bytes it has.
 */
import type { Protocol } from "@outrider/outrider";
import { lengthInLine, UnencodableMessageError } from "@outrider/outrider/protocol";

/** An object, or why there is none of that name. */
export type Found =
  | { readonly oid: string; readonly type: string; readonly content: Uint8Array<ArrayBuffer> }
  | { readonly name: string; readonly none: "missing" | "ambiguous" };

/** Ask for a name such as `HEAD:README.md`. */
export const catFile: Protocol<string, Found> = {
  name: "git cat-file",
  codec: lengthInLine<string, Found>({
    name: "git cat-file",
    encode(name) {
      if (name !== "" && !/[\n\0]/.test(name)) return `${name}\n`;
      throw new UnencodableMessageError("git cat-file", { reason: "the name of an object is one line" });
    },
    header(line) {
      const [, oid = "", type = "", length] = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/.exec(line) ?? [];
      if (length !== undefined) {
        return { length: Number(length), message: (content) => ({ oid, type, content }) };
      }
      const [, name = "", none] = /^(.*) (missing|ambiguous)$/.exec(line) ?? [];
      return none === undefined ? undefined : { message: () => ({ name, none: none as "missing" }) };
    },
  }),
  pairing: "in-order",
};
