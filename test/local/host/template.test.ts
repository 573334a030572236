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
    ['api/{kind=all}', '/api', { kind: 'all' }],
    ['api/{kind=all}', '/api/one', { kind: 'one' }],
    ['api/{*rest}', '/api', {}],
    ['api/{*rest}', '/api/a/b', { rest: 'a/b' }],
    ['api/{**rest}', '/api/a', { rest: 'a' }],
    ['api/{n:int}', '/api/-12', { n: '-12' }],
    ['api/{n:int}', '/api/2147483648', undefined],
    ['api/{n:long}', '/api/2147483648', { n: '2147483648' }],
    ['api/{n:int:min(3):max(5)?}', '/api/6', undefined],
    ['api/{n:int:min(3):max(5)?}', '/api/4', { n: '4' }],
    ['api/{n:int:min(3):max(5)?}', '/api', {}],
    ['api/{n:range(3,5)}', '/api/5', { n: '5' }],
    ['api/{w:alpha:length(2,3)}', '/api/ab', { w: 'ab' }],
    ['api/{w:alpha:length(2,3)}', '/api/a1', undefined],
    ['api/{w:length(2)}', '/api/abc', undefined],
    ['api/{w:minlength(2):maxlength(3)}', '/api/abc', { w: 'abc' }],
    ['api/{b:bool}', '/api/True', { b: 'True' }],
    ['api/{d:decimal}', '/api/1.5', { d: '1.5' }],
    [
      'api/{id:guid}',
      '/api/441f1200-0000-4000-8000-000000000000',
      { id: '441f1200-0000-4000-8000-000000000000' },
    ],
    ['api/{id:guid}', '/api/441f', undefined],
    ['api/{k:regex(^(sip|a:b|c=d)$)}', '/api/SIP', { k: 'SIP' }],
    ['api/{k:regex(^(sip|a:b|c=d)$)}', '/api/a:b', { k: 'a:b' }],
    ['api/{k:regex(^(sip|a:b|c=d)$)}', '/api/else', undefined],
    ['api/{k:regex(^\\d{{2}}$)=10}', '/api/42', { k: '42' }],
    ['api/{k:regex(^\\d{{2}}$)=10}', '/api', { k: '10' }],
  ])('%j given %s finds %j', (template, path, params) => {
    expect(parseTemplate(template).match(path)).toEqual(params);
  });

  it.each([
    ['api/{a}/{A}', /occurs twice/],
    ['api/{*a}/b', /catch-all/],
    ['api/v{a}', /mixes text/],
    ['api/{a}.{b}', /mixes text/],
    ['api/{}', /malformed/],
    ['api/{a:}', /malformed/],
    ['api/{a:regex(})}', /mixes text|malformed/],
    ['api/{a:odd}', /"odd" is not one the local host knows/],
    ['api/{a:min(x)}', /"min\(x\)" is malformed/],
    ['api/{a:regex([)}', /malformed/],
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
