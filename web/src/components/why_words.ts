// Numbers and comparisons of the why panel as words; no elements here, so that they can be read and tested on their own.
import type { WhyDescriptor } from "../types";

/** A number with as many digits as people read, and a true minus sign. */
export function plain(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? "0" : text).replace("-", "−");
}

/** A contribution: always with its sign. */
export function signed(value: number): string {
  const text = plain(value);
  return text === "0" || text.startsWith("−") ? text : `+${text}`;
}

export function withUnit(value: number, unit: string): string {
  if (unit === "%") return `${plain(value)} %`;
  return unit === "" || /\d/.test(unit) ? plain(value) : `${plain(value)} ${unit}`; // a unit with digits is a range, not a unit
}

/** Where a share below (0 to 100) places a value among some songs. */
export function place(share: number, whose: string): string {
  if (share >= 25 && share <= 75) return `typical of ${whose}`;
  const beyond = Math.min(Math.round(share > 75 ? share : 100 - share), 100);
  const most = beyond >= 100 ? "nearly all" : `${beyond} %`;
  return share > 75 ? `higher than ${most} of ${whose}` : `lower than ${most} of ${whose}`;
}

/** "2.4: higher than 83 % of …, typical of the others". */
export function sentence(descriptor: WhyDescriptor, target: string): string {
  const value = withUnit(descriptor.value, descriptor.unit);
  return `${value}: ${place(descriptor.percentile, target)}, ${place(descriptor.other_percentile, "the others")}`;
}
