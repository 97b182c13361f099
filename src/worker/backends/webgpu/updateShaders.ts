/** Invocations per workgroup, and the most workgroups a variable is shared among; each leaves three partial sums. */
export const workgroupSize = 256;
export const mostWorkgroups = 512;

/** The numbers of an update in the order in which the shader reads them, after the count of weights. */
export const uniformNames = [
  'learningRate',
  'weightDecay',
  'beta1',
  'fresh1',
  'beta2',
  'fresh2',
  'epsilon',
  'rho',
  'correction1',
  'correction2',
  'nesterov',
  'momentum',
  'alpha',
  'tau',
] as const;

export interface UpdateShader {
  /** state tensors in the order of the bindings `first` and `second` */
  slots: readonly string[];
  /** from theta, g and the state to the new theta and state; see the composed form of the same name for the formula */
  body: string;
}

/** The updates of src/worker/optimizers once more, in the same order of operations, for one weight. */
export const updateShaders: Readonly<Record<string, UpdateShader>> = {
  sgd: { slots: [], body: 'return descend(penalized(g, theta), theta);' },
  sgdm: {
    slots: ['a'],
    body: `
      let p = penalized(g, theta);
      let a = u.beta1 * first[i] + p;
      first[i] = a;
      return descend(select(p + u.beta1 * a, a, u.nesterov == 0.0), theta);`,
  },
  lpsgd: { slots: [], body: 'return decayed(lpDirection(g), theta);' },
  lpsgdm: {
    slots: ['m'],
    body: `
      let m = average1(first[i], g);
      first[i] = m;
      return decayed(lpDirection(m), theta);`,
  },
  signsgd: { slots: [], body: 'return decayed(direction(g), theta);' },
  signum: {
    slots: ['m'],
    body: `
      let m = average1(first[i], g);
      first[i] = m;
      return decayed(direction(m), theta);`,
  },
  lion: {
    slots: ['m'],
    body: `
      let old = first[i];
      first[i] = average2(old, g);
      return decayed(direction(average1(old, g)), theta);`,
  },
  adam: {
    slots: ['m', 'v'],
    body: `
      let p = penalized(g, theta);
      let m = average1(first[i], p);
      let v = average2(second[i], p * p);
      first[i] = m;
      second[i] = v;
      return descend(rootScaled(m / u.correction1, v / u.correction2), theta);`,
  },
  adamw: {
    slots: ['m', 'v'],
    body: `
      let m = average1(first[i], g);
      let v = average2(second[i], g * g);
      first[i] = m;
      second[i] = v;
      return decayed(rootScaled(m / u.correction1, v / u.correction2), theta);`,
  },
  rmsprop: {
    slots: ['v', 'a'],
    body: `
      let p = penalized(g, theta);
      let v = average1(first[i], p * p);
      let a = u.momentum * second[i] + rootScaled(p, v);
      first[i] = v;
      second[i] = a;
      return descend(a, theta);`,
  },
  stacey: {
    slots: ['m', 'z'],
    body: `
      let old = first[i];
      let c = average1(old, g);
      let z = second[i] - u.alpha * c;
      first[i] = average2(old, g);
      second[i] = z;
      return decayed((1.0 - u.tau) * lpDirection(c), theta) + u.tau * (z - theta);`,
  },
};

const smallestFloat32 = '1.1754943508222875e-38';

/**
 * One dispatch updates one variable in place and leaves the partial sums of its norms: a workgroup walks over its share
 * of the weights, so that there are few partial sums however large the variable is.
 */
export function shaderCode({ slots, body }: UpdateShader): string {
  const state = ['first', 'second'].slice(0, slots.length);
  return `
struct Numbers { size : u32, ${uniformNames.map((name) => `${name} : f32`).join(', ')} };
@group(0) @binding(0) var<storage, read_write> weights : array<f32>;
@group(0) @binding(1) var<storage, read> gradient : array<f32>;
@group(0) @binding(2) var<storage, read_write> norms : array<f32>;
@group(0) @binding(3) var<uniform> u : Numbers;
${state.map((name, index) => `@group(0) @binding(${4 + index}) var<storage, read_write> ${name} : array<f32>;`).join('\n')}
var<workgroup> partial : array<vec3f, ${workgroupSize}>;

fn average1(old : f32, x : f32) -> f32 { return u.beta1 * old + u.fresh1 * x; }
fn average2(old : f32, x : f32) -> f32 { return u.beta2 * old + u.fresh2 * x; }
fn penalized(g : f32, theta : f32) -> f32 { return g + u.weightDecay * theta; }
fn descend(d : f32, theta : f32) -> f32 { return theta - u.learningRate * d; }
fn decayed(d : f32, theta : f32) -> f32 { return descend(d + u.weightDecay * theta, theta); }
fn quotient(a : f32, b : f32) -> f32 { if (b == 0.0) { return 0.0; } return a / b; }
fn direction(x : f32) -> f32 { return x / max(abs(x), ${smallestFloat32}); }
fn lpDirection(x : f32) -> f32 {
  if (u.rho == 0.0) { return x; }
  return quotient(x, pow(abs(x) + u.epsilon, u.rho));
}
fn rootScaled(x : f32, square : f32) -> f32 { return quotient(x, sqrt(square) + u.epsilon); }
fn updated(i : u32, theta : f32, g : f32) -> f32 {${body}}

@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(num_workgroups) groups : vec3u, @builtin(local_invocation_index) lane : u32) {
  var sums = vec3f(0.0);
  for (var i = group.x * ${workgroupSize}u + lane; i < u.size; i += groups.x * ${workgroupSize}u) {
    let theta = weights[i];
    let g = gradient[i];
    let next = updated(i, theta, g);
    weights[i] = next;
    let moved = next - theta;
    sums += vec3f(g * g, moved * moved, theta * theta);
  }
  partial[lane] = sums;
  for (var stride = ${workgroupSize / 2}u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (lane < stride) { partial[lane] += partial[lane + stride]; }
  }
  if (lane == 0u) {
    norms[group.x * 3u] = partial[0].x;
    norms[group.x * 3u + 1u] = partial[0].y;
    norms[group.x * 3u + 2u] = partial[0].z;
  }
}`;
}
