import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may use a server. All secrets die with it. */
export interface Access {
  /** for programs: sent as `Authorization: Bearer`, valid as long as the server lives */
  readonly token: string;
  /** A new word for a link, valid for one use. */
  newLinkToken(): string;
  /** Whether a word from a link opens the door; a link's own word is spent by asking. */
  admits(linkToken: string): boolean;
  /** What an admitted browser keeps. */
  setCookie(): string;
  /** Whether a request comes from an admitted browser or carries the token. */
  isAllowed(headers: { cookie?: string; authorization?: string }): boolean;
  /** Whether a request carries the token itself. */
  hasToken(headers: { authorization?: string }): boolean;
}

/** Links that may be open at a time; a further one makes the oldest void. */
const maxOpenLinks = 16;

/** Compares in a time that says nothing about where two texts differ. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** `randomToken` gives an unguessable word of URL-safe characters. Cookies know no ports, so their name says ours. */
export function createAccess(randomToken: () => string, port: number): Access {
  const token = randomToken();
  const session = randomToken();
  const cookieName = `lp-workbench-${port}`;
  let openLinks: string[] = [];

  const hasToken: Access['hasToken'] = ({ authorization }) => {
    const given = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    return given !== undefined && isSame(given, token);
  };
  const hasCookie = (cookie = ''): boolean =>
    cookie
      .split(';')
      .map((part) => part.trim().split('='))
      .some(([name, value]) => name === cookieName && isSame(value ?? '', session));

  return {
    token,
    newLinkToken() {
      const link = randomToken();
      openLinks = [...openLinks, link].slice(-maxOpenLinks);
      return link;
    },
    admits(linkToken) {
      if (isSame(linkToken, token)) return true;
      const spent = openLinks.filter((link) => isSame(linkToken, link));
      openLinks = openLinks.filter((link) => !spent.includes(link));
      return spent.length > 0;
    },
    setCookie: () => `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`,
    isAllowed: (headers) => hasToken(headers) || hasCookie(headers.cookie),
    hasToken,
  };
}
