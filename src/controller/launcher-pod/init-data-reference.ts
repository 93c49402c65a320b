/** An object of the instance's namespace that its init data is taken from. */
export interface InitDataReference {
  kind: "Secret" | "ConfigMap";
  name: string;
  /** Any one of them will do; empty: any key at all. */
  keys: readonly string[];
}
