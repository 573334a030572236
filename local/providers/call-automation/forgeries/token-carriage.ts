import { withHeaders, withQuery } from '../../forgery.ts';
import { forgery } from './call-forgery.ts';
import type { CallForgery } from './call-forgery.ts';

/** The right token, carried as no genuine request carries it. */
export const tokenCarriage: readonly CallForgery[] = [
  forgery('no-token', 'token-missing', (genuine) => withHeaders(genuine, () => [])),
  forgery('token-in-query', 'token-missing', (genuine) => {
    const [, token = ''] = genuine.request.headers.find(([name]) => name === 'authorization') ?? [];
    const bare = withHeaders(genuine, () => []);
    return withQuery({ ...genuine, request: bare }, (query) => query.set('access_token', token.slice(7)));
  }),
  forgery('token-bare', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [['authorization', token]]),
  ),
  forgery('token-basic', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [['authorization', `Basic ${token}`]]),
  ),
  forgery('token-empty', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, () => [['authorization', 'Bearer ']]),
  ),
  forgery('token-comma-joined', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [['authorization', `Bearer ${token},${token}`]]),
  ),
  forgery('token-comma-space-joined', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [['authorization', `Bearer ${token}, Bearer ${token}`]]),
  ),
  forgery('token-header-repeated', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [
      ['authorization', `Bearer ${token}`],
      ['authorization', `Bearer ${token}`],
    ]),
  ),
  forgery('token-behind-another-authorization', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [
      ['authorization', 'Basic cmluZzp3YXJk'],
      ['authentication', `Bearer ${token}`],
    ]),
  ),
  forgery('token-too-long', 'token-too-long', (genuine) =>
    withHeaders(genuine, (token) => [['authorization', `Bearer ${token}${'A'.repeat(8192)}`]]),
  ),
];
