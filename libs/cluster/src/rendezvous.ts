/**
 * Rendezvous hashing: every node computes the same preference of nodes for a key, from the key and the nodes alone. When a node
 * leaves, only its keys move; when one joins, it takes an equal share from each of the others.
 */

/** 32-bit FNV-1a with a final mix (murmur3), so that keys that differ in the last digit land far apart. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The nodes for a key, most preferred first. Independent of the order in which the nodes are given. */
export function preference(key: string, nodes: readonly string[]): string[] {
  return nodes
    .map((node) => ({ node, score: hash(`${node}|${key}`) }))
    .sort((a, b) => b.score - a.score || (a.node < b.node ? -1 : 1))
    .map((entry) => entry.node);
}
