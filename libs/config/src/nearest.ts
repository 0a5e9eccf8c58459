import { editDistance } from '@rookery/protocol';

/** The valid word that was probably meant, or nothing when none is close (a third of the letters may differ). */
export function nearest(word: string, valid: readonly string[]): string | undefined {
  const wanted = word.slice(0, 64).toLowerCase().replaceAll(/[-_]/g, '');
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of valid) {
    const edits = editDistance(wanted, name.toLowerCase());
    if (edits <= Math.max(1, Math.floor(name.length / 3)) && (best === undefined || edits < best.edits)) {
      best = { name, edits };
    }
  }
  return best?.name;
}
