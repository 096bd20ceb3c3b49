import { describe, expect, test } from 'vitest';
import { CSP, SECURITY_HEADERS } from '../../protocol/carrier/csp.ts';

const directives = new Map(
  CSP.split('; ').map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)]),
);

describe('the content security policy (checklist 7)', () => {
  test('starts from nothing and allows our own scripts only', () => {
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('worker-src')).toEqual(["'self'"]);
    expect(directives.get('connect-src')).toEqual(["'self'"]);
  });

  test('closes what default-src does not cover', () => {
    for (const name of ['base-uri', 'form-action', 'frame-ancestors']) expect(directives.get(name)).toEqual(["'none'"]);
  });

  test('has no wildcard, no scheme but data: and blob: for pictures and fonts, no unsafe script', () => {
    const sources = [...directives].flatMap(([name, values]) => values.map((value) => `${name} ${value}`));
    expect(sources.filter((source) => /\*|https?:|unsafe-eval|strict-dynamic/.test(source))).toEqual([]);
    expect(sources.filter((source) => source.includes('unsafe'))).toEqual(["style-src 'unsafe-inline'"]);
    expect(sources.filter((source) => /data:|blob:/.test(source))).toEqual([
      'img-src data:',
      'img-src blob:',
      'font-src data:',
    ]);
  });

  test('goes with the other headers', () => {
    expect(SECURITY_HEADERS['content-security-policy']).toBe(CSP);
    expect(SECURITY_HEADERS['cross-origin-opener-policy']).toBe('same-origin');
  });
});
