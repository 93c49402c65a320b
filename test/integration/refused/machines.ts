import type { Case } from "../harness/refusal.ts";
import { disks, instanceSpec } from "./instances.ts";

export const machineCases: Case[] = [
  {
    title: "no run strategy",
    spec: { template: { spec: instanceSpec() } },
    says: "runStrategy is missing; give one of Always, RerunOnFailure, Manual, Once or Halted",
  },
  {
    title: "both running and runStrategy",
    spec: { running: true, runStrategy: "Halted", template: { spec: instanceSpec() } },
    says: "running is true and runStrategy is Halted, but only one of the two may be given; remove running",
  },
  {
    title: "an unknown run strategy",
    spec: { runStrategy: "always", template: { spec: instanceSpec() } },
    says: 'spec.runStrategy: Unsupported value: "always"',
  },
  { title: "no template", spec: { runStrategy: "Always" }, says: "spec.template: Required value" },
  {
    title: "a wrong template, by the rules of the instance",
    spec: { runStrategy: "Always", template: { spec: instanceSpec({}, disks("root", "data")) } },
    says: 'disk "data" has no volume',
  },
];
