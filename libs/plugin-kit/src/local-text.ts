/** Every text that users read exists in both languages. */
export interface LocalText {
  readonly zh: string;
  readonly en: string;
}

export type Locale = keyof LocalText;
