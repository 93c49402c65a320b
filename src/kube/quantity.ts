const multipliers: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * The number that a Kubernetes quantity stands for: `1536Mi`, `0.5`, `100m`, `1e9`.
 * @throws RangeError for anything else
 */
export function parseQuantity(quantity: string | number): number {
  if (typeof quantity === "number") return quantity;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i|[numkMGTPE]?)|[eE]([+-]?\d+))$/.exec(quantity);
  if (match === null) throw new RangeError(`"${quantity}" is not a quantity; write for example 512Mi`);
  const [, digits = "", suffix = "", exponent] = match;
  return Number(digits) * (exponent === undefined ? (multipliers[suffix] ?? 1) : 10 ** Number(exponent));
}
