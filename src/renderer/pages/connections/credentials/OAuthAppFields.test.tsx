import { MantineProvider } from '@mantine/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { sampleConnector } from '../../../testing/samples.ts';
import { OAuthAppFields } from './OAuthAppFields.tsx';

it('the fields of an OAuth app say where to find the values, what to allow, what to register and where to read on', () => {
  const connector = sampleConnector({ docsUrl: 'https://docs.example.test' });
  const method = {
    id: 'oauth',
    label: 'OAuth',
    interactive: true,
    fields: [],
    clientSecret: 'required',
    appHelp: { clientId: 'Setup, Consumer Key.', clientSecret: 'Setup, Consumer Secret.' },
    scopes: ['api', 'refresh_token'],
    redirectUris: ['http://127.0.0.1:42813/oauth/callback/salesforce'],
  } as const;
  const html = renderToStaticMarkup(
    <MantineProvider>
      <OAuthAppFields
        idOf={(control) => control}
        connector={connector}
        method={{ ...method, fields: [], scopes: [...method.scopes], redirectUris: [...method.redirectUris] }}
        app={undefined}
        clientId=""
        clientSecret=""
        errors={{}}
        onClientId={() => undefined}
        onClientSecret={() => undefined}
      />
    </MantineProvider>,
  );
  for (const words of [
    'Setup, Consumer Key.',
    'Setup, Consumer Secret.',
    'api refresh_token',
    method.redirectUris[0],
    'Documentation of Salesforce',
  ])
    expect(html).toContain(words);
});
