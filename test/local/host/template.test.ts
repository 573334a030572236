import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../local/host/template.ts';

describe('a route template', () => {
  it.each<[string, string, Record<string, string> | undefined]>([
    ['api/name', '/api/name', {}],
    ['/api/name/', '/API/Name/', {}],
    ['api/name', '/api/name/more', undefined],
    ['api/name', '/api', undefined],
    ['api/name', '/api//name', undefined],
    ['', '/', {}],
    ['api/{kind}', '/api/archive', { kind: 'archive' }],
    ['api/{kind}', '/api/', undefined],
    ['api/{a}/x/{b}', '/api/1/X/2', { a: '1', b: '2' }],
    ['api/{kind?}', '/api', {}],
    ['api/{kind?}', '/api/sip', { kind: 'sip' }],
    ['api/{*rest}', '/api', {}],
    ['api/{*rest}', '/api/a/b', { rest: 'a/b' }],
    ['api/{**rest}', '/api/a', { rest: 'a' }],
    ['api/{n:int}', '/api/-12', { n: '-12' }],
    ['api/{n:int}', '/api/2147483648', undefined],
    ['api/{n:long}', '/api/2147483648', { n: '2147483648' }],
    ['products/{category:alpha}/{id:int?}', '/products/toys', { category: 'toys' }],
    ['products/{category:alpha}/{id:int?}', '/products/toys/7', { category: 'toys', id: '7' }],
    ['products/{category:alpha}/{id:int?}', '/products/t0ys/7', undefined],
    ['products/{category:alpha}/{id:int?}', '/products/toys/seven', undefined],
    ['api/{b:bool}', '/api/True', { b: 'True' }],
    [
      'api/{id:guid}',
      '/api/441f1200-0000-4000-8000-000000000000',
      { id: '441f1200-0000-4000-8000-000000000000' },
    ],
    ['api/{id:guid}', '/api/441f', undefined],
    ['api/kind', '/api/\u212Aind', undefined],
    ['api/{*rest}', '/api/a/', { rest: 'a/' }],
    ['api/name', '//api/name', undefined],
  ])('%j given %s finds %j', (template, path, params) => {
    expect(parseTemplate(template).match(path)).toEqual(params);
  });

  it.each([
    ['api/{a}/{A}', /occurs twice/],
    ['api/{*a}/b', /catch-all/],
    ['api/v{a}', /"v\{a\}" is none of \{name\}, \{name\?\} and \{\*name\}/],
    ['api/{a}.{b}', /is none of/],
    ['api/{}', /is none of/],
    ['api/{kind=all}', /is none of/],
    ['api/{a:}', /does not support the constraint ""/],
    ['api/{a:odd}', /does not support the constraint "odd", only alpha, bool, guid, int, long/],
    ['api/{a:min(3)}', /does not support the constraint "min\(3\)"/],
    ['api/{a:regex(^(b|c)$)}', /does not support the constraint "regex/],
  ])('%j is refused', (template, message) => {
    expect(() => parseTemplate(template)).toThrow(message);
  });

  it('has the shape of another that matches the same paths', () => {
    const shape = (template: string) => parseTemplate(template).shape;
    expect(shape('api/{a}')).toBe(shape('/API/{b}/'));
    expect(shape('api/{a}')).not.toBe(shape('api/{a:int}'));
    expect(shape('api/{a}')).not.toBe(shape('api/{a?}'));
    expect(shape('api/{a}')).not.toBe(shape('api/{*a}'));
  });
});
