/** For an object that is being made field by field: spreading what it may have costs as much as all the rest, and gives each object a shape of its own. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
