import { AppError } from '../../core/errors.ts';

/**
 * A service of a data folder that is open for reading only: its reading methods, and for each other one an AppError
 * `notAllowed` that says what cannot be done here.
 */
export function refuseChanges<Service extends object>(
  service: Service,
  readingMethods: readonly (keyof Service & string)[],
  refusal: string,
): Service {
  const reading: readonly string[] = readingMethods;
  const refuse = async (): Promise<never> => {
    throw new AppError('notAllowed', `The data folder is open for reading only: ${refusal}`);
  };
  const entries = Object.entries(service).map(([name, method]) => [name, reading.includes(name) ? method : refuse]);
  return Object.fromEntries(entries) as Service;
}
