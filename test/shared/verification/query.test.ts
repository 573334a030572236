import { HttpRequest } from '@azure/functions';
import { expect, test } from 'vitest';
import { queryValues } from '../../../shared/verification/query.ts';

const of = (query: string) => queryValues(new URL(`https://app.example/api/route${query}`), 'key');

test.each([
  ['', []],
  ['?', []],
  ['?other=1', []],
  ['?key', ['']],
  ['?key=', ['']],
  ['?key=a+b/c==', ['a+b/c==']],
  ['?key=a%2Bb%2Fc%3D%3D', ['a+b/c==']],
  ['?key=a%20b', ['a b']],
  ['?k%65y=a', ['a']],
  ['?key=%C3%A9', ['é']],
  ['?key=%zz', ['%zz']],
  ['?key=%ff', ['%ff']],
  ['?key=a&x=1&key=b', ['a', 'b']],
  ['?KEY=a', []],
])('the values of key in %j are %j', (query, values) => {
  expect(of(query)).toEqual(values);
});

test.each(['a+b/c==', 'a%2Bb%2Fc%3D%3D'])(
  'the library of Azure Functions leaves a query as it was sent: %s',
  (key) => {
    const url = `https://app.example/api/events/incoming-call?key=${key}&x=1`;
    const request = new HttpRequest({ method: 'POST', url });
    expect(new URL(request.url).search).toBe(`?key=${key}&x=1`);
    expect(queryValues(new URL(request.url), 'key')).toEqual(['a+b/c==']);
  },
);
