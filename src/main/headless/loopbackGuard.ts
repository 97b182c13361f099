const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost']);

export interface RequestOrigin {
  /** the Host header */
  host: string | undefined;
  /** the Origin header; browsers send it with every WebSocket and with every request a script of another site makes */
  origin: string | undefined;
}

/**
 * Why a request must be refused whatever else it carries, or null.
 *
 * Listening on 127.0.0.1 keeps other machines out but not other web pages: a page of evil.example may let its own name
 * resolve to 127.0.0.1 (DNS rebinding), and then its requests to this server are same-origin for the browser. They
 * still carry `Host: evil.example`, which is why the name is checked. Any port is accepted, because a port forwarded by
 * ssh differs from ours. A page on another port of this machine is kept out by its Origin, which must be ours.
 */
export function refusalOf({ host, origin }: RequestOrigin): string | null {
  const name = host === undefined ? undefined : hostName(host);
  if (name === undefined || !loopbackNames.has(name)) {
    return 'This server answers only at 127.0.0.1 and localhost.';
  }
  if (origin !== undefined && origin !== `http://${host}`) return 'Requests from other sites are not answered.';
  return null;
}

function hostName(host: string): string | undefined {
  return /^([a-z0-9.-]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
}
