import { LAN_NUMBER_ANNOTATION } from "../../api/metadata.ts";
import type { CoreOSCluster } from "../../api/resources.ts";
import { masterNumber, workerNumber } from "../../guest-config/member.ts";
import type { MemberView } from "./member-view.ts";
import { poolMemberOf } from "./names.ts";

/** Host numbers on the LAN that workers of all groups share; the others are the masters'. */
const first = 2;
const last = 250;

/**
 * The members with their host numbers on the LAN, which also say which /24 of the pod range they have. A machine keeps
 * its number for life, and a pool's member its own from one machine to the next, whatever else is added or removed:
 * the others know it by that. The first master's and the default workers' follow from their names, as long as these are
 * free; pools take from the other end. Members for which no number is left come back without.
 */
export function withLanNumbers(cluster: CoreOSCluster, members: readonly MemberView[]): MemberView[] {
  const numbers = new Numbers();
  const recorded = recordedIn(cluster);
  const [present, absent] = [
    members.filter(isPresent),
    members.filter((one) => !isPresent(one) && one.wanted),
  ];
  for (const member of present)
    numbers.take(member, tellsOf(member) ?? recorded.get(member.name) ?? ruleOf(member));
  for (const member of absent) numbers.take(member, recorded.get(member.name));
  for (const member of absent) numbers.take(member, ruleOf(member));
  // What a smaller pool's former members had is kept for them as long as there is something else.
  const kept = new Set(recorded.values());
  for (const member of [...present, ...absent]) numbers.take(member, numbers.free(kept) ?? numbers.free());
  return members.map((member) => {
    const number = numbers.of(member);
    return number === undefined ? member : { ...member, number };
  });
}

class Numbers {
  readonly #byName = new Map<string, number>();
  readonly #taken = new Set<number>();

  of({ name, role, index }: MemberView): number | undefined {
    return role === "Master" ? masterNumber(index) : this.#byName.get(name);
  }

  /** Does nothing when the member has one, or somebody else has this. */
  take({ name, role }: MemberView, number: number | undefined): void {
    if (role === "Master" || number === undefined || this.#byName.has(name) || this.#taken.has(number))
      return;
    this.#byName.set(name, number);
    this.#taken.add(number);
  }

  /** The highest one that nobody has. */
  free(but: ReadonlySet<number> = new Set()): number | undefined {
    for (let number = last; number >= first; number--) {
      if (!this.#taken.has(number) && !but.has(number)) return number;
    }
    return undefined;
  }
}

function isPresent({ machine }: MemberView): boolean {
  return machine !== undefined;
}

/** What the machine was made with. */
function tellsOf({ machine }: MemberView): number | undefined {
  const text = machine?.metadata.annotations?.[LAN_NUMBER_ANNOTATION] ?? "";
  return isNumber(Number(text)) ? Number(text) : undefined;
}

function ruleOf({ pool, index }: MemberView): number | undefined {
  const number = workerNumber(index);
  return pool === undefined && isNumber(number) ? number : undefined;
}

function recordedIn({ metadata, spec, status }: CoreOSCluster): Map<string, number> {
  const pools = (status?.pools ?? []).filter(({ name }) => spec.pools?.some((pool) => pool.name === name));
  return new Map(
    pools.flatMap(({ name, lanNumbers = [] }) =>
      lanNumbers
        .map((number, index) => [poolMemberOf(metadata.name, name, index).name, number] as const)
        .filter(([, number]) => isNumber(number)),
    ),
  );
}

function isNumber(number: number): boolean {
  return Number.isInteger(number) && number >= first && number <= last;
}
