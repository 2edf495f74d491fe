/**
 * Whether a URI may have been made from a template (RFC 6570), so that its server is found by it.
 */

/** Whether `uri` fits `template`; variables of the kinds `{+x}`, `{#x}` and `{/x*}` take slashes, others do not. Pure. */
export function templateMatches(template: string, uri: string): boolean {
  const parts = template.split(/(\{[^{}]*\})/);
  const pattern = parts.map((part) => {
    if (!part.startsWith("{")) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const [operator] = part.slice(1);
    if (operator === "+" || operator === "#" || part.endsWith("*}")) return ".*";
    return operator === "/" ? "(?:/[^?#]*)?" : operator === "?" || operator === "&" ? "(?:[?&].*)?" : "[^/]*";
  });
  return new RegExp(`^${pattern.join("")}$`, "s").test(uri);
}
