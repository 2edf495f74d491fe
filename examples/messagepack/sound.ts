/**
 * Whether bytes are one MessagePack value that is worth decoding.
 *
 * A header of five bytes can announce an array of four billion items, and decoders make room for what is announced: 15
 * bytes are enough for a gigabyte and seconds of work. So what is announced must be there before it is decoded, and must
 * not be deeper than what recurses over it copes with.
 */

/** Arrays and maps within one another. */
const MAX_DEPTH = 100;

/** Bytes behind the types from 0xca on that always have as many: floats, integers, and the small extensions. */
const FIXED = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17];

/** Looks at `bytes` once; takes no memory to speak of. */
export function isSound(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Items still to come of what is open, outermost first. */
  const open = [1];
  let at = 0;
  while (open.length > 0) {
    if (open.at(-1) === 0) {
      open.pop();
      continue;
    }
    if (at >= bytes.length || open.length - 1 > MAX_DEPTH) return false;
    const type = view.getUint8(at++);
    open[open.length - 1]!--;
    const [width, unit] = sizeField(type);
    if (at + width > bytes.length) return false;
    const size = width === 0 ? sizeIn(type) : uint(view, at, width);
    at += isExtension(type) ? width + 1 : width;
    if (unit === 0) at += size;
    else open.push(size * unit);
  }
  return at === bytes.length;
}

/** How many bytes say the size, and whether it counts bytes (0), items (1) or pairs of items (2). */
function sizeField(type: number): [width: number, unit: 0 | 1 | 2] {
  if (type >= 0x80 && type <= 0x8f) return [0, 2];
  if (type >= 0x90 && type <= 0x9f) return [0, 1];
  if (type >= 0xc4 && type <= 0xc9) return [[1, 2, 4][(type - 0xc4) % 3]!, 0];
  if (type >= 0xd9 && type <= 0xdb) return [[1, 2, 4][type - 0xd9]!, 0];
  if (type === 0xdc || type === 0xdd) return [type === 0xdc ? 2 : 4, 1];
  if (type === 0xde || type === 0xdf) return [type === 0xde ? 2 : 4, 2];
  return [0, 0];
}

/** The size that is told by the type itself. */
function sizeIn(type: number): number {
  if (type >= 0x80 && type <= 0x9f) return type & 0x0f;
  if (type >= 0xa0 && type <= 0xbf) return type & 0x1f;
  return FIXED[type - 0xca] ?? 0;
}

/** An extension's content follows a byte that says which one it is. */
function isExtension(type: number): boolean {
  return type >= 0xc7 && type <= 0xc9;
}

function uint(view: DataView, at: number, width: number): number {
  return width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at);
}
