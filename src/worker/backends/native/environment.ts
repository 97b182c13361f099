type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables that TensorFlow reads when it is loaded. It takes the last of the visible cards, so that one is shown to it:
 * the first of those that the user shows, else card 0. It would also take all of the card's memory at once.
 */
export function tensorflowEnvironment(kind: 'native' | 'cuda', env: Environment): Record<string, string> {
  const quiet = { TF_CPP_MIN_LOG_LEVEL: env['TF_CPP_MIN_LOG_LEVEL'] ?? '2' };
  // an empty list hides every card
  if (kind === 'native') return { ...quiet, CUDA_VISIBLE_DEVICES: '' };
  const [first = '0'] = (env['CUDA_VISIBLE_DEVICES'] ?? '').split(',').filter((id) => id.trim() !== '');
  return {
    ...quiet,
    CUDA_VISIBLE_DEVICES: first.trim(),
    TF_FORCE_GPU_ALLOW_GROWTH: env['TF_FORCE_GPU_ALLOW_GROWTH'] ?? 'true',
  };
}
