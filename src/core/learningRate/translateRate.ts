/**
 * How a learning rate is counted.
 * sgd           theta -= lr * g
 * sgdm          theta -= lr * a,  a = beta a + g (heavy ball, PyTorch): momentum sums
 * sgdmAveraged  theta -= lr * m,  m = beta m + (1 - beta) g: momentum averages (dampening 1 - beta)
 * lpsgd, lpsgdm theta -= lr * m / |m|^rho, m as above (g for lpsgd)
 */
export const rateConventions = ['sgd', 'sgdm', 'sgdmAveraged', 'lpsgd', 'lpsgdm'] as const;
export type RateConvention = (typeof rateConventions)[number];

export const conventionNames: Readonly<Record<RateConvention, string>> = {
  sgd: 'SGD',
  sgdm: 'SGDM, momentum sums (PyTorch)',
  sgdmAveraged: 'SGDM, momentum averages (dampening)',
  lpsgd: 'LPSGD',
  lpsgdm: 'LPSGDM',
};

export interface RateQuestion {
  learningRate: number;
  from: RateConvention;
  to: RateConvention;
  /** momentum of both sides, in [0, 1) */
  beta: number;
  /** p at the moment that is asked about, at least 2 */
  p: number;
  /** typical size of a gradient's coordinate, above 0 */
  gradientSize: number;
}

export interface RateAnswer {
  learningRate: number;
  /** how far a coordinate moves per step, the same on both sides: where gradients stay as they are */
  step: number;
  /** the answer once p has come down to 2; equal to `learningRate` when no side follows p */
  learningRateAtEnd: number;
  /** why, one sentence per factor */
  reasons: string[];
}

const round = (value: number): string => String(Number(value.toPrecision(3)));
const isLp = (convention: RateConvention): boolean => convention === 'lpsgd' || convention === 'lpsgdm';

/** The step of a coordinate per unit of learning rate, once momentum has settled on a gradient of this size. */
export function stepPerRate(
  convention: RateConvention,
  { beta, p, gradientSize }: Omit<RateQuestion, 'from' | 'to' | 'learningRate'>,
): number {
  switch (convention) {
    case 'sgd':
    case 'sgdmAveraged':
      return gradientSize;
    case 'sgdm':
      return gradientSize / (1 - beta);
    case 'lpsgd':
    case 'lpsgdm':
      return gradientSize ** (1 / (p - 1));
  }
}

/**
 * The learning rate with which the other convention takes the same steps, where gradients are of one size g and momentum
 * has settled: summed momentum is g / (1 - beta), averaged momentum is g, and the lp direction makes |m|^(1/(p-1)) of |m|.
 * So lr(LPSGDM) = lr(SGDM) / (1 - beta) * g^rho with rho = (p - 2) / (p - 1).
 */
export function translateRate(question: RateQuestion): RateAnswer {
  const { learningRate, from, to } = question;
  const step = learningRate * stepPerRate(from, question);
  const translated = step / stepPerRate(to, question);
  const atEnd = { ...question, p: 2 };
  const learningRateAtEnd = (learningRate * stepPerRate(from, atEnd)) / stepPerRate(to, atEnd);
  return {
    learningRate: translated,
    step,
    learningRateAtEnd,
    reasons: reasonsOf(question, translated, learningRateAtEnd),
  };
}

function reasonsOf({ from, to, beta, p, gradientSize }: RateQuestion, translated: number, atEnd: number): string[] {
  const reasons: string[] = [];
  if (from === to) return ['Both sides count alike: nothing changes.'];
  const sums = [from, to].filter((convention) => convention === 'sgdm').length;
  if (sums === 1 && beta > 0) {
    reasons.push(
      `Momentum that sums settles at g / (1 - beta), ${round(1 / (1 - beta))} times the gradient at beta ${beta}; momentum that averages settles at g. This is a factor of ${round(1 / (1 - beta))}.`,
    );
  }
  if (isLp(from) !== isLp(to) && p > 2) {
    const lp = gradientSize ** (1 / (p - 1));
    reasons.push(
      `At p = ${round(p)} a coordinate of size ${round(gradientSize)} moves by |m|^(1/(p-1)) = ${round(lp)} per unit of learning rate in place of ${round(gradientSize)}: ${round(lp / gradientSize)} times as far.`,
      `As p falls to 2 the factor goes away: the same steps would then need ${round(atEnd)}. Annealing p is also a schedule of the step size.`,
      'This holds for one size of gradient. Where coordinates differ, lp steps are more alike than those of SGD, which is what the method is for: take the answer as the middle of a search.',
    );
  }
  if (reasons.length === 0) reasons.push('With these settings both sides take the same steps.');
  if (!Number.isFinite(translated)) reasons.push('The numbers leave what can be computed.');
  return reasons;
}
