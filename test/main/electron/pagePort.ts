import type { Page } from 'playwright-core';
import { portAnswer, portRequest } from '../../../src/core/rpc/pageChannel.ts';
import type { OwnedPort } from '../../../src/core/rpc/port.ts';

declare global {
  interface Window {
    testPort?: MessagePort;
    receiveInTest(message: unknown): Promise<void>;
    closedInTest(): Promise<void>;
  }
}

/** A channel of the page, asked for as the page itself asks, in the hands of the test. */
export async function openPagePort(page: Page): Promise<OwnedPort> {
  const listeners = new Set<(message: unknown) => void>();
  const closeListeners = new Set<() => void>();
  const end = (): void => {
    for (const listener of closeListeners) listener();
    closeListeners.clear();
  };
  await page.exposeFunction('receiveInTest', (message: unknown) => {
    for (const listener of listeners) listener(message);
  });
  await page.exposeFunction('closedInTest', end);
  await page.evaluate(
    ([request, answer]) =>
      new Promise<void>((resolve) => {
        const onAnswer = ({ data, ports }: MessageEvent): void => {
          const [port] = ports;
          if (data !== answer || !port) return;
          window.removeEventListener('message', onAnswer, true);
          port.addEventListener('message', (event) => void window.receiveInTest(event.data));
          port.addEventListener('close', () => void window.closedInTest());
          port.start();
          window.testPort = port;
          resolve();
        };
        window.addEventListener('message', onAnswer, true);
        window.postMessage(request, window.location.origin);
      }),
    [portRequest, portAnswer] as const,
  );
  return {
    send: (message) => void page.evaluate((value) => window.testPort?.postMessage(value), message).catch(end),
    onMessage(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onClose(listener) {
      closeListeners.add(listener);
      return () => void closeListeners.delete(listener);
    },
    close() {
      page.evaluate(() => window.testPort?.close()).catch(() => undefined);
      end();
    },
  };
}
