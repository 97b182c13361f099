/** Maps values of a domain to pixels of a range. */
export interface Scale {
  at(value: number): number;
  ticks: number[];
  isLog: boolean;
}

/** Steps of 1, 2 or 5 times a power of ten, at most about `count` of them inside the domain. */
export function niceTicks(min: number, max: number, count = 6): number[] {
  const span = max - min;
  if (!(span > 0)) return [min];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + 1e-9 * span; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number], count = 6): Scale {
  const [min, max] = domain;
  const span = max - min || 1;
  return {
    at: (value) => range[0] + ((value - min) / span) * (range[1] - range[0]),
    ticks: niceTicks(min, max, count),
    isLog: false,
  };
}

/** Both ends of the domain must be above 0. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [min, max] = [Math.log10(domain[0]), Math.log10(domain[1])];
  const span = max - min || 1;
  const ticks: number[] = [];
  // few powers of ten tell too little of a range, so there are numbers between them
  const factors = max - min > 2.5 ? [1] : [1, 2, 5];
  const stride = Math.max(1, Math.ceil((max - min) / 8));
  for (let power = Math.ceil(Math.floor(min) / stride) * stride; power <= max + 1e-9; power += stride) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(12));
      const at = Math.log10(tick);
      if (at >= min - 1e-9 && at <= max + 1e-9) ticks.push(tick);
    }
  }
  return {
    at: (value) => range[0] + ((Math.log10(value) - min) / span) * (range[1] - range[0]),
    ticks: ticks.length > 1 ? ticks : niceTicks(domain[0], domain[1], 4),
    isLog: true,
  };
}

/** The least and greatest of the values, a little wider; something sensible for none. */
export function paddedRange(values: readonly number[], share = 0.06): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const [min, max] = [Math.min(...finite), Math.max(...finite)];
  const margin = (max - min) * share || Math.abs(max) * share || 1;
  return [min - margin, max + margin];
}

/** A tick as people write it. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential().replace('e+', 'e');
  return String(Number(value.toPrecision(6)));
}
