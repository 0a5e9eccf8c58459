interface Node<Route> {
  readonly next: Map<number, Node<Route>>;
  /** Where to go on when nothing fits: the longest other word that ends like this one. */
  fail: Node<Route> | undefined;
  /** Words that end here. */
  readonly words: { readonly word: string; readonly routes: Route[] }[];
  /** The nearest node on the way of `fail` with words of its own. */
  ending: Node<Route> | undefined;
}

export interface KeywordMatch<Route> {
  readonly word: string;
  readonly route: Route;
}

const newNode = <Route>(): Node<Route> => ({ next: new Map(), fail: undefined, words: [], ending: undefined });

/**
 * Finds all words of all plugins in one pass over a text (Aho and Corasick, 1975): what it costs grows with the text and not with
 * the number of words. Upper and lower case are one.
 */
export class KeywordTable<Route> {
  readonly #root: Node<Route> = newNode();

  constructor(entries: readonly { readonly words: readonly string[]; readonly route: Route }[]) {
    for (const { words, route } of entries) for (const word of words) this.#add(word.toLowerCase(), route);
    this.#link();
  }

  /** Each route once, with the first of its words that ends in the text. */
  find(text: string): readonly KeywordMatch<Route>[] {
    if (this.#root.next.size === 0) return [];
    const lower = text.toLowerCase();
    let found: Map<Route, KeywordMatch<Route>> | undefined;
    let node = this.#root;
    for (let at = 0; at < lower.length; at++) {
      const code = lower.charCodeAt(at);
      let next = node.next.get(code);
      while (next === undefined && node.fail !== undefined) {
        node = node.fail;
        next = node.next.get(code);
      }
      node = next ?? this.#root;
      for (let end = node.words.length > 0 ? node : node.ending; end !== undefined; end = end.ending) {
        for (const { word, routes } of end.words) {
          for (const route of routes) {
            found ??= new Map();
            if (!found.has(route)) found.set(route, { word, route });
          }
        }
      }
    }
    return found ? [...found.values()] : [];
  }

  #add(word: string, route: Route): void {
    let node = this.#root;
    for (let at = 0; at < word.length; at++) {
      const code = word.charCodeAt(at);
      let next = node.next.get(code);
      if (!next) node.next.set(code, (next = newNode()));
      node = next;
    }
    const known = node.words.find((entry) => entry.word === word);
    if (known) known.routes.push(route);
    else node.words.push({ word, routes: [route] });
  }

  /** Breadth first, so that the way out of a node is known before it is needed. */
  #link(): void {
    const queue = [this.#root];
    for (const node of queue) {
      for (const [code, child] of node.next) {
        let fail = node.fail;
        while (fail !== undefined && !fail.next.has(code)) fail = fail.fail;
        child.fail = fail?.next.get(code) ?? this.#root;
        child.ending = child.fail.words.length > 0 ? child.fail : child.fail.ending;
        queue.push(child);
      }
    }
  }
}
